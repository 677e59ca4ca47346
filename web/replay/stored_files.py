"""Serves stored artifacts; the only place where stored bytes leave for a browser.

A damaged artifact is answered with 502 before any byte is sent: a whole file is verified as it is read,
a range after the whole file was verified. If the store fails later the connection is aborted, so that
the client does not take a part for the whole.

The Content-Security-Policy sandboxes each response: no scripts, no requests, no access to our origin,
whether it is opened in a frame or by itself.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Lock
from typing import Annotated
from urllib.parse import quote

from cachetools import TTLCache
from fastapi import Depends, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from linkshot.app import App
from linkshot.domain.download_names import download_name
from linkshot.domain.media_sniffing import image_type
from linkshot.domain.model import Artifact, Role, Snapshot
from linkshot.errors import Damaged, InvalidInput, NotFound, Unavailable
from linkshot.use_cases import damaged_objects, snapshots
from web.deps import AppDep

SNAPSHOT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""UUIDv7 (RFC 9562 §5.7)."""
SANDBOX_CSP = (
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; "
    "style-src 'unsafe-inline' data:; font-src data:; media-src data: blob:; frame-src data:; "
    "frame-ancestors 'self'"
)
DIGEST = re.compile(r"[0-9a-f]{64}")
IMMUTABLE = "private, max-age=31536000, immutable"
ICONS = {True: ("image/webp", "icon.webp"), False: ("image/svg+xml", "icon.svg")}
"""What pipelines/icon.py keeps, by whether it is a bitmap."""
HEADERS = {
    "Content-Security-Policy": SANDBOX_CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-site",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
    "Accept-Ranges": "bytes",
}
INLINE = {
    Role.HTML: {"text/html"},
    Role.READER: {"text/html", "text/markdown"},
    Role.TEXT: {"text/plain"},
    Role.META: {"application/json"},
    Role.SCREENSHOT: {"image/webp", "image/png", "image/jpeg"},
    Role.THUMBNAIL: {"image/webp", "image/png", "image/jpeg"},
    Role.MOBILE: {"image/webp"},
    Role.ICON: {"image/webp"},
    Role.ORIGINAL: {
        "text/html", "text/plain", "application/json",
        "image/webp", "image/png", "image/jpeg", "image/gif", "image/avif",
    },
}  # fmt: skip
"""Media types that are shown inline by role; everything else is a download."""
DOWNLOADS = {"application/pdf", "application/zip"}
"""Downloads that keep their type (browsers show no PDF inside a sandbox)."""
TEXTS = {"text/html", "text/plain", "text/markdown", "application/json"}
ORIGINAL_TEXT = {"text/html", "application/json", "text/plain"}
"""Of an original these are shown as plain text: its charset and markup are anybody's."""
CHUNK = 1024 * 1024
READ_WHOLE = 4 * CHUNK
"""Files up to this many bytes are verified in memory and read once; larger ones are read twice."""
VERIFIED_S, VERIFIED_MAX = 300.0, 1000
"""How long, in seconds, and for how many files a verification is remembered."""
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class StoredResponse(StreamingResponse):
    """Stored bytes with the sandbox policy."""

    def __init__(
        self,
        app: App,
        artifact: Artifact,
        checked: "VerifiedCache",
        *,
        spans: str | None,
        known: str,
        name: str,
        download: bool = False,
    ) -> None:
        """`name` is that of the file when it is saved."""
        content = _content_headers(artifact, name, download)
        headers = HEADERS | {"ETag": f'"{artifact.sha256}"'} | content
        span = None if spans is None else parse_range(spans, artifact.bytes)
        if known == "*" or f'"{artifact.sha256}"' in known[:4096]:
            super().__init__(iter(()), 304, headers)
            return
        start, stop = span or (0, artifact.bytes)
        if span:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{artifact.bytes}"
        headers["Content-Length"] = str(stop - start)
        body: Iterator[bytes]
        if span is None and artifact.bytes <= READ_WHOLE:
            body = iter((snapshots.read(app, artifact),))
        else:
            # what is sent in pieces is verified before the first: a status cannot be taken back
            checked.check(app, artifact)
            body = _chunks(app, artifact, start, stop)
        super().__init__(body, 206 if span else 200, headers)


class VerifiedCache:
    """Remembers which artifacts were verified whole within VERIFIED_S."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._verified: TTLCache[str, None] = TTLCache(VERIFIED_MAX, VERIFIED_S, clock)
        self._lock = Lock()  # requests are answered in several threads

    def check(self, app: App, artifact: Artifact) -> None:
        """Damaged unless it is whole; not read again within VERIFIED_S."""
        with self._lock:
            if artifact.sha256 in self._verified:
                return
        snapshots.check(app, artifact)
        with self._lock:
            self._verified[artifact.sha256] = None


def stored(
    request: Request,
    app: AppDep,
    snapshot_id: str,
    role: str,
    range_: Annotated[str | None, Header(alias="Range")] = None,
    if_none_match: Annotated[str, Header()] = "",
    name: Annotated[
        str | None, Query(description="Of several with one role, the one named so")
    ] = None,
    download: bool = False,
) -> Response:
    """FastAPI dependency: the response with the artifact of this role."""
    snapshot, artifact = artifact_of(app, snapshot_id, role, name)
    try:
        return StoredResponse(
            app,
            artifact,
            request.app.state.checked,
            spans=range_,
            known=if_none_match,
            name=name_of(snapshot, artifact),
            download=download,
        )
    except Damaged as exc:
        record_damage(app, snapshot.link_id, artifact, exc)
        raise


StoredDep = Annotated[Response, Depends(stored)]


def name_of(snapshot: Snapshot, artifact: Artifact) -> str:
    """The file's name when it is saved."""
    at = snapshot.taken_at or snapshot.finished_at
    return download_name(snapshot.title or "", at, artifact.name)


def artifact_of(
    app: App, snapshot_id: str, role: str, name: str | None = None
) -> tuple[Snapshot, Artifact]:
    """The snapshot and its artifact; unknown, deleted and badly written ids are all the same NotFound."""
    nothing = NotFound("There is no such stored file.", code="artifact.not_found")
    if not SNAPSHOT_ID.fullmatch(snapshot_id) or role not in {item.value for item in Role}:
        raise nothing
    try:
        snapshot = snapshots.get(app, None, snapshot_id)
    except NotFound:
        raise nothing from None
    for artifact in snapshot.artifacts:
        if artifact.role.value == role and name in (None, artifact.name):
            return snapshot, artifact
    raise nothing


def icon(app: AppDep, digest: str, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The icon with this sha256, for ever the same. As a picture it is shown; opened by itself it is
    a download, so that an SVG is never a document."""
    if not DIGEST.fullmatch(digest):
        raise NotFound("There is no such icon.", code="artifact.not_found")
    headers = HEADERS | {"Cache-Control": IMMUTABLE, "ETag": f'"{digest}"', "Accept-Ranges": "none"}
    if f'"{digest}"' in if_none_match[:4096]:
        return Response(status_code=304, headers=headers)
    data = snapshots.icon(app, digest)
    kind, name = ICONS[image_type(data) == "image/webp"]
    shown = {"Content-Type": kind, "Content-Disposition": content_disposition(name)}
    return Response(data, headers=headers | shown)


IconDep = Annotated[Response, Depends(icon)]


def parse_range(spans: str, size: int) -> tuple[int, int] | None:
    """[start, stop) of a Range header with one span; None = the whole body is sent (RFC 9110 §14.2).

    Several spans and other units are answered whole, with no work done for them.
    """
    match = RANGE.fullmatch(spans[:64]) if len(spans) <= 64 else None
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < int(first):
            return None
    if start >= stop:
        raise InvalidInput(f"This file has {size} bytes.", code="range", field="Range")
    return start, stop


def content_disposition(name: str) -> str:
    """Content-Disposition of a download (RFC 6266, names by RFC 8187)."""
    clean = "".join(char for char in name if char.isprintable()).strip() or "file"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", clean)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def _content_headers(artifact: Artifact, name: str, download: bool) -> dict[str, str]:
    media_type = artifact.media_type.partition(";")[0].strip().lower()
    inline = media_type in INLINE.get(artifact.role, ())
    if not inline:
        kind = media_type if media_type in DOWNLOADS else "application/octet-stream"
        return {"Content-Type": kind, "Content-Disposition": content_disposition(name)}
    if artifact.role is Role.ORIGINAL and media_type in ORIGINAL_TEXT:
        media_type = "text/plain"
    suffix = "; charset=utf-8" if media_type in TEXTS else ""
    shown = {"Content-Type": media_type + suffix}
    return shown | ({"Content-Disposition": content_disposition(name)} if download else {})


def record_damage(app: App, link_id: str, artifact: Artifact, found: Damaged) -> None:
    """Records the damage, so that `verify`, health and the link's page report it."""
    role = artifact.role.value
    seen = damaged_objects.CheckedObject(
        link_id=link_id, key=artifact.key, role=role, fault=found.fault
    )
    with suppress(Unavailable):
        damaged_objects.record_checked(app, [seen])


def _chunks(app: App, artifact: Artifact, start: int, stop: int) -> Iterator[bytes]:
    """A range in chunks. The first is read at once, so that an unavailable store is a clean error."""
    stored = snapshots.open_reader(app, artifact)
    stored.seek(start)

    def read_chunk(place: int) -> bytes:
        piece = stored.read(min(CHUNK, stop - place))
        if not piece:
            raise Damaged(f"{artifact.name} ends early in the store.", fault="size")
        return piece

    first = read_chunk(start)

    def rest() -> Iterator[bytes]:
        with stored:
            yield first
            place = start + len(first)
            while place < stop:
                piece = read_chunk(place)
                yield piece
                place += len(piece)

    return rest()
