"""Page of the cookies with which sites are visited: import, and remove; values are never sent back."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from linkshot.errors import ConfigError, InvalidInput
from linkshot.use_cases import site_cookies
from linkshot.use_cases.site_cookies import CookieImport
from web import problem_details
from web.deps import AppDep
from web.error_messages import message_of_code
from web.pages.rendering import error_text, redirect, render
from web.reader_preferences import PreferencesDep
from web.uploads import require_single_file

router = APIRouter(prefix="/cookies")


@router.get("")
def list_cookies(request: Request, app: AppDep, preferences: PreferencesDep) -> Response:
    """The sites, and the form."""
    return _page(request, app, preferences)


@router.post("", dependencies=[Depends(require_single_file)])
def import_cookies(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    file: Annotated[UploadFile, File()],
    sites: Annotated[str, Form()] = "",
) -> Response:
    """Keep those of a file; what was left out is told on the same page."""
    try:
        done = site_cookies.import_file(
            app, file.file.read(), re.split(r"[\s,，、]+", sites.strip()) if sites.strip() else ()
        )
    except (InvalidInput, ConfigError) as error:
        several = error.sites if isinstance(error, site_cookies.SeveralSites) else ()
        return _page(
            request,
            app,
            preferences,
            status=problem_details.status_of(error),
            notice=error_text(error, preferences),
            several=several,
            typed=sites,
        )
    return _page(request, app, preferences, done=done)


@router.post("/remove")
def remove(app: AppDep, site: Annotated[str, Form()]) -> Response:
    """Those of one site."""
    site_cookies.remove(app, site)
    return redirect("/cookies", "cookies_removed:")


def _page(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    *,
    status: int = 200,
    notice: str = "",
    several: tuple[str, ...] = (),
    typed: str = "",
    done: CookieImport | None = None,
) -> Response:
    return render(
        request,
        app,
        preferences,
        "cookies.html",
        status=status,
        entries=site_cookies.list_sites(app),
        done=done,
        why=lambda row: message_of_code(row.code, "", preferences.translator),
        several=several,
        typed=typed,
        notice=notice,
    )
