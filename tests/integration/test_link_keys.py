"""Routes behind `#/` and `#!` are pages: in every way in, after an upgrade and after a rebuild."""

from io import BytesIO

import pytest
import sqlalchemy as sa
from catalogue_app import Clock

from linkshot.app import App
from linkshot.catalogue.keys import REKEYED_UP_TO
from linkshot.catalogue.links import links as table
from linkshot.catalogue.meta import get_meta
from linkshot.catalogue.upsert_links import key_hash
from linkshot.dispatch import request_publisher
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.dispatch.loop import rekey_new_links
from linkshot.domain.messages import REQUESTS, SUBMISSIONS, SnapshotRequested
from linkshot.domain.model import Link, NewLink
from linkshot.errors import NotFound
from linkshot.journal import batches
from linkshot.maintenance import rebuild
from linkshot.ports import Message
from linkshot.use_cases import imports, links, search, trash

APP = "https://app.example.com/"
ONE, TWO = f"{APP}#/quarter/2017", f"{APP}#/quarter/2018"
TABLES = ("link_tags", "versions", "snapshots", "watches", "tags", "links")


def add(app: App, url: str) -> Link:
    return links.add(app, NewLink(url=url)).link


def urls(app: App, text: str = "") -> list[str]:
    return sorted(found.link.url for found in search.find(app, text).items)


def by_rule_1(app: App, *ids: str) -> None:
    """As a linkshot of the rule before leaves these links: the route is not in their keys."""
    with app.catalogue.write() as conn:
        for link_id in ids:
            key = conn.scalars(sa.select(table.c.url).where(table.c.link_id == link_id)).one()
            key = key.partition("#")[0]
            old = {"url_key": key, "key_hash": key_hash(key), "key_version": 1}
            conn.execute(table.update().where(table.c.link_id == link_id).values(**old))


def lose_the_catalogue(app: App) -> None:
    with app.catalogue.write() as conn:
        for name in TABLES:
            conn.execute(sa.text(f"DELETE FROM {name}"))


def quiet(_what: str, _count: int) -> None:
    pass


def test_two_routes_of_an_application_are_two_links(kept: App) -> None:
    first, second = add(kept, ONE), add(kept, TWO)
    assert urls(kept) == [ONE, TWO]
    assert links.add(kept, NewLink(url=f"{ONE}")).existing
    assert [links.get(kept, url).link_id for url in (ONE, TWO)] == [first.link_id, second.link_id]


def test_a_route_and_the_page_without_one_are_two_links(kept: App) -> None:
    route, root = add(kept, ONE), add(kept, APP)
    assert route.link_id != root.link_id
    assert add(kept, f"{APP}#/").link_id == add(kept, f"{APP}#top").link_id == root.link_id
    with pytest.raises(NotFound):
        links.get(kept, TWO)


def test_the_request_for_a_visit_holds_the_route(kept: App) -> None:
    add(kept, ONE)
    request_publisher.publish_due(kept, "test")
    subscription = kept.queue.subscribe([REQUESTS], "crawl", 10)
    (delivery,) = subscription.take(5)
    subscription.close()
    asked = SnapshotRequested.decode(delivery.value)
    assert (asked.url, asked.host) == (ONE, "app.example.com")


def test_every_row_of_a_file_with_a_route_is_a_link(kept: App) -> None:
    listed = "\n".join([ONE, TWO, f"{APP}#!topic/g/t1", f"{APP}a#section", f"{APP}a"])
    dry = imports.run(kept, BytesIO(listed.encode()), "routes.txt", dry_run=True)
    done = imports.run(kept, BytesIO(listed.encode()), "routes.txt")
    assert (dry.accepted, dry.duplicate) == (done.accepted, done.duplicate) == (4, 1)


def test_submissions_with_routes_are_links(kept: App) -> None:
    values = [f'{{"url": "{url}"}}'.encode() for url in (ONE, TWO)]
    kept.queue.publish(SUBMISSIONS, [Message(key="a", value=value) for value in values])
    consumer = CatalogueConsumer(kept)
    while consumer.work_once():
        pass
    consumer.close()
    assert urls(kept) == [ONE, TWO]


def test_site_and_catalogue_filters_know_the_routes(kept: App) -> None:
    add(kept, ONE)
    assert urls(kept, "site:example.com") == [ONE]


def test_a_purged_route_leaves_other_routes_and_the_page_alone(kept: App) -> None:
    gone = add(kept, ONE)
    by_rule_1(kept, gone.link_id)
    trash.remove(kept, [gone.link_id])
    trash.purge(kept, [gone.link_id])
    rekey_new_links(kept)
    assert add(kept, APP).link_id != gone.link_id
    assert add(kept, ONE).link_id != gone.link_id
    assert urls(kept) == [APP, ONE]


def test_what_an_older_process_adds_meanwhile_gets_its_key(kept: App) -> None:
    old = add(kept, ONE)
    rekey_new_links(kept)
    by_rule_1(kept, (late := add(kept, f"{APP}#!/late")).link_id)
    assert rekey_new_links(kept) == 1
    assert links.get(kept, f"{APP}#!/late").link_id == late.link_id
    assert add(kept, APP).link_id not in (old.link_id, late.link_id)
    assert rekey_new_links(kept) == 0


def test_two_links_with_one_key_both_stay(kept: App) -> None:
    old = add(kept, ONE)
    by_rule_1(kept, old.link_id)
    new = add(kept, ONE)
    assert new.link_id != old.link_id
    assert rekey_new_links(kept) == 1
    assert urls(kept) == [ONE, ONE]
    assert links.get(kept, ONE).link_id == new.link_id
    assert links.get(kept, old.link_id).url == ONE


def test_keys_are_looked_at_once(kept: App) -> None:
    add(kept, ONE)
    rekey_new_links(kept)
    with kept.catalogue.read() as conn:
        number = conn.scalars(sa.select(sa.func.max(table.c.link_no))).one()
        assert get_meta(conn, REKEYED_UP_TO) == f"2:{number}"


def test_a_journal_of_the_older_rule_gives_keys_of_the_new_one(kept: App, clock: Clock) -> None:
    old = add(kept, ONE)
    by_rule_1(kept, old.link_id)
    batches.write(kept)
    clock.move(seconds=1)
    root = add(kept, f"{APP}#/quarter/2019")
    batches.write(kept)
    lose_the_catalogue(kept)
    rebuild.rebuild_catalogue(kept, quiet)
    assert {links.get(kept, url).link_id for url in (ONE, f"{APP}#/quarter/2019")} == {
        old.link_id,
        root.link_id,
    }
    assert not links.add(kept, NewLink(url=APP)).existing


def test_two_links_with_one_key_both_come_back(kept: App) -> None:
    old = add(kept, ONE)
    by_rule_1(kept, old.link_id)
    new = add(kept, ONE)
    rekey_new_links(kept)
    batches.write(kept)
    lose_the_catalogue(kept)
    rebuild.rebuild_catalogue(kept, quiet)
    assert urls(kept) == [ONE, ONE]
    assert {old.link_id, new.link_id} == {
        found.link.link_id for found in search.find(kept, "").items
    }
