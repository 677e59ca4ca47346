"""Routes of the rules for sites. A site may have a path, so it is the rest of the address."""

from fastapi import APIRouter

from linkshot.use_cases import sites
from web.api.schemas.requests import SiteRuleIn
from web.api.schemas.sites import ChangedSiteRuleOut, SiteRuleOut, SiteRulesOut, SiteViewOut
from web.deps import AppDep
from web.security.strict_json import StrictRoute

router = APIRouter(tags=["sites"], route_class=StrictRoute)


@router.get("/sites")
def list_sites(app: AppDep) -> SiteRulesOut:
    """All rules, by site."""
    return SiteRulesOut(items=[SiteRuleOut.of(rule) for rule in sites.list_rules(app)])


@router.get("/sites/{site:path}")
def get_site(app: AppDep, site: str) -> SiteViewOut:
    """What the rules say about a site or a page, and which of them says it."""
    return SiteViewOut.of(sites.view(app, site))


@router.put("/sites/{site:path}")
def set_site(app: AppDep, site: str, body: SiteRuleIn) -> ChangedSiteRuleOut:
    """Set the whole rule of a site; what is left out, it says nothing about."""
    return ChangedSiteRuleOut.of(sites.put(app, site, body.values()))


@router.delete("/sites/{site:path}", status_code=204)
def remove_site(app: AppDep, site: str) -> None:
    """The site has no rule any more; what broader rules and the settings say holds again."""
    sites.remove(app, site)
