"""Web archives as other programs write them, for the tests of uploads."""

import gzip
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import brotli
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

AT = "2024-03-05T06:07:08Z"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001149444154789c63f8cfc0f09f810102000dfe01ff6d6f49090000000049454e44ae426082"
)
"""2 × 2 pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One exchange."""

    url: str
    body: bytes = b""
    status: str = "200 OK"
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    posted: bytes = b""
    type: str = "response"


def page(title: str, body: str) -> bytes:
    """An HTML document."""
    return f"<!doctype html><html lang=zh><title>{title}</title><body>{body}</body></html>".encode()


def warc(
    exchanges: Iterable[Recorded],
    *,
    packed: bool = True,
    requests_first: bool = False,
    at: str = AT,
) -> bytes:
    """Records as wget (requests first) or Browsertrix (answers first) writes them."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed, warc_version="1.1")
    _write(writer, writer.create_warcinfo_record("x.warc", {"software": "test"}))
    for one in exchanges:
        answer = _answer(writer, one, at)
        request = _request(writer, one, at)
        first, second = (request, answer) if requests_first else (answer, request)
        second.rec_headers.add_header(
            "WARC-Concurrent-To", first.rec_headers.get_header("WARC-Record-ID")
        )
        for record in (first, second):
            _write(writer, record)
    return out.getvalue()


def _write(writer: WARCWriter, record):  # type: ignore[no-untyped-def]  # warcio's
    writer.write_record(record)
    record.raw_stream.close()  # a temporary file, when its digests were computed


def _answer(writer: WARCWriter, one: Recorded, at: str):  # type: ignore[no-untyped-def]  # warcio's
    headers = [("Content-Type", one.kind), *one.headers.items()] if one.kind else []
    if one.type == "resource":
        return writer.create_warc_record(
            one.url, "resource", payload=io.BytesIO(one.body), warc_content_type=one.kind,
            warc_headers_dict={"WARC-Date": at},
        )  # fmt: skip
    return writer.create_warc_record(
        one.url, one.type, payload=io.BytesIO(one.body),
        http_headers=StatusAndHeaders(one.status, headers, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": at},
    )  # fmt: skip


def _request(writer: WARCWriter, one: Recorded, at: str):  # type: ignore[no-untyped-def]  # warcio's
    line = StatusAndHeaders(
        f"{one.method} / HTTP/1.1", [("Host", "example.com")], is_http_request=True
    )
    return writer.create_warc_record(
        one.url, "request", payload=io.BytesIO(one.posted), http_headers=line,
        warc_headers_dict={"WARC-Date": at},
    )  # fmt: skip


def revisit(url: str, of: str, digest: str, status: str = "200 OK") -> bytes:
    """A record that says: as `of` was."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    headers = StatusAndHeaders(status, [("Content-Type", "image/png")], protocol="HTTP/1.1")
    record = writer.create_revisit_record(
        url, digest=digest, refers_to_uri=of, refers_to_date=AT, http_headers=headers
    )
    _write(writer, record)
    return out.getvalue()


def wacz(
    warcs: Mapping[str, bytes],
    pages: Sequence[str] = (),
    *,
    extra_pages: Sequence[str] = (),
    version: str = "1.1.1",
    others: Mapping[str, bytes] | None = None,
) -> bytes:
    """A WACZ with these WARCs and lists of pages, as Browsertrix and ArchiveWeb.page write them."""
    files = {f"archive/{name}": data for name, data in warcs.items()}
    files["indexes/index.cdx.gz"] = gzip.compress(b"")
    files["indexes/index.idx"] = (
        b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n'
    )
    if pages:
        files["pages/pages.jsonl"] = _list("pages", pages)
    if extra_pages:
        files["pages/extraPages.jsonl"] = _list("extra", extra_pages)
    files |= others or {}
    about = {
        "profile": "data-package" if version == "1.1.1" else "wacz",
        "wacz_version": version,
        "resources": [
            {
                "name": name.rpartition("/")[2],
                "path": name,
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "bytes": len(data),
            }
            for name, data in files.items()
        ],
    }
    files["datapackage.json"] = json.dumps(about).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, data in files.items():
            target.writestr(name, data)
    return out.getvalue()


def _list(name: str, pages: Sequence[str]) -> bytes:
    head = {"format": "json-pages-1.0", "id": name, "title": name}
    lines = [{"id": str(n), "url": url, "ts": AT, "title": url} for n, url in enumerate(pages)]
    return "".join(f"{json.dumps(one)}\n" for one in (head, *lines)).encode()


def chunked(body: bytes) -> bytes:
    """With chunked transfer encoding (RFC 9112 §7.1)."""
    half = len(body) // 2
    parts = (body[:half], body[half:])
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in parts) + b"0\r\n\r\n"


ENCODED = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
}


def shop(root: str = "https://shop.example") -> list[Recorded]:
    """Two pages with a sheet, a script that writes, pictures in several encodings, a redirect and a file."""
    first = page(
        "机器学习编译器",
        "<link rel=stylesheet href=/s.css><h1>机器学习编译器</h1><p id=t>正文讲的是图优化。</p>"
        "<img src=/a.png><img src=/b.png><script src=/x.js></script>",
    )
    script = b"document.getElementById('t').append(' \xe7\x94\xb1\xe8\x84\x9a\xe6\x9c\xac\xe5\x86\x99\xe5\x85\xa5\xe3\x80\x82')"
    return [
        Recorded(url=f"{root}/old", status="301 Moved Permanently", headers={"Location": f"{root}/p?id=7"}),
        Recorded(url=f"{root}/p?id=7", body=gzip.compress(first), headers={"Content-Encoding": "gzip"}),
        Recorded(url=f"{root}/s.css", body=brotli.compress(b"h1{color:rgb(1,2,3)}"), kind="text/css",
                 headers={"Content-Encoding": "br"}),
        Recorded(url=f"{root}/a.png", body=PICTURE, kind="image/png"),
        Recorded(url=f"{root}/b.png", body=chunked(PICTURE), kind="image/png",
                 headers={"Transfer-Encoding": "chunked"}),
        Recorded(url=f"{root}/x.js", body=script, kind="text/javascript; charset=utf-8"),
        Recorded(url=f"{root}/other", body=page("Other", "<p>Another page of the same archive.</p>")),
    ]  # fmt: skip
