"""Finds the HTTP answers in a web archive: which request each is for, and where it lies.

A WACZ is taken by its WARCs, not by its index: an index can say anything. Recorders differ in the order
and the references of their records, so requests and answers are joined when all were seen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import BinaryIO

from warcio.recordloader import ArcWarcRecord

from linkshot.archives.warc_records import BROKEN, READ_BYTES, OverLimit, ReadBudget, records

MAX_ANSWERS = 200_000
"""Of one archive; later ones are not found."""
NO_BODY = sha256(b"").hexdigest()
WEB = ("http://", "https://")
REQUEST, RESPONSE, REVISIT, RESOURCE = "request", "response", "revisit", "resource"


@dataclass(slots=True, eq=False)
class Answer:
    """One recorded answer, and what was asked for it."""

    url: str
    """As requested, without fragment."""
    section: int
    """Which WARC of the archive it lies in."""
    offset: int
    status: int
    media_type: str
    """Lower case, without parameters."""
    at: datetime | None
    method: str = "GET"
    posted: str = NO_BODY
    """Hash of the request's body."""
    body_of: "Answer | None" = None
    """Of an answer that was recorded as equal to an earlier one (`revisit`): the one with the body."""
    used: bool = False


@dataclass(slots=True)
class ArchiveAnswers:
    """All answers of an archive, in their order, and what is wrong with it."""

    found: list[Answer] = field(default_factory=list)
    wrong_digests: int = 0
    """Records whose bytes are not those of their digests."""
    unresolved: int = 0
    """Answers recorded as equal to one that is not there."""
    broken: str = ""
    """Why a WARC could not be read to its end; empty when all could."""


@dataclass(slots=True)
class _Joining:
    """What is known while the records are read."""

    result: ArchiveAnswers = field(default_factory=ArchiveAnswers)
    by_id: dict[str, Answer] = field(default_factory=dict)
    requests: dict[str, tuple[str, str]] = field(default_factory=dict)
    """WARC-Record-ID → method and hash of the body."""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    """WARC-Record-ID and the one that it was concurrent to."""
    revisits: list[tuple[Answer, str, str]] = field(default_factory=list)
    """With the address and the digest that they refer to."""
    digests: dict[str, Answer] = field(default_factory=dict)


def find_answers(
    sections: Iterator[BinaryIO] | list[BinaryIO], budget: ReadBudget
) -> ArchiveAnswers:
    """Everything that was answered in these WARCs; a broken one is read as far as it goes."""
    joining = _Joining()
    result = joining.result
    for number, section in enumerate(sections):
        try:
            for record, offset in records(section, budget, digests=True):
                _add(joining, record, number, offset)
                _read_to_end(record)
                result.wrong_digests += record.digest_checker.passed is False
                if len(result.found) >= MAX_ANSWERS:
                    raise OverLimit(f"it has more than {MAX_ANSWERS} answers")
        except BROKEN as exc:
            result.broken = result.broken or str(exc) or type(exc).__name__
    _join(joining)
    return result


def _add(joining: _Joining, record: ArcWarcRecord, section: int, offset: int) -> None:
    headers, kind = record.rec_headers, record.rec_type
    own = headers.get_header("WARC-Record-ID") or ""
    if other := headers.get_header("WARC-Concurrent-To"):
        joining.pairs.append((own, other))
    if kind == REQUEST:
        method = str(record.http_headers.protocol).split(" ")[0] if record.http_headers else "GET"
        joining.requests[own] = (method, _hash(record))
        return
    url = (headers.get_header("WARC-Target-URI") or "").partition("#")[0]
    if kind not in (RESPONSE, REVISIT, RESOURCE) or not url.startswith(WEB):
        return
    answer = _answer(record, url, section, offset)
    if answer is None:
        return
    digest = headers.get_header("WARC-Payload-Digest") or ""
    if kind == REVISIT:
        refers = headers.get_header("WARC-Refers-To-Target-URI") or url
        joining.revisits.append((answer, refers, digest))
    elif digest:
        joining.digests.setdefault(digest, answer)
    joining.by_id[own] = answer
    joining.result.found.append(answer)


def _answer(record: ArcWarcRecord, url: str, section: int, offset: int) -> Answer | None:
    """None for parts of files (206) that are no pages, and for answers without a status."""
    headers, http = record.rec_headers, record.http_headers
    status, media_type = 200, headers.get_header("Content-Type") or ""
    if http is not None:
        code = http.get_statuscode()
        status = int(code) if code.isascii() and code.isdigit() and len(code) == 3 else 0
        media_type = http.get_header("Content-Type") or ""
    elif record.rec_type == RESPONSE:
        return None
    is_page = headers.get_header("WARC-Resource-Type") == "document"
    if status < 200 or (status == 206 and not is_page):
        return None
    return Answer(
        url=url,
        section=section,
        offset=offset,
        status=status,
        media_type=media_type.partition(";")[0].strip().lower()[:200],
        at=instant(headers.get_header("WARC-Date") or ""),
    )


def _hash(record: ArcWarcRecord) -> str:
    digest = sha256()
    _pass_on(record.raw_stream.read, digest.update)
    return digest.hexdigest()


def _read_to_end(record: ArcWarcRecord) -> None:
    _pass_on(record.raw_stream.read, lambda _: None)


def _pass_on(read: Callable[[int], bytes], take: Callable[[bytes], object]) -> None:
    while piece := read(READ_BYTES):
        take(piece)


def _join(joining: _Joining) -> None:
    """Requests with their answers, either of which may name the other; revisits with their bodies."""
    for one, other in joining.pairs:
        request = joining.requests.get(one) or joining.requests.get(other)
        answer = joining.by_id.get(other) or joining.by_id.get(one)
        if request and answer:
            answer.method, answer.posted = request
    revisits = {id(answer) for answer, _, _ in joining.revisits}
    bodies = {one.url: one for one in joining.result.found if id(one) not in revisits}
    lost: set[int] = set()
    for answer, refers, digest in joining.revisits:
        answer.body_of = joining.digests.get(digest) or bodies.get(refers.partition("#")[0])
        if answer.body_of is None:
            lost.add(id(answer))
        elif not answer.media_type or answer.media_type == "application/http":
            answer.media_type, answer.status = answer.body_of.media_type, answer.body_of.status
    joining.result.unresolved = len(lost)
    joining.result.found = [one for one in joining.result.found if id(one) not in lost]


def instant(text: str) -> datetime | None:
    """A WARC-Date, or a `ts` of pages.jsonl, in UTC; None when it is none (W3C-DTF)."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
