"""Writes the HTTP exchanges of a page as WARC 1.1 records, each a gzip member of its own.

Bodies are stored decoded, as the browser hands them out: the headers that described their encoding
are renamed to `x-orig-…`, and the length is that of the stored body.
"""

import hashlib
import io
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from linkshot.domain.model import Exchange
from pipelines.archive.cdxj import IndexEntry, body_as_query, gzip_member

RENAMED_HEADERS = frozenset(("content-encoding", "transfer-encoding"))
PACKED_TYPES = ("image/", "video/", "audio/", "font/", "application/zip", "application/pdf")
"""Media types whose bodies are compressed already; SVG and bitmaps are few."""
TEXT_LEVEL, PACKED_LEVEL = 6, 1
"""Levels of zlib."""
WARC_FORMAT = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedRecord:
    """Something made of the page: its text, a picture, a list of its parts."""

    url: str
    """`urn:text:https://…`."""
    media_type: str
    data: bytes


class WarcWriter:
    """Appends records to a file and notes where each answer lies.

    `page_id` is a UUID; record ids follow from it, so that writing the same page again gives the
    same bytes.
    """

    def __init__(self, out: BinaryIO, page_id: str) -> None:
        self.entries: list[IndexEntry] = []
        self.size = 0
        self._out = out
        self._page_id = page_id
        self._count = 0
        self._records = io.BytesIO()
        self._writer = WARCWriter(self._records, gzip=False, warc_version="WARC/1.1")

    def add_info(self, at: datetime, fields: dict[str, str]) -> None:
        """The first record: who wrote this, and how."""
        lines = {"format": "WARC File Format 1.1", "conformsTo": WARC_FORMAT} | fields
        body = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
        more = {"WARC-Filename": "data.warc.gz"}
        self._append(self._record("", "warcinfo", at, body, more), TEXT_LEVEL)

    def add_exchange(self, one: Exchange) -> None:
        """A `response` record and the `request` that it answers."""
        media_type = _media_type(one.response_header("content-type"))
        status_line = f"{one.status} {_one_line(one.reason)}"
        more = {"WARC-Resource-Type": one.resource_type, "WARC-Page-ID": self._page_id}
        if one.remote_address:
            more["WARC-IP-Address"] = one.remote_address
        if one.tls.startswith("TLS "):  # a proposed field of WARC, which Browsertrix writes too
            more["WARC-Protocol"] = one.tls.lower().replace(" ", "/")
        if one.truncated:
            more["WARC-Truncated"] = one.truncated
        head = StatusAndHeaders(status_line, _stored_headers(one), protocol="HTTP/1.1")
        answer = self._record(one.url, "response", one.started_at, one.body, more, http=head)
        level = PACKED_LEVEL if media_type.startswith(PACKED_TYPES) else TEXT_LEVEL
        place = self._append(answer, level)
        self._add_request(one, answer.rec_headers.get_header("WARC-Record-ID"))
        # a range answers no other request, unless the page itself came as one
        if one.status != 206 or one.resource_type == "document":
            self._index(one, media_type, answer, place)

    def _add_request(self, one: Exchange, answer_id: str) -> None:
        parts = urlsplit(one.url)
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        headers = [(name, _one_line(value)) for name, value in one.request_headers]
        if not one.request_header("host"):
            headers.insert(0, ("Host", parts.netloc))
        head = StatusAndHeaders(f"{one.method} {target} HTTP/1.1", headers, is_http_request=True)
        more = {"WARC-Concurrent-To": answer_id, "WARC-Page-ID": self._page_id}
        made = self._record(one.url, "request", one.started_at, one.post_data, more, http=head)
        self._append(made, TEXT_LEVEL)

    def _index(
        self, one: Exchange, media_type: str, answer: ArcWarcRecord, place: tuple[int, int, str]
    ) -> None:
        body = ""
        if one.method != "GET":
            body = body_as_query(_media_type(one.request_header("content-type")), one.post_data)
        offset, length, digest = place
        self.entries.append(
            IndexEntry(
                url=one.url,
                at=one.started_at,
                digest=answer.rec_headers.get_header("WARC-Payload-Digest"),
                mime=media_type,
                status=one.status,
                offset=offset,
                length=length,
                record_digest=digest,
                method=one.method,
                request_body=body,
            )
        )

    def add_derived(self, at: datetime, records: Iterable[DerivedRecord]) -> None:
        """`resource` records."""
        for one in records:
            more = {"WARC-Page-ID": self._page_id}
            made = self._record(one.url, "resource", at, one.data, more, kind=one.media_type)
            offset, length, digest = self._append(made, TEXT_LEVEL)
            self.entries.append(
                IndexEntry(
                    url=one.url,
                    at=at,
                    digest=made.rec_headers.get_header("WARC-Payload-Digest"),
                    mime=one.media_type.partition(";")[0],
                    status=200,
                    offset=offset,
                    length=length,
                    record_digest=digest,
                )
            )

    def _record(
        self,
        url: str,
        kind_of_record: str,
        at: datetime,
        body: bytes,
        more: dict[str, str],
        *,
        http: StatusAndHeaders | None = None,
        kind: str = "",
    ) -> ArcWarcRecord:
        self._count += 1
        record_id = uuid.uuid5(uuid.UUID(self._page_id), str(self._count))
        head = b""
        if http is not None:
            http.compute_headers_buffer()
            head = http.headers_buff
        payload = f"sha256:{hashlib.sha256(body).hexdigest()}"
        headers = {
            "WARC-Record-ID": f"<urn:uuid:{record_id}>",
            "WARC-Date": iso_date(at),
            **more,
            "WARC-Payload-Digest": payload,
            "WARC-Block-Digest": f"sha256:{hashlib.sha256(head + body).hexdigest()}",
        }
        if kind_of_record == "warcinfo":
            del headers["WARC-Payload-Digest"]
        return self._writer.create_warc_record(
            url,
            kind_of_record,
            payload=io.BytesIO(body),
            length=len(body),
            warc_content_type=kind,
            warc_headers_dict=headers,
            http_headers=http,
        )

    def _append(self, record: ArcWarcRecord, level: int) -> tuple[int, int, str]:
        """Offset, length and digest of the record in the file."""
        self._records.seek(0)
        self._records.truncate()
        self._writer.write_record(record)
        member = gzip_member(self._records.getvalue(), level)
        self._out.write(member)
        offset = self.size
        self.size += len(member)
        return offset, len(member), f"sha256:{hashlib.sha256(member).hexdigest()}"


def iso_date(at: datetime) -> str:
    """To the millisecond (WARC 1.1 §5.4)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _stored_headers(one: Exchange) -> list[tuple[str, str]]:
    stored = []
    for name, value in one.response_headers:
        if name.lower() == "content-length":
            continue
        kept_name = f"x-orig-{name.lower()}" if name.lower() in RENAMED_HEADERS else name
        stored += [(kept_name, line.strip("\r\0")) for line in value.split("\n")]
    return [*stored, ("Content-Length", str(len(one.body)))]


def _media_type(content_type: str) -> str:
    return _one_line(content_type).partition(";")[0].strip().lower()


def _one_line(value: str) -> str:
    return " ".join(value.replace("\0", "").splitlines())
