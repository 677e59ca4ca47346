"""Which browser is used, and how is it started?"""

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from linkshot.errors import ConfigError
from linkshot.system.config import Settings

logger = logging.getLogger(__name__)

NAMES = ("chromium-headless-shell", "chromium")
"""Looked for on PATH, after the one given and Playwright's own."""

ARGUMENTS = (
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # one process per page: every frame's text and every exchange are in reach of one session
    "--disable-site-isolation-trials",
    "--disable-lazy-loading",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
    # a page that opens hundreds of windows gets none
    "--block-new-web-contents",
    # the same pixels on every machine
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    # names are resolved by the egress proxy only; 127.0.0.1 is the proxy itself
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

VIEWPORT = {"width": 1280, "height": 800}

KEPT_ENV = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_PATH")
"""All that the browser gets of our environment: no keys, no passwords."""


def find_browser(settings: Settings) -> Path:
    """The Chromium to start: the one given, Playwright's own, or the system's."""
    if settings.browser:
        return _given(settings.browser)
    if own := _own_headless_shell():
        return own
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise ConfigError(
        "no Chromium was found; install one with `playwright install --only-shell chromium` or, on "
        "Debian, `apt-get install chromium-headless-shell`, or name one with LINKSHOT_BROWSER",
        field="browser",
    )


def _given(browser: str) -> Path:
    found = shutil.which(browser)
    if found is None:
        raise ConfigError(
            f"LINKSHOT_BROWSER names {browser}, which is no program that can be started",
            field="browser",
        )
    return Path(found)


def _own_headless_shell() -> Path | None:
    """Playwright's headless shell, newest first, where its installer puts it."""
    for folder in sorted(_browsers_folder().glob("chromium_headless_shell-*"), reverse=True):
        for name in ("headless_shell", "chrome-headless-shell", "chrome-headless-shell.exe"):
            for found in folder.glob(f"*/{name}"):
                if os.access(found, os.X_OK):
                    return found
    return None


def _browsers_folder() -> Path:
    """Playwright's own rule for its downloads."""
    given = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if given and given != "0":
        return Path(given)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


def sandboxed() -> bool:
    """Whether Chromium's sandbox can be on: everywhere but as root, where it refuses to start."""
    return not (hasattr(os, "geteuid") and os.geteuid() == 0)


def launch_options(settings: Settings, proxy: str) -> dict[str, Any]:
    """Arguments for Playwright's `launch`; all traffic goes to `proxy`, loopback included."""
    if not sandboxed():
        logger.warning(
            "The browser runs without its sandbox, because linkshot runs as root; use another user"
        )
    return {
        "executable_path": str(find_browser(settings)),
        "headless": True,
        "chromium_sandbox": sandboxed(),
        "args": list(ARGUMENTS),
        "proxy": {"server": proxy},
        "env": {name: os.environ[name] for name in KEPT_ENV if name in os.environ},
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "timeout": 30_000,
    }


def context_options(
    settings: Settings, user_agent: str, *, any_certificate: bool
) -> dict[str, Any]:
    """Arguments for a fresh context: nothing granted, nothing kept, nothing downloaded."""
    return {
        "service_workers": "block",
        "accept_downloads": False,
        "permissions": [],
        "bypass_csp": False,
        "viewport": VIEWPORT,
        "reduced_motion": "reduce",
        "ignore_https_errors": any_certificate,
        "user_agent": settings.user_agent or user_agent,
    }
