"""Links: adding, finding, listing, editing and counting."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from linkshot import query
from linkshot.app import App
from linkshot.catalogue import facets as facet_counts
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.filters import where
from linkshot.catalogue.idempotency import idempotency
from linkshot.catalogue.link_rows import VISIBLE, links_by_id, select_links, to_links
from linkshot.catalogue.links import links
from linkshot.catalogue.revisions import bump_revision
from linkshot.catalogue.schema import insert_into, storable
from linkshot.catalogue.upsert_links import Candidate, UpsertContext, UpsertResult, upsert_links
from linkshot.domain import urls
from linkshot.domain.link_merge import MAX_NOTE
from linkshot.domain.model import Link, LinkId, LinkState, NewLink, Reason
from linkshot.domain.tag_paths import tag_paths
from linkshot.domain.url_admission import admit
from linkshot.errors import Conflict, InvalidInput
from linkshot.ports import PageRequest
from linkshot.query import Query, Sort
from linkshot.use_cases import link_resolver, paging, tags

MAX_TITLE = 1000
"""Characters of a title that a person gives."""

c = links.c


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedLink:
    """A link that is kept now."""

    link: Link
    existing: bool
    """It was known before (also when it came back from the trash)."""
    url: str
    """The address that was given, in its normal form; the link may have it with another `#section`."""
    warnings: tuple[str, ...] = ()
    """Codes of what was not taken as it was given, e.g. `credentials_removed`, `note.joined`; see
    domain/import_notices.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """Part of a list."""

    total: int
    items: tuple[Link, ...]
    next_cursor: str | None
    facets: paging.Facets


def add(
    app: App,
    new: NewLink,
    *,
    reason: Reason = Reason.ADD,
    scheme_default: bool = False,
    idempotency_key: str | None = None,
) -> AddedLink:
    """Keep a link; committed when this returns. Its visit is due at once.

    A known one gets the tags too, a second note below its own, and keeps its title; one in the trash comes
    back. `warnings` says so. Raises InvalidURL,
    InvalidTag, InvalidInput; Conflict `idempotency.conflict` for an old key with another body.
    """
    item, warnings = make_candidate(app, new, scheme_default=scheme_default)
    now = to_us(app.now())
    context = UpsertContext(now=now, reason=reason)
    # Looked up and recorded in one edit: two requests with one key at a time make one link.
    with app.catalogue.edit() as conn:
        kept = _idempotent_result(conn, idempotency_key, new)
        if kept is None:
            (kept,) = upsert_links(conn, [item], context)
            _record_idempotency_key(conn, idempotency_key, new, kept, now)
        (link,) = links_by_id(conn, [kept.link_id], sa.true())
    return AddedLink(
        link=link, existing=kept.existing, url=item.url, warnings=(*warnings, *kept.notices)
    )


def make_candidate(
    app: App, new: NewLink, *, scheme_default: bool = False, order: int = 0
) -> tuple[Candidate, tuple[str, ...]]:
    """A checked link and codes of warnings; InvalidURL, InvalidTag or InvalidInput.

    `order` decides among links of the same whole second.
    """
    settings = app.settings
    url = admit(
        urls.normalize(new.url, scheme_default=scheme_default),
        allow_networks=settings.allow_networks,
        own_hosts=settings.own_addresses,
    )
    added_at = None if new.added_at is None else to_us(min(new.added_at, app.now()))
    by_added = added_at
    if added_at is not None and added_at % 1_000_000 == 0:
        # Bookmarks have whole seconds; within one the order of the file is kept.
        by_added = added_at + order % 1_000_000
    item = Candidate(
        url=url.url,
        url_key=url.key,
        host=url.host,
        derived_id=urls.link_id(url.key),
        # as given, unless it holds a password, which is nowhere kept
        url_given="" if "credentials_removed" in url.warnings else storable(new.url),
        tags=tag_paths(new.tags),
        title=_checked(new.title, "title", MAX_TITLE),
        note=_checked(new.note, "note", MAX_NOTE),
        unread=new.unread,
        added_at=added_at,
        by_added=by_added,
    )
    return item, tuple(url.warnings)


def _checked(text: str, field: str, limit: int) -> str:
    if len(text) > limit:
        raise InvalidInput(
            f"The {field} has {len(text)} characters, at most {limit} are kept.",
            code=f"{field}.too_long",
            field=field,
        )
    return storable(text)


def _idempotent_result(conn: sa.Connection, key: str | None, new: NewLink) -> UpsertResult | None:
    if key is None:
        return None
    row = conn.execute(sa.select(idempotency).where(idempotency.c.key == key[:255])).first()
    if row is None:
        return None
    if row.body_sha256 != _body_sha256(new):
        raise Conflict(
            "This Idempotency-Key was used for another link before.", code="idempotency.conflict"
        )
    return UpsertResult(
        link_id=LinkId(row.link_id), existing=row.existing, notices=tuple(row.notices.split())
    )


def _record_idempotency_key(
    conn: sa.Connection, key: str | None, new: NewLink, kept: UpsertResult, now: int
) -> None:
    if key is None:
        return
    values = {
        "body_sha256": _body_sha256(new),
        "link_id": kept.link_id,
        "existing": kept.existing,
        "notices": " ".join(kept.notices),
    }
    statement = insert_into(conn, idempotency).values(key=key[:255], at=now, **values)
    conn.execute(statement.on_conflict_do_nothing())


def _body_sha256(new: NewLink) -> str:
    body = [new.url, sorted(new.tags), new.title, new.note, new.unread, str(new.added_at)]
    return hashlib.sha256(json.dumps(body).encode()).hexdigest()


def get(app: App, ref: str) -> Link:
    """The link with this id, unique beginning of an id (6 digits or more) or URL; NotFound."""
    with app.catalogue.read() as conn:
        found = links_by_id(conn, [link_resolver.link_id(app, conn, ref)])
    return found[0]


def by_ids(app: App, ids: Sequence[LinkId]) -> list[Link]:
    """These links in this order, those that are not there left out; five queries."""
    with app.catalogue.read() as conn:
        return links_by_id(conn, ids)


def list_links(
    app: App, asked: Query, page: PageRequest, *, cursor: str | None = None, of: str = ""
) -> LinkPage:
    """The links a query without words means, from the catalogue; facets count all of them.

    `of` names the query for cursors (its text); a cursor of another one is refused.
    """
    page = page if cursor is None else paging.at_cursor(of, page, cursor)
    paging.check_page(page)
    lookup = tags.resolve(app, query.tag_names(asked))
    resolved = query.resolve_tags(asked, lambda name: lookup[name])
    wanted = VISIBLE & where(resolved)
    if page.exclude:
        wanted &= c.link_id.not_in(list(page.exclude))
    with app.catalogue.read() as conn:
        total = conn.execute(
            sa.select(sa.func.count()).select_from(links).where(wanted)
        ).scalar_one()
        rows = conn.execute(_select_page(conn.dialect.name, wanted, page)).all()
        items = to_links(conn, rows[: page.limit])
        counted = facet_counts.count_facets(conn, wanted) if page.facets else {}
        facets = tags.labelled(conn, counted)
    next_cursor = None
    if len(rows) > page.limit:
        last = items[-1].by_changed if page.sort is Sort.CHANGED else items[-1].by_added
        next_cursor = paging.make_cursor(of, page.sort, before=last)
    return LinkPage(total=total, items=tuple(items), next_cursor=next_cursor, facets=facets)


def _select_page(
    dialect: str, wanted: sa.ColumnElement[bool], page: PageRequest
) -> sa.Select[tuple[object, ...]]:
    """One row more than asked for tells whether there is a next page.

    Ordered by number and key first: whole rows are read for the page only.
    """
    column = c.by_changed if page.sort is Sort.CHANGED else c.by_added
    oldest = page.sort is Sort.OLDEST
    if page.before is not None:
        wanted &= (column > page.before) if oldest else (column < page.before)
    order = column if oldest else column.desc()
    found = sa.select(c.link_no).where(wanted).order_by(order).limit(page.limit + 1)
    return select_links(dialect).where(c.link_no.in_(found)).order_by(order)


def edit(
    app: App,
    ref: str,
    *,
    title: str | None = None,
    note: str | None = None,
    unread: bool | None = None,
) -> Link:
    """Change what is given; an empty title shows the page's own again."""
    given = {
        "title_given": None if title is None else _checked(title, "title", MAX_TITLE),
        "note": None if note is None else _checked(note, "note", MAX_NOTE),
        "unread": unread,
    }
    values = {name: value for name, value in given.items() if value is not None}
    with app.catalogue.edit() as conn:
        link_id = link_resolver.link_id(app, conn, ref)
        if values:  # the revision first: that takes the clock's row, see Catalogue.write()
            bump_revision(conn, [link_id], to_us(app.now()))
            conn.execute(links.update().where(c.link_id == link_id).values(**values))
        return links_by_id(conn, [link_id])[0]


def counts(app: App) -> dict[str, int]:
    """How many links: `all`, by state, in the `trash`, and `working` (due now or sent)."""
    now = to_us(app.now())
    under_way = c.open_request_id.is_not(None) | (c.due_at <= now)
    cases = {state.value: VISIBLE & (c.state == state.value) for state in LinkState}
    cases |= {
        "all": VISIBLE,
        "trash": c.deleted_at.is_not(None) & c.purged.is_(sa.false()),
        "working": VISIBLE & under_way,
    }
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((case, 1), else_=0)), 0).label(name)
        for name, case in cases.items()
    ]
    with app.catalogue.read() as conn:
        row = conn.execute(sa.select(*columns).select_from(links)).mappings().one()
    return {name: int(value) for name, value in row.items()}
