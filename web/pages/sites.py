"""Page of the rules for sites: set, remove, and bring back what was removed."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from linkshot.app import App
from linkshot.domain.site_rule_input import values_of_texts
from linkshot.domain.site_rules import FIELDS, MAX_DELAY_S, MAX_USER_AGENT, SiteRule
from linkshot.errors import InvalidInput
from linkshot.use_cases import sites
from web import problem_details
from web.deps import AppDep
from web.pages.rendering import error_text, flash, redirect, render
from web.reader_preferences import Preferences, PreferencesDep

router = APIRouter(prefix="/sites")

Text = Annotated[str, Form()]
WORDS = {True: "yes", False: "no", None: ""}


@router.get("")
def list_sites(
    request: Request, app: AppDep, preferences: PreferencesDep, site: str = ""
) -> Response:
    """All rules, and a form for a new one; `site` is filled in."""
    return _page(request, app, preferences, {"site": site[:500]})


@router.post("/set")
def set_rule(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    site: Text = "",
    snapshot: Text = "",
    delay_s: Text = "",
    user_agent: Text = "",
    consent: Text = "",
    viewport: Text = "",
    robots: Text = "",
) -> Response:
    """The whole rule of a site; an empty field says nothing."""
    typed = {
        "snapshot": snapshot,
        "delay_s": delay_s,
        "user_agent": user_agent,
        "consent": consent,
        "viewport": viewport,
        "robots": robots,
    }
    try:
        sites.put(app, site, values_of_texts(typed))
    except InvalidInput as error:
        return _page(
            request,
            app,
            preferences,
            typed | {"site": site},
            status=problem_details.status_of(error),
            notice=error_text(error, preferences),
        )
    return redirect("/sites", "site_set:")


@router.post("/remove")
def remove(app: AppDep, site: Text) -> Response:
    """The site has no rule any more."""
    sites.remove(app, site)
    return redirect("/sites", "site_removed:")


@router.post("/restore")
def restore(app: AppDep, site: Text) -> Response:
    """The rule that was removed holds again."""
    sites.restore(app, site)
    return redirect("/sites", "site_set:")


def texts_of(rule: SiteRule) -> dict[str, str]:
    """Field → its value as it is typed; empty where the rule says nothing."""
    delay = "" if rule.delay_s is None else f"{rule.delay_s:g}"
    others = {name: str(getattr(rule, name) or "") for name in FIELDS}
    return others | {"snapshot": WORDS[rule.snapshot], "delay_s": delay, "site": rule.site}


def _page(
    request: Request,
    app: App,
    preferences: Preferences,
    filled: dict[str, str],
    status: int = 200,
    notice: str = "",
) -> Response:
    removed = flash(preferences)["name"] == "site_removed"
    return render(
        request,
        app,
        preferences,
        "sites.html",
        status=status,
        rules=[texts_of(rule) for rule in sites.list_rules(app)],
        filled=dict.fromkeys(FIELDS, "") | filled,
        removed_site=sites.last_removed(app) if removed else None,
        most_delay_s=MAX_DELAY_S,
        most_user_agent=MAX_USER_AGENT,
        notice=notice,
    )
