"""Recognises a login form that a site shows in place of the page (pure)."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from linkshot.domain.model import Capture
from pipelines.soft_error import is_sign_in

MAX_CHARS = 500
"""Characters of a page that is little more than a form."""
MAX_LOGIN_CHARS = 1200
"""Same, where title or address say that it is a login."""
PASSWORD_FIELD = re.compile(r"<input\b[^>]*\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
LOGIN_WORDS = re.compile(
    r"\b(?:log ?in|log ?on|sign ?in|authenticate)\b|登录|登錄|登陆|登入|ログイン|サインイン",
    re.IGNORECASE,
)
LOGIN_PATH = re.compile(
    r"(?:^|[/._-])(?:log-?_?in|log-?_?on|sign-?_?in|passport|sso|oauth2?|auth|cas)(?:$|[/._-])",
    re.IGNORECASE,
)


def is_login_form(capture: Capture, text: str, asked: str) -> bool:
    """Whether the page is a login form, though the address `asked` for is not that of a login.

    Somebody who keeps the address of a login page means the form.
    """
    size = len(text.strip())
    if size > MAX_LOGIN_CHARS or _names_login(asked):
        return False
    if not _asks_for_password(capture):
        return is_sign_in(capture.title, text)
    named = LOGIN_WORDS.search(capture.title) is not None or _names_login(capture.final_url)
    return named or (size <= MAX_CHARS and LOGIN_WORDS.search(text) is not None)


def _names_login(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # Python refuses some addresses that browsers open
        return False
    host = (parts.hostname or "").partition(".")[0]
    return any(LOGIN_PATH.search(piece) for piece in (host, parts.path, parts.fragment))


def _asks_for_password(capture: Capture) -> bool:
    """Whether a password field is laid out; of a page without a layout, whether it has one."""
    documents: Any = capture.dom.get("documents") or ()
    if not documents:
        return PASSWORD_FIELD.search(capture.html) is not None
    strings: Any = capture.dom["strings"]
    return any(_has_laid_out_password(document, strings) for document in documents)


def _has_laid_out_password(document: dict[str, Any], strings: Sequence[str]) -> bool:
    attributes, names = document["nodes"].get("attributes", ()), document["nodes"]["nodeName"]
    for node in document["layout"]["nodeIndex"]:
        if node < len(attributes) and strings[names[node]].upper() == "INPUT":
            given = [strings[one] if one >= 0 else "" for one in attributes[node]]
            if (
                dict(zip(given[::2], given[1::2], strict=False)).get("type", "").lower()
                == "password"
            ):
                return True
    return False
