"""Routes of the cookies with which sites are visited: written here, and never read back."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile

from linkshot.use_cases import site_cookies
from web.api.schemas.cookies import CookieImportOut, SiteCookiesOut, SitesOut
from web.deps import AppDep
from web.security.strict_json import StrictRoute
from web.uploads import require_single_file

router = APIRouter(tags=["cookies"], route_class=StrictRoute)


@router.get("/cookies")
def list_cookies(app: AppDep) -> SitesOut:
    """The sites with cookies: names and expiry, never values."""
    return SitesOut(items=[SiteCookiesOut.of(one) for one in site_cookies.list_sites(app)])


@router.post("/cookies", dependencies=[Depends(require_single_file)])
def import_cookies(
    app: AppDep,
    file: Annotated[
        UploadFile, File(description="A cookies.txt, or JSON of an extension or of Playwright")
    ],
    site: Annotated[
        list[str] | None, Form(description="The sites to take; needed when the file has several")
    ] = None,
) -> CookieImportOut:
    """Keep the cookies of sites, sealed, in place of what was kept for them before."""
    return CookieImportOut.of(site_cookies.import_file(app, file.file.read(), site or ()))


@router.delete("/cookies/{site}", status_code=204)
def remove_cookies(app: AppDep, site: str) -> None:
    """Delete the cookies of a site."""
    site_cookies.remove(app, site)
