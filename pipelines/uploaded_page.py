"""Reads an uploaded page (HTML or MHTML) without a browser (pure). Runs in the sandbox process.

Nothing of it is executed or fetched. What comes out is what a visit would have brought: the document, its
style sheets, its pictures and fonts.
"""

import base64
import email
import email.message
import email.policy
import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser

from pipelines import charset
from pipelines.page_html.sanitize_page import absolute_url
from pipelines.shadow_roots import open_shadow_roots

MHTML, MHTML_NAME = "multipart/related", "page.mhtml"
MAX_PARTS = 5000
HTML_PARTS = ("text/html", "application/xhtml+xml")
INLINED = ("image/", "font/", "application/font", "application/x-font", "application/vnd.ms-font")
"""Beginnings of the media types that page.html shows."""
DATA_ICON = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*;base64,([A-Za-z0-9+/=\s]+)")
MAX_ICON = 500_000
"""Characters of an icon's data: address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedPage:
    """What an upload holds."""

    html: str = ""
    """The main document; empty: there is none."""
    title: str = ""
    styles: dict[str, str] = field(default_factory=dict)
    """Address → CSS."""
    parts: dict[str, str] = field(default_factory=dict)
    """Address → data: address of pictures and fonts."""
    missing: int = 0
    """Pictures and style sheets that the document names and the upload lacks."""
    frames: int = 0
    """Frames, whose documents are not kept."""
    icon: bytes = b""


def read_upload(data: bytes, media_type: str, url: str) -> UploadedPage:
    """The page in an upload; without `html` when it cannot be read."""
    if media_type == MHTML:
        return _read_mhtml(data, url)
    return _page(decode_saved(data), url, {}, {})


def decode_saved(data: bytes, content_type: str = "") -> str:
    """The text of a saved document.

    Programs that save pages write UTF-8 and often leave the page's own declaration as it was, so where
    the declared charset does not fit, UTF-8 is tried, then what the bytes look like.
    """
    text = charset.decode(data, content_type)
    if "\ufffd" not in text:
        return text
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        guessed = charset.decode_undeclared(data)
        return min(text, guessed, key=lambda one: one.count("\ufffd"))


def _read_mhtml(data: bytes, url: str) -> UploadedPage:
    """The root document and what belongs to it (RFC 2557)."""
    # the newer policies raise on headers that are broken in ways they do not expect
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    leaves = [part for part in message.walk() if not part.is_multipart()][:MAX_PARTS]
    root = _root(message, leaves)
    if root is None:
        return UploadedPage()
    base = _location(root, url) or url
    styles: dict[str, str] = {}
    parts: dict[str, str] = {}
    for leaf in leaves:
        if leaf is root:
            continue
        kind, body = leaf.get_content_type(), _body(leaf)
        for address in _addresses(leaf, base):
            if kind == "text/css":
                styles.setdefault(address, decode_saved(body, str(leaf.get("Content-Type", ""))))
            elif kind.startswith(INLINED):
                encoded = base64.b64encode(body).decode("ascii")
                parts.setdefault(address, f"data:{kind};base64,{encoded}")
    text = decode_saved(_body(root), str(root.get("Content-Type", "")))
    return _page(text, base, styles, parts)


def _root(
    message: email.message.Message, leaves: list[email.message.Message]
) -> email.message.Message | None:
    """The part that `start` names, else the first document (RFC 2387 §3.2)."""
    start = str(message.get_param("start") or "").strip()
    documents = [leaf for leaf in leaves if leaf.get_content_type() in HTML_PARTS]
    named = (leaf for leaf in documents if start and leaf.get("Content-ID", "").strip() == start)
    return next(named, documents[0] if documents else None)


def _body(part: email.message.Message) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def _addresses(part: email.message.Message, base: str) -> list[str]:
    """By which the document may name the part: its location and its id (RFC 2392)."""
    content_id = str(part.get("Content-ID", "")).strip().strip("<>")
    found = [_location(part, base), f"cid:{content_id}" if content_id else ""]
    return [address.partition("#")[0] for address in found if address]


def _location(part: email.message.Message, base: str) -> str:
    given = "".join(str(part.get("Content-Location", "")).split())
    return absolute_url(base, given) if given else ""


def _page(html: str, base: str, styles: dict[str, str], parts: dict[str, str]) -> UploadedPage:
    tree = LexborHTMLParser(open_shadow_roots(html))
    title = tree.css_first("title")
    named = {
        *(node.attributes.get("src") or "" for node in tree.css("img[src]")),
        *(node.attributes.get("href") or "" for node in tree.css('link[rel~="stylesheet"][href]')),
    }
    lacking = {
        address
        for address in named
        if not address.strip().startswith(("data:", "blob:", "#"))
        and absolute_url(base, address).partition("#")[0] not in styles.keys() | parts.keys()
    }
    return UploadedPage(
        html=html,
        title=title.text(strip=True) if title is not None else "",
        styles=styles,
        parts=parts,
        missing=len(lacking - {""}),
        frames=len(tree.css("iframe[src], iframe[srcdoc], frame[src]")),
        icon=_icon(tree),
    )


def _icon(tree: LexborHTMLParser) -> bytes:
    for node in tree.css('link[rel~="icon"][href]')[:10]:
        found = DATA_ICON.fullmatch((node.attributes.get("href") or "")[:MAX_ICON].strip())
        if found:
            try:
                return base64.b64decode(found[1])
            except ValueError:
                continue
    return b""
