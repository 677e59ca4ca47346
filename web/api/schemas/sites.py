"""Rules for sites: how their pages are visited, or that they are not."""

from typing import Literal, Self

from pydantic import BaseModel

from linkshot import json_shapes
from linkshot.domain.site_rules import SiteRule
from linkshot.use_cases.sites import ChangedRule, SiteView


class ViewportOut(BaseModel):
    """The window in which pages are shown, in CSS pixels."""

    width: int
    height: int


class SiteRuleFields(BaseModel):
    """What a rule says; null: nothing."""

    site: str
    """`example.com` with its subdomains, or `example.com/forum` with what is below it."""
    snapshot: bool | None
    """false: links are kept without a visit."""
    delay_s: float | None
    """Least pause of the host after a visit, in seconds."""
    user_agent: str | None
    consent: str | None
    """`reject`, `hide` or `leave`."""
    viewport: ViewportOut | None
    robots: str | None
    """`obey` or `ignore`, whatever the reason of the visit."""


class SiteRuleOut(SiteRuleFields):
    """A rule for a site."""

    @classmethod
    def of(cls, rule: SiteRule) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.site_rule(rule))


class SiteRulesOut(BaseModel):
    """All rules, by site."""

    items: list[SiteRuleOut]


class ChangedSiteRuleOut(SiteRuleFields):
    """A rule that was set, and what followed for the links of its site."""

    cancelled: int
    """Visits that waited and are not made."""
    due: int
    """Links without a snapshot that are visited now."""

    @classmethod
    def of(cls, changed: ChangedRule) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.changed_site_rule(changed))


class FieldInForceOut(BaseModel):
    """What holds for one field."""

    value: bool | float | str | ViewportOut
    site: str
    """The rule that says so."""


Field = Literal["snapshot", "delay_s", "user_agent", "consent", "viewport", "robots"]


class SiteViewOut(BaseModel):
    """What the rules say about a site or an address."""

    url: str
    """In its normal form; of a site, its root."""
    rule: SiteRuleOut | None
    """The rule for exactly this site."""
    in_force: dict[Field, FieldInForceOut]
    """Fields about which no rule says anything are left out: the settings hold for them."""

    @classmethod
    def of(cls, found: SiteView) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.site_view(found))
