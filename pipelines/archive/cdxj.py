"""Index lines of an archive: CDXJ, sorted by address and time. (pure)

Formats: CDXJ 0.1.0 of the Webrecorder specifications, with the keys of WACZ 1.1.1 §5.2.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

PLAIN_BYTES = 50_000
"""An index of this length and longer is compressed in blocks."""
BLOCK_LINES = 1000
MAX_QUERY = 4096
"""Characters of a request body in a key; bodies that differ only behind share it."""
_IPV4 = re.compile(r"[\d.]+")
_WWW = re.compile(r"www\d*\.")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """Where the record of an answer lies, and how it is found."""

    url: str
    at: datetime
    digest: str
    mime: str
    status: int
    offset: int
    length: int
    record_digest: str
    method: str = "GET"
    request_body: str = ""
    """The request's body as a query, of methods that have one."""
    filename: str = "data.warc.gz"
    extra: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """`key timestamp {json}`."""
        facts: dict[str, Any] = {
            "url": self.url,
            "digest": self.digest,
            "mime": self.mime,
            "offset": self.offset,
            "length": self.length,
            "recordDigest": self.record_digest,
            "status": self.status,
            "filename": self.filename,
        }
        address = self.url
        if self.method != "GET":
            facts |= {"method": self.method, "requestBody": self.request_body}
            sign = "&" if "?" in address else "?"
            body = f"&{self.request_body}" if self.request_body else ""
            address += f"{sign}__wb_method={self.method}{body}"
        return f"{surt(address)} {timestamp(self.at)} {json.dumps(facts, ensure_ascii=False)}\n"


def timestamp(at: datetime) -> str:
    """14 digits to the second and 3 of milliseconds."""
    return f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}"


def surt(url: str) -> str:
    """The key under which an address is found: host from the right, all in lower case, query sorted.

    `https://www.Example.com/B?y&x` → `com,example)/b?x&y`; what is no HTTP address stays as it is.
    """
    if not url.startswith(("http://", "https://")):
        return url.replace(" ", "%20")
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not _IPV4.fullmatch(host) and ":" not in host:
        host = ",".join(reversed(_WWW.sub("", host, count=1).split(".")))
    port = parts.port
    end = f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else ""
    query = f"?{'&'.join(sorted(parts.query.lower().split('&')))}" if parts.query else ""
    return f"{host}{end}){(parts.path or '/').lower()}{query}".replace(" ", "%20")


def body_as_query(media_type: str, body: bytes) -> str:
    """The body of a request as players look for it: fields of a form or of JSON, else all of it."""
    text = body.decode("utf-8", "replace")
    if not text:
        return ""
    if media_type == "application/x-www-form-urlencoded":
        return urlencode(parse_qsl(text, keep_blank_values=True))[:MAX_QUERY]
    if media_type.endswith("json"):
        try:
            return urlencode(list(_json_fields(json.loads(text))))[:MAX_QUERY]
        except (ValueError, RecursionError):
            pass
    return f"__wb_post_data={quote_plus(text)}"[:MAX_QUERY]


def _json_fields(value: Any) -> Iterator[tuple[str, str]]:
    """Every value under its innermost name; the second `a` is named `a.2_`."""
    seen: dict[str, int] = {}
    for name, found in _leaves("", value):
        seen[name] = seen.get(name, 0) + 1
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        yield (name if seen[name] == 1 else f"{name}.{seen[name]}_"), text


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for inner, one in value.items():
            yield from _leaves(inner, one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(name, one)
    elif name:
        yield name, value


def index_files(entries: Iterable[IndexEntry]) -> dict[str, bytes]:
    """The files of the folder `indexes`: one plain file, or compressed blocks and their index."""
    lines = sorted(entry.line().encode("utf-8", "replace") for entry in entries)
    plain = b"".join(lines)
    if len(plain) < PLAIN_BYTES:
        return {"index.cdxj": plain}
    blocks: list[bytes] = []
    head = {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
    about = [f"!meta 0 {json.dumps(head)}\n".encode()]
    offset = 0
    for start in range(0, len(lines), BLOCK_LINES):
        part = lines[start : start + BLOCK_LINES]
        block = gzip_member(b"".join(part), 6)
        key = b" ".join(part[0].split(b" ", 2)[:2])
        place = {
            "offset": offset,
            "length": len(block),
            "digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
            "filename": "index.cdx.gz",
        }
        about.append(key + b" " + json.dumps(place).encode() + b"\n")
        blocks.append(block)
        offset += len(block)
    return {"index.cdx.gz": b"".join(blocks), "index.idx": b"".join(about)}


def gzip_member(data: bytes, level: int) -> bytes:
    """One gzip member without a time, so that equal input gives equal bytes (RFC 1952)."""
    packer = zlib.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(data) + packer.flush()
