"""What does `doctor` look at?"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from linkshot import disk, locks
from linkshot.app import App
from linkshot.config import Settings
from linkshot.errors import LinkshotError
from linkshot.part_urls import SCHEMES
from linkshot.wiring import open_app

LITTLE = 5_000_000_000
USER_NAMESPACES = {
    "/proc/sys/user/max_user_namespaces": "0",
    "/proc/sys/kernel/unprivileged_userns_clone": "0",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
}
"""Switch → the value that takes the sandbox away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line."""

    what: str
    status: str
    """ok, warn or fail."""
    detail: str


def examine(settings: Settings) -> list[Check]:
    """Everything that must be there for linkshot to work."""
    return [
        Check(
            what="python", status="ok", detail=f"{platform.python_version()} at {sys.executable}"
        ),
        _browser(settings),
        _sandbox(),
        _fonts(),
        _disk(settings),
        *_parts(settings),
        *_roles(settings),
        _networks(settings),
    ]


def _browser(settings: Settings) -> Check:
    from crawler.browser import find_browser

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
    if (switch := _forbidden_by()) is not None:
        return Check(
            what="sandbox",
            status="warn",
            detail=f"{switch} forbids ordinary users the namespaces that it needs",
        )
    return Check(what="sandbox", status="ok", detail="on")


def _forbidden_by() -> str | None:
    """The kernel switch that keeps Chromium from building its sandbox, if one does."""
    for switch, bad in USER_NAMESPACES.items():
        with suppress(OSError):
            if Path(switch).read_text("ascii").strip() == bad:
                return switch
    return None


def _fonts() -> Check:
    from crawler.browser_install import fonts_there

    if fonts_there():
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
    if wrong := disk.forbidden(settings.data):
        return Check(what="data", status="fail", detail=wrong)
    if free < settings.disk_floor_bytes:
        return Check(
            what="data", status="fail", detail=f"{detail}: too little, no visits are started"
        )
    return Check(what="data", status="warn" if free < LITTLE else "ok", detail=detail)


def _parts(settings: Settings) -> Iterator[Check]:
    from linkshot.cli.masking import masked

    app = open_app(settings)
    for part in SCHEMES:
        where = masked(part, settings.url_of(part))
        try:
            _look(app, part)
            yield Check(what=part, status="ok", detail=where)
        except (LinkshotError, OSError) as exc:
            yield Check(what=part, status="fail", detail=f"{where}: {exc}")
    app.close()


def _look(app: App, part: str) -> None:
    """The smallest thing that shows that a part answers."""
    if part == "catalogue":
        with app.catalogue.read():
            return
    if part == "queue":
        app.queue.backlog("linkshot.requests", "crawl")
    elif part == "store":
        app.store.stat("linkshot.json")
    else:
        app.index.count()


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
