"""The list of links or search results; the omnibox that adds and searches."""

from dataclasses import dataclass
from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from linkshot import query
from linkshot.app import App
from linkshot.domain.model import NewLink
from linkshot.errors import IndexUnavailable, InvalidInput
from linkshot.query import All
from linkshot.system.config import Settings
from linkshot.use_cases import imports, incomplete_notes, links, paging, search, visit_status
from linkshot.use_cases.index_completeness import Completeness
from linkshot.use_cases.search import SearchPage
from web import omnibox, problem_details
from web.deps import AppDep
from web.import_limiter import ImportLimiterDep
from web.language import Translator
from web.pages.rendering import error_text, href, redirect, render
from web.reader_preferences import VIEW, YEAR_S, Preferences, PreferencesDep

router = APIRouter()

PAGE = 50
SORTS = ("relevance", "newest", "oldest", "changed")
NOTHING = SearchPage(
    total=0, items=(), facets={}, next_cursor=None, indexed_until=None, parsed=All()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkList:
    """What the list shows, or why it cannot."""

    page: SearchPage = NOTHING
    sort: str = "newest"
    has_words: bool = False
    notice: str = ""
    incomplete: bool = False
    missing: str = ""
    """What cannot have been found yet, in words."""
    status: int = 200


@router.get("/")
def home(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    q: str = "",
    sort: str = "",
    cursor: str | None = None,
    start: int = 1,
) -> Response:
    """The list."""
    listing = _link_list(app, preferences, q, sort, cursor)
    # `example.com` is searched as it stands, and offered as a link
    text = q.strip()
    last = text.rpartition(".")[2]
    looks_bare = "." in text and " " not in text and last.isalpha() and len(last) >= 2
    answer = render(
        request,
        app,
        preferences,
        "list.html",
        status=listing.status,
        text=q,
        q=q,
        listing=listing,
        page=listing.page,
        standings=visit_status.of_links(app, [found.link for found in listing.page.items]),
        start=max(start, 1),
        sorts=SORTS if listing.has_words else SORTS[1:],
        offered=omnibox.find_urls(f"https://{text}") if looks_bare else [],
        notice=listing.notice,
    )
    if request.query_params.get("view") == preferences.view:
        answer.set_cookie(VIEW, preferences.view, max_age=YEAR_S, httponly=True, samesite="lax")
    return answer


@router.post("/go")
def go(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    limiter: ImportLimiterDep,
    text: Annotated[str, Form()] = "",
) -> Response:
    """The box: one address is kept, several are imported, anything else is searched."""
    found = omnibox.find_urls(text)
    if not found:
        return redirect(href("/", q=" ".join(text.split())[:2000]))
    if len(found) > 1:
        lines = "\n".join(found).encode("utf-8", "replace")
        with limiter.slot():
            report = imports.run(
                app, BytesIO(lines), preferences.translator.gettext("from the box")
            )
        return redirect(f"/imports/{report.import_id}")
    return _add(request, app, preferences, NewLink(url=found[0]), text)


@router.get("/add")
def add_form(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    url: str = "",
    title: str = "",
    text: str = "",
) -> Response:
    """A form that is filled in, for the bookmarklet and for sharing; nothing is kept yet."""
    given = url or next(iter(omnibox.find_urls(text)), "")
    return render(
        request,
        app,
        preferences,
        "add.html",
        url=given[:8192],
        title=title[:1000],
        tags="",
        note="",
    )


@router.post("/add")
def add(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    url: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    tags: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Keep a link with its tags and note."""
    new = NewLink(url=url, title=title, note=note, tags=tuple(split_tags(tags)))
    try:
        added = links.add(app, new, scheme_default=True)
    except InvalidInput as error:
        return render(
            request, app, preferences, "add.html", status=problem_details.status_of(error),
            url=url, title=title, tags=tags, note=note, notice=error_text(error, preferences),
        )  # fmt: skip
    return redirect(f"/links/{added.link.link_id}", _note(added))


def split_tags(text: str) -> list[str]:
    """`a, b，c` → three tags."""
    parts = text.replace("，", ",").replace("、", ",").replace("\n", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


def _add(
    request: Request, app: App, preferences: Preferences, new: NewLink, typed: str
) -> Response:
    try:
        added = links.add(app, new, scheme_default=True)
    except InvalidInput as error:
        listing = _link_list(app, preferences, "", "", None)
        return render(
            request, app, preferences, "list.html", status=problem_details.status_of(error),
            text=typed, q="", listing=listing, page=listing.page, start=1, sorts=SORTS[1:],
            standings=visit_status.of_links(app, [found.link for found in listing.page.items]),
            offered=[], notice=error_text(error, preferences),
        )  # fmt: skip
    return redirect(f"/links/{added.link.link_id}" if added.existing else "/", _note(added))


def _note(added: links.AddedLink) -> str:
    """What the next page says: kept or known, which link, and what was changed about it."""
    word = "known" if added.existing else "added"
    if added.link.no_snapshot_rule:
        word = "kept"
    return ",".join((f"{word}:{added.link.link_id}", *added.warnings))


def _link_list(
    app: App, preferences: Preferences, q: str, sort: str, cursor: str | None
) -> LinkList:
    has_words, order = False, sort
    try:
        parsed = query.parse(q, app.now())
        has_words = query.has_words(parsed)
        order = sort or ("relevance" if has_words else "newest")
        request = paging.page_request(PAGE, order)
        page = search.find(app, q, request, cursor=cursor, parsed=parsed)
    except (InvalidInput, IndexUnavailable) as error:
        notice = error_text(error, preferences)
        status = problem_details.status_of(error)
        return LinkList(sort=order or "newest", has_words=has_words, notice=notice, status=status)
    return LinkList(
        page=page,
        sort=order,
        has_words=has_words,
        incomplete=page.completeness.incomplete,
        missing=_missing(page.completeness, preferences.translator, app.settings),
    )


def _missing(found: Completeness, translator: Translator, settings: Settings) -> str:
    """What the list may lack, as one paragraph; empty when it is complete."""
    how_to_add = translator.gettext("paste one into the box above.")
    notes = incomplete_notes.sentences(found, translator, settings, how_to_add)
    return ("" if translator.tag == "zh-CN" else " ").join(notes)
