"""Installs a browser and Chinese fonts on a fresh machine: Debian's packages, else Playwright's build."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from linkshot.errors import ConfigError
from linkshot.system.config import Settings

PACKAGES = (
    "chromium-headless-shell",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
    "fonts-liberation",
)
FONT_PROBES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
)


def ensure_browser(settings: Settings, say: Callable[[str], None]) -> Path:
    """The browser to use, installed first when there is none.

    Debian's packages where apt and root are available, else Playwright's own download; ConfigError
    with what a person can do when neither works. Fonts come along with the packages.
    """
    found = _find(settings)
    if found and (has_cjk_font() or not _can_apt()):
        return found
    if _can_apt():
        say("Installing a browser and fonts: " + " ".join(PACKAGES))
        _apt()
    elif not found:
        say("Downloading Playwright's headless browser")
        command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
        # stdout is for the result of the command
        subprocess.run(command, stdout=sys.stderr, check=False)
    if browser := _find(settings):
        return browser
    raise ConfigError(
        "no browser could be installed. On Debian or Ubuntu: sudo apt-get install "
        f"{' '.join(PACKAGES)}; elsewhere: python -m playwright install --only-shell chromium; "
        "or set LINKSHOT_BROWSER to the path of a Chromium",
        field="browser",
    )


def _find(settings: Settings) -> Path | None:
    from crawler.browser.launch import find_browser

    try:
        return find_browser(settings)
    except ConfigError:
        return None


def has_cjk_font() -> bool:
    """Whether a font with Chinese characters is installed."""
    if any(Path(probe).exists() for probe in FONT_PROBES):
        return True
    if not shutil.which("fc-list"):
        return False
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
    return bool(found.stdout.strip())


def _can_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt() -> None:
    quiet = ["-qq", "-o=Dpkg::Use-Pty=0"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", *quiet],
        ["apt-get", "install", "-y", "--no-install-recommends", *quiet, *PACKAGES],
    )
    for command in commands:
        subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False)
