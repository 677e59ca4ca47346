"""Renders templates with their layout; redirects with flash messages."""

import hashlib
import re
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import cast
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.responses import HTMLResponse, RedirectResponse, Response

from linkshot.app import App
from linkshot.domain.import_notices import NOTICES, notice_message
from linkshot.domain.model import Link, LinkId
from linkshot.domain.visit_stage import VisitProgress
from linkshot.errors import LinkshotError
from linkshot.use_cases import links
from web import facet_links, omnibox, status_text
from web.error_messages import error_message
from web.events import working_text
from web.language import LANGUAGES, iso
from web.reader_preferences import FLASH, LANGUAGE, THEMES, YEAR_S, Preferences
from web.security.base_path import root_of, route_path

HERE = Path(__file__).parent.parent
STATIC = HERE / "static"
NO_COUNTS: tuple[float, dict[str, int]] = (0.0, {})
NO_STANDINGS: Mapping[LinkId, VisitProgress] = MappingProxyType({})
CACHED_FROM = 5000
"""Catalogues of this size or larger cache the layout's counts for one second."""
LOCAL = re.compile(r"/(?![/\\])[^\s\\]{0,2000}")
"""A path on this site; anything else could redirect to another one."""
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@cache
def environment() -> Environment:
    """The templates; everything is escaped, an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.globals |= {"asset": asset, "iso": iso, "href": _rooted, "facet_links": facet_links}
    return made


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the file."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def href(path: str, **parameters: object) -> str:
    """A path of ours with parameters; empty ones are left out. For redirects."""
    given = {name: value for name, value in parameters.items() if value not in ("", None)}
    return f"{path}?{urlencode(given, quote_via=quote)}" if given else path


@pass_context
def _rooted(context: Context, path: str, **parameters: object) -> str:
    """href() for templates: below the base path."""
    return f"{context['root']}{href(path, **parameters)}"


def render(
    request: Request,
    app: App,
    preferences: Preferences,
    template: str,
    *,
    status: int = 200,
    standings: Mapping[LinkId, VisitProgress] = NO_STANDINGS,
    **context: object,
) -> HTMLResponse:
    """A whole page; `standings` of the links on it whose visits are due or sent."""
    translator, now = preferences.translator, app.now()

    def state_of(link: Link) -> status_text.StatusText:
        return status_text.of_link(link, translator, now, standings.get(link.link_id))

    totals = counts(request, app)
    page = {
        "now": now,
        "state_of": state_of,
        "counts": totals,
        "working": working_text(app, totals["working"], translator),
        "flash": flash(preferences),
        "flash_notices": [
            notice_message(one, translator)
            for one in cast("list[str]", flash(preferences)["values"])
            if one in NOTICES
        ],
    }
    frame = layout_context(request, preferences, str(context.get("text", "")))
    html = environment().get_template(template).render(frame | page | context)
    answer = HTMLResponse(html, status, {"Vary": "Cookie, Accept-Language"})
    if request.query_params.get("lang") == preferences.language:
        answer.set_cookie(
            LANGUAGE, preferences.language, max_age=YEAR_S, httponly=True, samesite="lax"
        )
    if preferences.flash:
        answer.delete_cookie(FLASH, httponly=True, samesite="lax")
    return answer


def layout_context(request: Request, preferences: Preferences, text: str = "") -> dict[str, object]:
    """Variables of the layout that need no backend; `text` is the content of the omnibox."""
    return {
        "root": root_of(request.scope),
        "request_path": route_path(request.scope),
        "here": current_path(request),
        "preferences": preferences,
        "translator": preferences.translator,
        "gettext": preferences.translator.gettext,
        "ngettext": preferences.translator.ngettext,
        "languages": tuple(LANGUAGES),
        "themes": THEMES,
        "working": "",
        "flash": {"name": "", "values": []},
        "flash_notices": [],
        "can_log_out": request.app.state.auth.is_required,
        "text": text,
        "omnibox_label": omnibox_label(text, preferences),
        "notice": "",
    }


def omnibox_label(text: str, preferences: Preferences) -> str:
    """Label of the omnibox button for a text; app.js shows the same while somebody types."""
    gettext, found = preferences.translator.gettext, omnibox.find_urls(text)
    if len(found) > 1:
        return gettext("Import %(n)s links", n=len(found))
    if found:
        return gettext("Add this link")
    return gettext("Search") if text else gettext("Go")


def current_path(request: Request) -> str:
    """The path of this page with its query, without the language it was asked for in; below the base
    path, as redirect() takes it."""
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
    return route_path(request.scope) + (f"?{urlencode(pairs, quote_via=quote)}" if pairs else "")


def counts(request: Request, app: App) -> Mapping[str, int]:
    """Link counts for the layout, cached for one second in large catalogues."""
    state = request.app.state
    at, kept = getattr(state, "counts", NO_COUNTS)
    if kept.get("all", 0) < CACHED_FROM or time.monotonic() - at > 1.0:
        if getattr(request.state, "counts", None) is not None:
            return cast("Mapping[str, int]", request.state.counts)
        kept = links.counts(app)
        request.state.counts = kept
        state.counts = (time.monotonic(), kept)
    return cast("Mapping[str, int]", kept)


def redirect(path: str, flash: str = "") -> Response:
    """Redirects after a form (303), with a flash message for the next page."""
    answer = RedirectResponse(local_path(path), 303)
    if flash:
        answer.set_cookie(FLASH, flash, max_age=120, httponly=True, samesite="lax")
    return answer


def local_path(path: str) -> str:
    """The path if it is on this site, else `/`: no open redirects."""
    return path if LOCAL.fullmatch(path) and not CONTROLS.search(path) else "/"


def flash(preferences: Preferences) -> dict[str, object]:
    """The flash message of the page before: {name, values}; everything but ids and codes is dropped."""
    name, _, rest = preferences.flash.partition(":")
    values = [value for value in rest.split(",") if re.fullmatch(r"[0-9a-z_.-]{1,60}", value)]
    return {"name": name, "values": values}


def error_text(error: LinkshotError, preferences: Preferences) -> str:
    """The translated message of an error."""
    return error_message(error, preferences.translator)
