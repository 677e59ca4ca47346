"""Mementos (RFC 7089): stored versions of a page by address and time, for tools that read web archives.

`/web/<address>` is the TimeGate, `/web/timemap/link/<address>` the TimeMap, and
`/web/<14 digits>/<address>` a memento: the stored page, sandboxed like all stored bytes.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Request
from starlette.responses import RedirectResponse, Response

from linkshot.app import App
from linkshot.domain import memento
from linkshot.domain.model import Role, Snapshot
from linkshot.errors import Damaged, InvalidInput, NotFound
from linkshot.use_cases import snapshots
from web.deps import AppDep
from web.replay.stored_files import StoredResponse, name_of, record_damage
from web.security.base_path import root_of

router = APIRouter(prefix="/web")

SHOWN = (Role.HTML, Role.ORIGINAL, Role.TEXT)
"""What stands for the page, the first one that was kept."""
MERGED_SLASHES = re.compile(r"^(https?):/+(?=[^/])", re.IGNORECASE)
"""Proxies write `//` inside a path as `/`."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The stored versions of an address, oldest first, one of each second."""

    here: str
    """Origin and base path of this server."""
    url: str
    items: tuple[tuple[datetime, Snapshot], ...]

    @classmethod
    def of(cls, app: App, request: Request, given: str) -> "Versions":
        """Of this address; NotFound when nothing of it is kept."""
        kept = snapshots.versions_of_url(app, MERGED_SLASHES.sub(r"\1://", given))
        by_second = {
            one.taken_at.replace(microsecond=0): one
            for one in kept.snapshots
            if one.taken_at is not None and any(one.artifact(role) for role in SHOWN)
        }
        if not by_second:
            raise NotFound("There is no such snapshot.", code="snapshot.not_found")
        here = f"{request.url.scheme}://{request.url.netloc}{root_of(request.scope)}"
        return cls(here, kept.url, tuple(sorted(by_second.items())))

    def address(self, at: datetime) -> str:
        """Of the memento of this instant."""
        return f"{self.here}/web/{memento.timestamp(at)}/{self.url}"

    def links(self) -> list[str]:
        """What every answer is linked with: original, TimeGate, TimeMap, first and last memento."""
        (first, _), (last, _) = self.items[0], self.items[-1]
        return [
            memento.link(self.url, "original"),
            memento.link(f"{self.here}/web/{self.url}", "timegate"),
            memento.link(
                f"{self.here}/web/timemap/link/{self.url}", "timemap", type=memento.LINK_FORMAT
            ),
            *(
                memento.link(self.address(at), relation, datetime=memento.http_date(at))
                for at, relation in _named(first, last)
            ),
        ]


@router.get("/timemap/link/{name:path}")
def time_map(request: Request, app: AppDep) -> Response:
    """All stored versions, as application/link-format."""
    found = Versions.of(app, request, _given(request, "/web/timemap/link/"))
    first, last = found.items[0][0], found.items[-1][0]
    between = [
        memento.link(found.address(at), "memento", datetime=memento.http_date(at))
        for at, _ in found.items
        if at not in (first, last)
    ]
    own = memento.link(
        f"{found.here}/web/timemap/link/{found.url}",
        "self",
        type=memento.LINK_FORMAT,
        **{"from": memento.http_date(first), "until": memento.http_date(last)},
    )
    original, gate, _map, *ends = found.links()
    body = memento.document([original, gate, own, *ends[:1], *between, *ends[1:]])
    return Response(body, media_type=memento.LINK_FORMAT)


@router.get("/{name:path}")
def gate_or_memento(
    request: Request,
    app: AppDep,
    accept_datetime: Annotated[str | None, Header()] = None,
    range_: Annotated[str | None, Header(alias="Range")] = None,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """The stored version of this instant, or the way to the nearest one."""
    given = _given(request, "/web/")
    digits, _, address = given.partition("/")
    at = memento.parse_timestamp(digits)
    if at is None:
        return _negotiate(Versions.of(app, request, given), accept_datetime)
    found = Versions.of(app, request, address)
    exact, snapshot = memento.nearest(found.items, at)
    if exact != at:
        return _redirect(found, exact)
    return _stored(app, request, found, (exact, snapshot), (range_, if_none_match))


def _negotiate(found: Versions, wanted: str | None) -> Response:
    """TimeGate (RFC 7089 §4.1.1): without a wish the newest."""
    at = found.items[-1][0]
    if wanted is not None:
        asked = memento.parse_http_date(wanted)
        if asked is None:
            raise InvalidInput(
                "Accept-Datetime is a date as HTTP writes it: Fri, 20 Nov 2026 09:00:00 GMT.",
                code="memento.datetime",
                field="Accept-Datetime",
            )
        at, _ = memento.nearest(found.items, asked)
    answer = _redirect(found, at)
    answer.headers["Vary"] = "accept-datetime"
    return answer


def _redirect(found: Versions, at: datetime) -> Response:
    answer = RedirectResponse(found.address(at), 302)
    answer.headers["Link"] = ", ".join(found.links())
    return answer


def _stored(
    app: App,
    request: Request,
    found: Versions,
    shown: tuple[datetime, Snapshot],
    asked: tuple[str | None, str],
) -> Response:
    at, snapshot = shown
    artifact = next(one for role in SHOWN if (one := snapshot.artifact(role)))
    try:
        answer = StoredResponse(
            app,
            artifact,
            request.app.state.checked,
            spans=asked[0],
            known=asked[1],
            name=name_of(snapshot, artifact),
        )
    except Damaged as exc:
        record_damage(app, snapshot.link_id, artifact, exc)
        raise
    answer.headers["Memento-Datetime"] = memento.http_date(at)
    answer.headers["Link"] = ", ".join(found.links())
    return answer


def _named(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    if first == last:
        return [(first, "first last memento")]
    return [(first, "first memento"), (last, "last memento")]


def _given(request: Request, prefix: str) -> str:
    """What stands behind the prefix, as it was sent: its escapes and its query belong to the address."""
    scope = request.scope
    raw = scope.get("raw_path")
    # below a base path the server has only the decoded path
    sent = raw.decode("ascii", "replace") if raw else quote(scope["path"], safe="/:@!$&'()*+,;=~")
    query = scope["query_string"].decode("ascii", "replace")
    return sent.partition(prefix)[2] + (f"?{query}" if query else "")
