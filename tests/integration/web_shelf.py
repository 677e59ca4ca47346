"""A link with a snapshot, made through the use cases as dispatch and the pipelines make it."""

import hashlib
import io
from collections.abc import Container
from datetime import UTC, datetime

from PIL import Image
from uuid_utils import uuid7

from linkshot.app import App
from linkshot.dispatch.results import apply_result
from linkshot.domain.fidelity import Fidelity
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import (
    Artifact,
    Change,
    ChangeKind,
    Failure,
    Hop,
    Link,
    NewLink,
    Outcome,
    Quality,
    Reason,
    Role,
)
from linkshot.domain.storage_layout import blob_key, manifest_key
from linkshot.use_cases import links

WHEN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
URL = "https://example.com/文章"
TITLE = "机器学习编译器走向统一"
TEXT = f"{TITLE}\n通过创建统一的编译器，可以加速开发。\nSecond paragraph."
EVIL = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
HTML = f"<!doctype html><meta charset=utf-8><title>{TITLE}</title><h1>{TITLE}</h1>{EVIL}"
READER = f"<html><body><h1>{TITLE}</h1><p>通过创建统一的<b>编译器</b>。</p>{EVIL}</body></html>"


def kept_link(app: App, url: str = URL, *tags: str) -> Link:
    """A link without a snapshot."""
    return links.add(app, NewLink(url=url, tags=tags)).link


def stored_snapshot(
    app: App,
    link: Link,
    title: str = TITLE,
    html: str = HTML,
    icon: bytes | None = None,
    language: str = "zh",
    roles: Container[Role] = tuple(Role),
    quality: Quality = Quality(),  # noqa: B008  # frozen
    fidelity: Fidelity | None = None,
    reader: str = READER,
    text: str = TEXT,
) -> str:
    """A snapshot with the usual artifacts of these roles; its id. `icon` stands for the usual one."""
    snapshot_id = str(uuid7())
    artifacts = (
        _put(app, Role.TEXT, "text.txt", "text/plain; charset=utf-8", text.encode()),
        _put(app, Role.READER, "reader.html", "text/html; charset=utf-8", reader.encode()),
        _put(app, Role.READER, "reader.md", "text/markdown; charset=utf-8", b"# md"),
        _put(app, Role.HTML, "page.html", "text/html; charset=utf-8", html.encode()),
        _put(app, Role.SCREENSHOT, "screenshot.webp", "image/webp", _picture(320, 900)),
        _put(app, Role.THUMBNAIL, "thumb.webp", "image/webp", _picture(320, 180)),
        _put(app, Role.META, "meta.json", "application/json", b"{}"),
        _icon(app, _picture(32, 32) if icon is None else icon),
        _put(app, Role.ORIGINAL, "报告.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
    )
    finished = SnapshotFinished(
        request_id=snapshot_id,
        link_id=link.link_id,
        url=link.url,
        outcome=Outcome.STORED,
        reason=Reason.ADD,
        started_at=WHEN,
        finished_at=WHEN,
        final_url=link.url,
        http_status=200,
        change=Change(kind=ChangeKind.FIRST),
        title=title,
        language=language,
        quality=quality,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        manifest=manifest_key(link.link_id, snapshot_id),
        artifacts=tuple(one for one in artifacts if one.role in roles),
        fidelity=fidelity,
    )
    apply_result(app, finished)
    return snapshot_id


def failed_visit(
    app: App, link: Link, kind: str, detail: str = "", hops: tuple[Hop, ...] = ()
) -> None:
    """A visit that brought nothing."""
    finished = SnapshotFinished(
        request_id=str(uuid7()),
        link_id=link.link_id,
        url=link.url,
        outcome=Outcome.FAILED,
        reason=Reason.ADD,
        started_at=WHEN,
        finished_at=WHEN,
        error=Failure(kind=kind, retryable=True, detail=detail, hops=hops),
    )
    apply_result(app, finished)


def _put(app: App, role: Role, name: str, media_type: str, data: bytes) -> Artifact:
    sha256 = hashlib.sha256(data).hexdigest()
    app.store.put(blob_key(sha256), data, media_type)
    return Artifact(
        role=role,
        name=name,
        key=blob_key(sha256),
        media_type=media_type,
        bytes=len(data),
        sha256=sha256,
    )


def _icon(app: App, data: bytes) -> Artifact:
    kind = "webp" if data.startswith(b"RIFF") else "svg"
    media_type = {"webp": "image/webp", "svg": "image/svg+xml"}[kind]
    return _put(app, Role.ICON, f"icon.{kind}", media_type, data)


def _picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 220, 240)).save(out, "WEBP")
    return out.getvalue()
