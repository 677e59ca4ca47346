"""Determines the URL of a web page and opens it in a browser, when there is one.

A running web interface records its address for the data folder, because it may have had to take another
port than the configured one. Without a record the configured address is used, if its port was set
explicitly or the web interface belongs to a cluster.
"""

import os
import sys
import webbrowser
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from linkshot.cli.user_texts import message
from linkshot.system import locks
from linkshot.system.config import Settings

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # compared, not bound
TIMEOUT_S = 2.0
DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
"""Variables that say where a browser can be shown: without one of them it would be a text browser
that takes the terminal over, or none."""


def page_url(settings: Settings, path: str) -> str:
    """Of a page: below the public address when that is known, else on this machine."""
    return f"{settings.public.url or _local_url(settings)}{path}"


def open_browser(settings: Settings, url: str) -> str:
    """Opens the address; says in a sentence what was done, or why nothing."""
    if not settings.public.url and not _is_running(settings):
        return message("open_nobody")
    has_display = sys.platform in ("darwin", "win32") or any(map(os.environ.get, DISPLAY_VARIABLES))
    return message("opened" if has_display and webbrowser.open(url) else "open_yourself")


def _local_url(settings: Settings) -> str:
    noted = locks.web_address(settings)
    if noted is not None:
        return noted.rstrip("/")
    host = ANY_ADDRESS.get(settings.host, settings.host)
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{bracketed}:{settings.port}{settings.public.base_path}"


def _is_running(settings: Settings) -> bool:
    """Whether our web interface answers. What answers on the usual port may be the one of another
    data folder, because of which ours would have taken the next port: only a note tells."""
    noted = locks.web_address(settings)
    if noted is None and "port" not in settings.given and settings.is_embedded("queue"):
        return False
    return _answers(_local_url(settings))


def _answers(address: str) -> bool:
    """Whether a linkshot answers there."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/api/v1/health")
        answer = connection.getresponse()
        return b'"status"' in answer.read(1000)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
