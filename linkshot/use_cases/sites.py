"""Rules for sites: listing, setting and removing them, and what follows for the links of the site at once.

A rule that keeps a site's links from being visited cancels the visits that wait; one that no longer does
makes those due of which no visit has ended yet. A visit that was sent before goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import visits
from linkshot.catalogue.clock import to_us, unique_us
from linkshot.catalogue.link_rows import VISIBLE
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import insert_into
from linkshot.catalogue.site_rules import (
    LIVE,
    load_rules,
    load_snapshot_rules,
    on_hosts,
    site_rules,
    to_columns,
    to_rule,
)
from linkshot.catalogue.uploads import uploads
from linkshot.domain import urls
from linkshot.domain.site_rule_input import make_rule, site_of
from linkshot.domain.site_rules import FIELDS, FieldInForce, SiteRule, SiteRules
from linkshot.errors import InvalidInput, NotFound

MAX_RULES = 1000
c = links.c
r = site_rules.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRule:
    """A rule that was set, removed or brought back, and what followed."""

    rule: SiteRule
    cancelled: int = 0
    """Visits that waited and are not made."""
    due: int = 0
    """Links without a snapshot that are visited now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """What the rules say about an address."""

    url: str
    """The address in its normal form; of a site, its root."""
    rule: SiteRule | None
    """The rule for exactly this site."""
    in_force: Mapping[str, FieldInForce]
    """Field → its value and the rule that says so; the settings hold for the others."""


def list_rules(app: App) -> list[SiteRule]:
    """All rules, by site."""
    with app.catalogue.read() as conn:
        rows = conn.execute(sa.select(site_rules).where(LIVE).order_by(r.site)).all()
    return [to_rule(row) for row in rows]


def view(app: App, text: str) -> SiteView:
    """What holds for a site or for an address; InvalidInput."""
    normal = urls.normalize(text.strip(), scheme_default=True)
    with app.catalogue.read() as conn:
        rules = load_rules(conn)
    is_plain = normal.port is None and not set("?#") & set(normal.url)
    site = site_of(text) if is_plain else ""
    return SiteView(
        url=normal.url,
        rule=next((one for one in rules.matching(normal.url) if one.site == site), None),
        in_force=rules.in_force(normal.url),
    )


def put(app: App, site: str, values: Mapping[str, Any]) -> ChangedRule:
    """Set the whole rule of a site; InvalidInput."""
    with app.catalogue.edit() as conn:
        return _put(app, conn, make_rule(site, values))


def change(app: App, site: str, values: Mapping[str, Any]) -> ChangedRule:
    """Set some fields of a site's rule (None: it says nothing about them); the others stay. InvalidInput."""
    with app.catalogue.edit() as conn:
        known = conn.execute(sa.select(site_rules).where(LIVE, r.site == site_of(site))).first()
        before = {} if known is None else {name: getattr(to_rule(known), name) for name in FIELDS}
        return _put(app, conn, make_rule(site, before | dict(values)))


def remove(app: App, site: str) -> ChangedRule:
    """The site has no rule any more; NotFound."""
    now = to_us(app.now())
    return _switch(app, site_of(site), LIVE, now)


def restore(app: App, site: str) -> ChangedRule:
    """A rule that was removed holds again as it was; NotFound."""
    return _switch(app, site_of(site), ~LIVE, None)


def last_removed(app: App) -> str | None:
    """The site whose rule was removed last; None when none was, or it has a rule again."""
    newest = sa.select(r.site).where(~LIVE).order_by(r.deleted_at.desc()).limit(1)
    with app.catalogue.read() as conn:
        return conn.execute(newest).scalar()


def _put(app: App, conn: sa.Connection, rule: SiteRule) -> ChangedRule:
    others = sa.select(sa.func.count()).select_from(site_rules).where(LIVE, r.site != rule.site)
    if conn.execute(others).scalar_one() >= MAX_RULES:
        raise InvalidInput(
            f"There are {MAX_RULES} rules for sites, and there can be no more; remove one first.",
            code="site.too_many",
        )
    now = to_us(app.now())
    before = load_snapshot_rules(conn)
    stamps = {"changed_at": now, "rev": unique_us(conn, "rev", now=now), "deleted_at": None}
    values = to_columns(rule) | stamps
    fresh = insert_into(conn, site_rules).values(site=rule.site, **values)
    conn.execute(fresh.on_conflict_do_update(index_elements=["site"], set_=values))
    return _apply(conn, rule, before, now)


def _switch(
    app: App, site: str, which: sa.ColumnElement[bool], deleted_at: int | None
) -> ChangedRule:
    """The rule is removed at this time (µs), or holds again."""
    with app.catalogue.edit() as conn:
        now = to_us(app.now())
        rev = unique_us(conn, "rev", now=now)
        row = conn.execute(sa.select(site_rules).where(which, r.site == site)).first()
        if row is None:
            raise NotFound(
                f"There is no rule for {site}; `linkshot site ls` lists them.",
                code="site.not_found",
            )
        before = load_snapshot_rules(conn)
        mine = site_rules.update().where(r.site == site)
        conn.execute(mine.values(deleted_at=deleted_at, changed_at=now, rev=rev))
        return _apply(conn, to_rule(row), before, now)


def _apply(conn: sa.Connection, rule: SiteRule, before: SiteRules, now: int) -> ChangedRule:
    """Bring the links below a changed rule in line with the rules as they are now."""
    rules = load_snapshot_rules(conn)
    if not before and not rules:
        return ChangedRule(rule=rule)
    here = VISIBLE & on_hosts(rule.host) & visits.IDLE
    query = sa.select(c.link_id, c.url)
    waiting = conn.execute(query.where(here, c.due_at.is_not(None))).all()
    unseen = here & (c.state == "new") & c.due_at.is_(None) & c.last_snapshot_id.is_(None)
    uploading = sa.exists().where(uploads.c.link_id == c.link_id)
    resting = conn.execute(query.where(unseen, ~uploading)).all()
    kept_out = [row.link_id for row in waiting if rules.without_snapshot(row.url)]
    visited = [
        row.link_id
        for row in resting
        if before.without_snapshot(row.url) and not rules.without_snapshot(row.url)
    ]
    visits.cancel_due(conn, kept_out)
    visits.make_first_visits_due(conn, visited, now)
    return ChangedRule(rule=rule, cancelled=len(kept_out), due=len(visited))
