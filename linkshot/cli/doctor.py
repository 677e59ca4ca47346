"""Diagnoses of `doctor`: browser, fonts, disk, keys, backends, roles, networks.

Backends are checked by linkshot.maintenance.health, as the API and the jobs page check them.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from linkshot.app import App
from linkshot.domain.cookie_sealing import key_id
from linkshot.domain.signatures import Signer, fingerprint
from linkshot.errors import ConfigError, LinkshotError
from linkshot.system import disk, locks
from linkshot.system.config import Settings
from linkshot.system.cookie_key import key_file as cookie_key_file
from linkshot.system.cookie_key import load_private_key
from linkshot.system.signing_key import key_file, load_signing_key
from linkshot.system.trusted_roots import trusted_roots
from linkshot.wiring import open_app

LOW_DISK_BYTES = 5_000_000_000
TIMEOUT_S = 10.0
"""Timeout of a backend check; longer than for programs, so that the cause is reported rather than a timeout."""
WARNINGS = ("store.damaged", "queue.topics_missing")
"""Problems that need attention while linkshot keeps working."""
USER_NAMESPACES = {
    "/proc/sys/user/max_user_namespaces": "0",
    "/proc/sys/kernel/unprivileged_userns_clone": "0",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
}
"""Kernel switch → the value that prevents the sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line."""

    what: str
    status: str
    """ok, warn or fail."""
    detail: str


def run_checks(settings: Settings) -> list[Check]:
    """Runs every check."""
    return [
        Check(
            what="python", status="ok", detail=f"{platform.python_version()} at {sys.executable}"
        ),
        _browser(settings),
        _sandbox(),
        _fonts(),
        _disk(settings),
        _signing(settings),
        _cookies(settings),
        *_servers(settings),
        _networks(settings),
    ]


def _browser(settings: Settings) -> Check:
    from crawler.browser.launch import find_browser

    try:
        path = find_browser(settings)
        said = subprocess.run(
            [str(path), "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except LinkshotError as exc:
        return Check(
            what="browser", status="fail", detail=f"{exc.message} (linkshot init installs one)"
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return Check(what="browser", status="fail", detail=f"it does not start: {exc}")
    return Check(what="browser", status="ok", detail=f"{path} {said.stdout.strip()}")


def _sandbox() -> Check:
    if os.geteuid() == 0:
        return Check(
            what="sandbox",
            status="warn",
            detail="off, because this runs as root; use an ordinary user outside containers",
        )
    if (switch := _blocking_switch()) is not None:
        return Check(
            what="sandbox",
            status="warn",
            detail=f"{switch} forbids ordinary users the namespaces that it needs",
        )
    return Check(what="sandbox", status="ok", detail="on")


def _blocking_switch() -> str | None:
    """The kernel switch that prevents Chromium's sandbox, if any."""
    for switch, bad in USER_NAMESPACES.items():
        with suppress(OSError):
            if Path(switch).read_text("ascii").strip() == bad:
                return switch
    return None


def _fonts() -> Check:
    from crawler.browser.install import has_cjk_font

    if has_cjk_font():
        return Check(what="fonts", status="ok", detail="Chinese can be shown in screenshots")
    return Check(
        what="fonts",
        status="warn",
        detail="no Chinese font: install fonts-noto-cjk, or screenshots show boxes",
    )


def _disk(settings: Settings) -> Check:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        return Check(
            what="data", status="fail", detail=f"{settings.data} cannot be made: {exc.strerror}"
        )
    free = shutil.disk_usage(settings.data).free
    detail = f"{settings.data}, {free / 1e9:.1f} GB free"
    if wrong := disk.permission_problem(settings.data):
        return Check(what="data", status="fail", detail=wrong)
    if not settings.is_embedded("catalogue"):
        return Check(what="data", status="ok", detail=f"{detail}; everything lies on servers")
    floor = settings.disk_floor_bytes if settings.is_embedded("store") else 0
    if free < floor:
        said = f"{detail}: less than {floor / 1e9:g} GB (disk_floor_bytes), no visits are started"
        return Check(what="data", status="fail", detail=said)
    return Check(what="data", status="warn" if free < LOW_DISK_BYTES else "ok", detail=detail)


def _signing(settings: Settings) -> Check:
    """The key by which snapshots made here are signed; one that is made later is not made now."""
    path = key_file(settings)
    if not settings.signing_key and not path.exists():
        said = f"{path} is made with the first snapshot"
        return Check(what="signing", status="ok", detail=said)
    try:
        trusted_roots(settings)
        key = Signer(load_signing_key(settings), "").public_key()
    except ConfigError as exc:
        return Check(what="signing", status="warn", detail=exc.message)
    return Check(what="signing", status="ok", detail=f"key {fingerprint(key)} in {path}")


def _cookies(settings: Settings) -> Check:
    """The key of cookies, where one is given or was made; a worker without it opens none."""
    path = cookie_key_file(settings)
    made = path is not None and (path.exists() or settings.cookie_key_file)
    if not settings.cookie_key and not made:
        public = " (only the public one is set)" if settings.cookie_public_key else ""
        return Check(what="cookies", status="ok", detail=f"no private key here{public}")
    try:
        key = load_private_key(settings)
    except ConfigError as exc:
        return Check(what="cookies", status="warn", detail=exc.message)
    where = "the setting cookie_key" if settings.cookie_key else path
    return Check(what="cookies", status="ok", detail=f"key {key_id(key.public_key())} in {where}")


def _servers(settings: Settings) -> Iterator[Check]:
    app = open_app(settings)
    try:
        yield from _parts(app)
        yield from _roles(settings) if settings.is_embedded("queue") else _members(app)
    finally:
        app.close()


def _parts(app: App) -> Iterator[Check]:
    from linkshot.cli.masking import masked
    from linkshot.maintenance.health import OK, Health

    for one in Health(app, timeout_s=TIMEOUT_S).report().parts:
        where = masked(one.part, app.settings.url_of(one.part))
        if one.code == OK:
            yield Check(what=one.part, status="ok", detail=where)
        else:
            status = "warn" if one.code in WARNINGS else "fail"
            yield Check(what=one.part, status=status, detail=f"{where}: {one.detail}")


def _members(app: App) -> Iterator[Check]:
    """Roles on any machine: a running role is a member of its consumer group."""
    from linkshot.use_cases.running_roles import Liveness

    liveness = Liveness(app.settings, lambda: app.queue, lambda: app.store, wait_s=TIMEOUT_S)
    for role in locks.ROLES:
        members = liveness.members(role)
        status, said = "ok", f"{members} running"
        if members is None:
            status, said = "warn", "not known: the queue does not answer"
        elif not members:
            status, said = "warn", f"nobody; start `linkshot {role}`"
        yield Check(what=f"{role} role", status=status, detail=said)


def _roles(settings: Settings) -> Iterator[Check]:
    for role in locks.ROLES:
        try:
            pid = locks.holder(settings, role)
        except LinkshotError as exc:
            yield Check(what=f"{role} role", status="fail", detail=exc.message)
            continue
        yield Check(
            what=f"{role} role",
            status="ok",
            detail=f"process {pid}" if pid else "nobody (linkshot up does it)",
        )


def _networks(settings: Settings) -> Check:
    if settings.allow_networks:
        named = ", ".join(settings.allow_networks)
        return Check(
            what="networks", status="warn", detail=f"pages may reach the private networks {named}"
        )
    return Check(what="networks", status="ok", detail="pages reach public addresses only")
