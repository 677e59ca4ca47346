"""Finds the browser, and defines the options of its launch and of its contexts."""

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from linkshot.domain.site_rules import Viewport
from linkshot.errors import ConfigError
from linkshot.system.config import Settings

logger = logging.getLogger(__name__)

EXECUTABLE_NAMES = ("chromium-headless-shell", "chromium")
"""Searched on PATH, after the configured one and Playwright's own."""

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

VIEWPORT = Viewport(width=1280, height=800)
"""Where no rule for the site says otherwise."""

PASSED_ENV = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_PATH")
"""The environment variables passed on to the browser: no keys, no passwords."""


def find_browser(settings: Settings) -> Path:
    """The Chromium to start: the configured one, Playwright's own, or the system's."""
    if settings.browser:
        return _configured(settings.browser)
    if own := _own_headless_shell():
        return own
    for name in EXECUTABLE_NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise ConfigError(
        "no Chromium was found; install one with `playwright install --only-shell chromium` or, on "
        "Debian, `apt-get install chromium-headless-shell`, or name one with LINKSHOT_BROWSER",
        field="browser",
    )


def _configured(browser: str) -> Path:
    found = shutil.which(browser)
    if found is None:
        raise ConfigError(
            f"LINKSHOT_BROWSER names {browser}, which is not an executable program",
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
    """Where Playwright puts its downloads, by its own rule."""
    given = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if given and given != "0":
        return Path(given)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


def sandbox_available() -> bool:
    """Whether Chromium's sandbox can be on: everywhere but as root, where it refuses to start."""
    return not (hasattr(os, "geteuid") and os.geteuid() == 0)


def launch_options(settings: Settings, proxy: str) -> dict[str, Any]:
    """Arguments for Playwright's `launch`; all traffic goes to `proxy`, loopback included.

    Signals are ours to handle: Playwright would close the browser before its visits are returned.
    """
    if not sandbox_available():
        logger.warning(
            "The browser runs without its sandbox, because linkshot runs as root; use another user"
        )
    return {
        "executable_path": str(find_browser(settings)),
        "headless": True,
        "chromium_sandbox": sandbox_available(),
        "args": list(ARGUMENTS),
        "proxy": {"server": proxy},
        "env": {name: os.environ[name] for name in PASSED_ENV if name in os.environ},
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "timeout": 30_000,
    }


def context_options(
    settings: Settings,
    user_agent: str,
    *,
    any_certificate: bool,
    scripts: bool = True,
    viewport: Viewport = VIEWPORT,
) -> dict[str, Any]:
    """Arguments for a fresh context: nothing granted, nothing kept, nothing downloaded."""
    return {
        "service_workers": "block",
        "accept_downloads": False,
        "permissions": [],
        "bypass_csp": False,
        "viewport": {"width": viewport.width, "height": viewport.height},
        "reduced_motion": "reduce",
        "ignore_https_errors": any_certificate,
        "java_script_enabled": scripts,
        "user_agent": settings.user_agent or user_agent,
    }
