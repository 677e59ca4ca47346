"""The address of a page of the web interface, and a browser that shows it, where there is one."""

import os
import sys
import webbrowser
from http.client import HTTPConnection, HTTPException

from linkshot.cli.texts import say
from linkshot.config import Settings

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # compared, not bound
ASKED_S = 2.0
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
"""Variables that say where a browser can be shown: without one of them it would be a text browser
that takes the terminal over, or none."""


def address(settings: Settings, path: str) -> str:
    """Of a page: below the public address when that is known, else on this machine."""
    return f"{settings.public.url or _here(settings)}{path}"


def show(settings: Settings, url: str) -> str:
    """Opens the address; says in a sentence what was done, or why nothing."""
    if not settings.public.url and not _answers(settings):
        return say("open_nobody")
    return say("opened" if _has_screen() and webbrowser.open(url) else "open_yourself")


def _here(settings: Settings) -> str:
    host = ANY_ADDRESS.get(settings.host, settings.host)
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{bracketed}:{settings.port}{settings.public.base_path}"


def _answers(settings: Settings) -> bool:
    """Whether a linkshot answers on this machine's address."""
    host = ANY_ADDRESS.get(settings.host, settings.host)
    connection = HTTPConnection(host, settings.port, timeout=ASKED_S)
    try:
        connection.request("GET", "/api/v1/health")
        answer = connection.getresponse()
        return b'"status"' in answer.read(1000)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in SCREENS)
