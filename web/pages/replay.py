"""Interactive replay: hands a web archive to the player of the setting `replay_player_url`, on another origin.

The player reads the archive by an address that needs no session: it is of this one file, for an hour, and only the
player's origin may read it (CORS). Nothing of an archive ever runs in our own origin.
"""

from typing import Annotated

from cachetools import TTLCache
from fastapi import APIRouter, Header, Request
from starlette.responses import RedirectResponse, Response

from linkshot.app import App
from linkshot.archives.answers import instant
from linkshot.archives.web_archive import PageInArchive
from linkshot.domain import artifact_tokens
from linkshot.domain.manifest import Manifest
from linkshot.domain.model import Artifact, Role, Snapshot
from linkshot.domain.replay_player import ReplayPlayer, player
from linkshot.errors import Damaged, Forbidden, NotFound, TooMany
from linkshot.use_cases import links, snapshots
from web.deps import AppDep
from web.replay.stored_files import SNAPSHOT_ID, StoredResponse, record_damage
from web.security.base_path import root_of
from web.security.password_auth import client_address

router = APIRouter()

ARCHIVES = (Role.WACZ, Role.WARC)
MAX_MISSES, WINDOW_S = 20, 60.0
"""Wrong tokens of one address in that time, after which it is refused."""
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Range, If-None-Match",
    "Access-Control-Max-Age": "600",
}
EXPOSED = {"Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag"}


class TokenMisses:
    """Counts wrong tokens by address, in this process."""

    def __init__(self) -> None:
        self._misses: TTLCache[str, int] = TTLCache(10_000, WINDOW_S)

    def refuse_too_many(self, address: str) -> None:
        """TooMany for an address that has given too many."""
        if self._misses.get(address, 0) >= MAX_MISSES:
            raise TooMany(
                "Too many wrong addresses came from here; wait a minute.",
                limit=MAX_MISSES,
                code="replay.too_many",
            )

    def add(self, address: str) -> None:
        """One more."""
        self._misses[address] = self._misses.get(address, 0) + 1


@router.get("/links/{link_id}/replay")
def open_in_player(request: Request, app: AppDep, link_id: str, snapshot: str = "") -> Response:
    """Leads to the player, with the archive of a snapshot; NotFound without a player or an archive."""
    link = links.get(app, link_id)
    shown = snapshots.get(app, link.link_id, snapshot) if snapshot else link.current
    archive = archive_of(shown) if shown else None
    found = player(app.settings.replay_player_url)
    if found is None or shown is None or archive is None:
        raise _nothing()
    here = f"{request.url.scheme}://{request.url.netloc}"
    if found.origin == here:
        raise Forbidden(
            "The player of web archives is on linkshot's own origin, where it is not opened"
            "; it needs another host name or port.",
            code="replay.own_origin",
        )
    token = artifact_tokens.make_token(
        app.keyring.mac, shown.snapshot_id, archive.name, int(app.now().timestamp())
    )
    address = f"{here}{root_of(request.scope)}/replay/{token}/{shown.snapshot_id}/{archive.name}"
    page = _page_in_archive(app, shown)
    return RedirectResponse(found.address(address, page.url, page.at), 303)


@router.get("/replay/{token}/{snapshot_id}/{name}")
def archive(
    request: Request,
    app: AppDep,
    token: str,
    snapshot_id: str,
    name: str,
    range_: Annotated[str | None, Header(alias="Range")] = None,
    if_none_match: Annotated[str, Header()] = "",
    origin: Annotated[str, Header()] = "",
) -> Response:
    """The archive for whoever has a token for it; every wrong, expired or foreign one is the same NotFound."""
    misses: TokenMisses = request.app.state.token_misses
    address = client_address(request.scope)
    misses.refuse_too_many(address)
    found = player(app.settings.replay_player_url)
    now_s = int(app.now().timestamp())
    if not artifact_tokens.is_valid(app.keyring.mac, token, snapshot_id, name, now_s) or not found:
        misses.add(address)
        raise _nothing()
    snapshot, kept = _stored(app, snapshot_id, name)
    try:
        answer = StoredResponse(
            app, kept, request.app.state.checked, spans=range_, known=if_none_match, name=name
        )
    except Damaged as exc:
        record_damage(app, snapshot.link_id, kept, exc)
        raise
    answer.headers.update(_cors(found, origin) | EXPOSED)
    return answer


@router.options("/replay/{token}/{snapshot_id}/{name}")
def preflight(app: AppDep, origin: Annotated[str, Header()] = "") -> Response:
    """The player's origin may ask for ranges (Fetch Standard §3.2); the token is looked at when it does."""
    found = player(app.settings.replay_player_url)
    return Response(status_code=204, headers=PREFLIGHT | (_cors(found, origin) if found else {}))


def archive_of(snapshot: Snapshot) -> Artifact | None:
    """Its web archive."""
    return next((found for role in ARCHIVES if (found := snapshot.artifact(role))), None)


def _page_in_archive(app: App, snapshot: Snapshot) -> PageInArchive:
    """Of an uploaded archive the address that its page has there, and when that was recorded."""
    page = PageInArchive(url=snapshot.final_url or "", at=snapshot.taken_at)
    try:
        notes = Manifest.decode(app.store.read(snapshot.manifest or "")).notes
    except (Damaged, KeyError, ValueError):
        return page
    uploaded = notes.get("uploaded")
    if not isinstance(uploaded, dict) or "page" not in uploaded:
        return page
    at = instant(str(uploaded.get("recorded_at") or ""))
    return PageInArchive(url=str(uploaded["page"]), at=at)


def _stored(app: App, snapshot_id: str, name: str) -> tuple[Snapshot, Artifact]:
    if not SNAPSHOT_ID.fullmatch(snapshot_id):
        raise _nothing()
    try:
        snapshot = snapshots.get(app, None, snapshot_id)
    except NotFound:
        raise _nothing() from None
    kept = archive_of(snapshot)
    if kept is None or kept.name != name:
        raise _nothing()
    return snapshot, kept


def _cors(found: ReplayPlayer, origin: str) -> dict[str, str]:
    """For exactly the player's origin, and without credentials."""
    allowed = {"Access-Control-Allow-Origin": origin} if origin == found.origin else {}
    return {"Vary": "Origin"} | allowed


def _nothing() -> NotFound:
    return NotFound("There is no such stored file.", code="artifact.not_found")
