"""The table of rules for sites, and the links that they keep from being visited."""

from typing import Any

import sqlalchemy as sa

from linkshot.catalogue.links import links
from linkshot.catalogue.schema import Condition, chunks, metadata
from linkshot.domain.site_rules import SiteRule, SiteRules, Viewport

site_rules = sa.Table(
    "site_rules",
    metadata,
    sa.Column("site", sa.String(500), primary_key=True),
    sa.Column("snapshot", sa.Boolean),
    sa.Column("delay_s", sa.Float),
    sa.Column("user_agent", sa.Text),
    sa.Column("consent", sa.String(10)),
    sa.Column("viewport_width", sa.Integer),
    sa.Column("viewport_height", sa.Integer),
    sa.Column("robots", sa.String(10)),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("rev", sa.BigInteger, nullable=False),
    sa.Column("journalled_rev", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("deleted_at", sa.BigInteger),
)
"""A column is NULL where the rule says nothing. A removed rule keeps its row, so that the journal hears
of it and the removal can be undone. Times µs since 1970."""

r = site_rules.c
LIVE = r.deleted_at.is_(None)
HOSTS_AT_A_TIME = 100
"""In one condition; SQLite takes 1,000 terms."""
VALUE_COLUMNS = (
    "snapshot", "delay_s", "user_agent", "consent", "viewport_width", "viewport_height", "robots",
)  # fmt: skip


def to_rule(row: Any) -> SiteRule:
    """The rule of a row."""
    has_viewport = row.viewport_width is not None and row.viewport_height is not None
    return SiteRule(
        site=row.site,
        snapshot=row.snapshot,
        delay_s=row.delay_s,
        user_agent=row.user_agent,
        consent=row.consent,
        viewport=Viewport(width=row.viewport_width, height=row.viewport_height)
        if has_viewport
        else None,
        robots=row.robots,
    )


def to_columns(rule: SiteRule) -> dict[str, object]:
    """The columns of a rule that are in VALUE_COLUMNS."""
    size = rule.viewport
    return {
        "snapshot": rule.snapshot,
        "delay_s": rule.delay_s,
        "user_agent": rule.user_agent,
        "consent": rule.consent,
        "viewport_width": size.width if size else None,
        "viewport_height": size.height if size else None,
        "robots": rule.robots,
    }


def load_rules(conn: sa.Connection) -> SiteRules:
    """All rules that hold."""
    return SiteRules(map(to_rule, conn.execute(sa.select(site_rules).where(LIVE))))


def load_snapshot_rules(conn: sa.Connection) -> SiteRules:
    """The rules that say whether pages of their site are visited, and nothing else of them; none in most
    catalogues, and few in the others."""
    says = sa.select(r.site, r.snapshot).where(LIVE, r.snapshot.is_not(None))
    return SiteRules(SiteRule(site=row.site, snapshot=row.snapshot) for row in conn.execute(says))


def on_hosts(*hosts: str) -> Condition:
    """Links of these hosts and of their subdomains."""
    c = links.c.host
    either = ((c == host) | c.endswith(f".{host}", autoescape=True) for host in hosts)
    return sa.or_(sa.false(), *either)


def kept_from_visits(conn: sa.Connection, which: Condition) -> list[str]:
    """Ids of those of these links that a rule keeps from being visited."""
    rules = load_snapshot_rules(conn)
    hosts = rules.hosts_without_snapshot()
    if not hosts:
        return []
    query = sa.select(links.c.link_id, links.c.url).where(which)
    return [
        row.link_id
        for part in chunks(hosts, HOSTS_AT_A_TIME)
        for row in conn.execute(query.where(on_hosts(*part)))
        if rules.without_snapshot(row.url)
    ]
