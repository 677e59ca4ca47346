"""Page of one link: its snapshot in tabs, its history, its tags and note."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from linkshot.app import App
from linkshot.domain import provenance_texts, reason_texts
from linkshot.domain.fidelity_texts import fidelity_text
from linkshot.domain.model import Artifact, Link, Outcome, Role, Snapshot
from linkshot.domain.replay_player import player
from linkshot.domain.urls import normalize
from linkshot.domain.visit_texts import FAULTS, TEXT_DAMAGED
from linkshot.errors import Damaged, InvalidURL, StoreUnavailable
from linkshot.use_cases import (
    damaged_objects,
    links,
    provenance,
    snapshots,
    tags,
    visit_status,
    watches,
)
from web import schedule_text, status_text
from web.deps import AppDep
from web.language import Translator
from web.pages.rendering import error_text, render
from web.pages.replay import archive_of
from web.reader_preferences import Preferences, PreferencesDep
from web.replay.article import Block, blocks_of_html, blocks_of_text

router = APIRouter()

TABS = ("reader", "screenshot", "page", "text", "files", "details")
SHOWN_CHARS = 200_000
"""Of the text of a page; the whole is a file."""
TIMELINE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayURL:
    """A URL for people: the host stands out, odd hosts are pointed at."""

    before: str
    host: str
    after: str
    mixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TabContent:
    """What a tab shows."""

    blocks: tuple[Block, ...] = ()
    text: str = ""
    cut: bool = False
    problem: str = ""


@router.get("/links/{link_id}")
def show(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    link_id: str,
    tab: str = "",
    snapshot: str = "",
) -> Response:
    """The page of a link."""
    link = links.get(app, link_id)
    history = snapshots.history(app, link.link_id)
    shown = _shown(link, history, snapshot)
    open_tab = tab if tab in TABS else first_tab(shown)
    return render(
        request,
        app,
        preferences,
        "link.html",
        link=link,
        state_now=status_text.of_link(
            link, preferences.translator, app.now(), visit_status.of_link(app, link)
        ),
        address=display_url(link.url),
        history=history[:TIMELINE],
        ended=lambda visit: status_text.of_snapshot(visit, preferences.translator),
        instead=status_text.in_place_of_the_page(shown, preferences.translator) if shown else "",
        went_wrong=lambda failure: status_text.what_went_wrong(failure, preferences.translator),
        remarks=lambda visit: status_text.remarks(visit, preferences.translator),
        cookies_used=_remark(shown, "cookies_used", preferences.translator),
        cookies_expired=_remark(link.last, "cookies_expired", preferences.translator),
        shown_again=lambda visit: fidelity_text(visit.fidelity, preferences.translator),
        size=status_text.size_of(shown) if shown else 0,
        shown=shown,
        tab=open_tab,
        tabs=TABS,
        body=_tab_content(app, preferences, shown, open_tab),
        watch=watches.of(app, link) if link.watched else None,
        proof=provenance.try_of_snapshot(app, shown) if open_tab == "details" else None,
        proof_texts=provenance_texts,
        went_wrong_tls=lambda code: reason_texts.detail(code, preferences.translator) or code,
        every=lambda text: schedule_text.every(text, preferences.translator),
        text_damaged=TEXT_DAMAGED,
        damaged=_damaged(app, link, preferences.translator),
        replay_player=player(app.settings.replay_player_url)
        if shown and archive_of(shown)
        else None,
        all_tags=[tag.name for tag in tags.list_tags(app)[:300]],
    )


def first_tab(shown: Snapshot | None) -> str:
    """Reading first, then looking."""
    if shown is None or shown.artifact(Role.READER) or shown.artifact(Role.TEXT):
        return "reader"
    return "screenshot" if shown.artifact(Role.SCREENSHOT) else "files"


def display_url(url: str) -> DisplayURL:
    """The address in its readable form, cut so that the host can stand out."""
    try:
        normal = normalize(url)
    except InvalidURL:
        return DisplayURL(before="", host=url, after="")
    before, _, after = normal.display.partition(normal.host_display)
    if not _:
        return DisplayURL(before="", host=normal.display, after="")
    port_and_path = after if after != "/" else ""
    shown = "" if url.startswith("https:") else before
    return DisplayURL(
        before=shown, host=normal.host_display, after=port_and_path, mixed=normal.mixed_script
    )


def _remark(visit: Snapshot | None, code: str, translator: Translator) -> str:
    """The remark with this code as a sentence; empty when the visit has none."""
    reasons = visit.quality.reasons if visit else ()
    found = next((word for word in reasons if word.partition(":")[0] == code), "")
    return reason_texts.remark(found, translator) if found else ""


def _shown(link: Link, history: list[Snapshot], wanted: str) -> Snapshot | None:
    if wanted:
        return next((visit for visit in history if visit.snapshot_id == wanted), link.current)
    return link.current or next((v for v in history if v.outcome is Outcome.STORED), None)


def _damaged(app: App, link: Link, translator: Translator) -> dict[str, str]:
    """Role of what cannot be read from the store → what is wrong with it."""
    found = damaged_objects.of_link(app, link.link_id)
    return {one.role.value: translator.gettext(FAULTS[one.fault]) for one in found}


def _tab_content(
    app: App, preferences: Preferences, shown: Snapshot | None, tab: str
) -> TabContent:
    if shown is None or tab not in ("reader", "text"):
        return TabContent()
    try:
        if tab == "reader":
            return _article(app, shown)
        kept = shown.artifact(Role.TEXT)
        text = _text(app, kept) if kept else ""
        return TabContent(text=text[:SHOWN_CHARS], cut=len(text) > SHOWN_CHARS)
    except (Damaged, StoreUnavailable) as error:
        return TabContent(problem=error_text(error, preferences))


def _article(app: App, shown: Snapshot) -> TabContent:
    kept = shown.artifact(Role.READER)
    if kept is not None and kept.media_type.startswith("text/html"):
        blocks = blocks_of_html(snapshots.read(app, kept))
        if blocks:
            # the title stands above the article already
            first = "".join(span.text for span in blocks[0].spans).strip()
            repeated = blocks[0].kind == "h2" and first == (shown.title or "").strip()
            return TabContent(blocks=blocks[1:] if repeated else blocks)
    text = shown.artifact(Role.TEXT)
    return TabContent(blocks=blocks_of_text(_text(app, text))) if text else TabContent()


def _text(app: App, kept: Artifact) -> str:
    return snapshots.read(app, kept).decode("utf-8", "replace")
