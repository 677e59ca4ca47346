"""Transactions, migrations, clocks and leases of the catalogue, on SQLite and PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from linkshot.app import App
from linkshot.catalogue import migrations
from linkshot.catalogue.clock import from_us, to_us, unique_us, unused_us
from linkshot.catalogue.engine import Catalogue
from linkshot.catalogue.leases import take_lease
from linkshot.catalogue.links import links
from linkshot.catalogue.meta import get_meta, set_meta
from linkshot.catalogue.schema import insert_many, storable
from linkshot.catalogue.tables import metadata, snapshots, tags, watches
from linkshot.catalogue.tags import tag_pairs
from linkshot.catalogue.upsert_links import key_hash
from linkshot.domain.change_key import unchanged_key
from linkshot.errors import CatalogueUnavailable, ConfigError


@pytest.fixture
def catalogue(catalogue_url: str) -> Iterator[Catalogue]:
    opened = Catalogue.open(catalogue_url)
    yield opened
    opened.close()


def test_a_new_catalogue_has_the_newest_schema(catalogue: Catalogue) -> None:
    with catalogue.read() as conn:
        version = conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    assert version == migrations.HEAD


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_an_older_catalogue_gets_exactly_the_tables_of_the_code(
    catalogue: Catalogue, catalogue_url: str
) -> None:
    made_new = _schema(catalogue)
    with catalogue.write() as conn:
        metadata.drop_all(conn)
        conn.execute(sa.text("DROP TABLE alembic_version"))
        migrations.upgrade(conn, "0001")
    again = Catalogue.open(catalogue_url)
    with again.read() as conn:
        differences = compare_metadata(MigrationContext.configure(conn), metadata)
    assert differences == []
    assert _schema(again) == made_new
    again.close()


BEFORE_NUMBERS = (
    "INSERT INTO tags (tag_id, name, key, parent_id, created_at, rev) VALUES"
    " ('t1', 'Sea', 'sea', NULL, 1, 1), ('t2', 'Sea/Birds', 'sea/birds', 't1', 1, 2)",
    "INSERT INTO links (link_id, key_hash, url_key, url, host, added_at, by_added, changed_at,"
    " by_changed, rev) VALUES ('bb', 'k1', 'http://a.example/', 'http://a.example/', 'a.example', 7, 8, 9, 10, 11),"
    " ('aa', 'k2', 'http://b.example/', 'http://b.example/', 'b.example', 17, 18, 19, 20, 21)",
    "INSERT INTO link_tags (link_id, tag_id) VALUES ('aa', 't1'), ('aa', 't2'), ('bb', 't2')",
    "INSERT INTO watches (link_id, every, every_s, next_at, created_at)"
    " VALUES ('aa', '1 day', 86400, 5, 4)",
    "INSERT INTO snapshots (snapshot_id, link_id, outcome, reason, finished_at)"
    " VALUES ('s1', 'bb', 'stored', 'add', 6)",
)


def test_an_older_catalogue_keeps_its_rows_and_what_refers_to_them(
    catalogue: Catalogue, catalogue_url: str
) -> None:
    with catalogue.write() as conn:
        metadata.drop_all(conn)
        conn.execute(sa.text("DROP TABLE alembic_version"))
        migrations.upgrade(conn, "0003")
        for statement in BEFORE_NUMBERS:
            conn.execute(sa.text(statement))
    again = Catalogue.open(catalogue_url)
    with again.read() as conn:
        assert tag_pairs(conn, ["aa", "bb"]) == {("aa", "t1"), ("aa", "t2"), ("bb", "t2")}
        kept = conn.execute(sa.select(links).order_by(links.c.link_no)).all()
        assert [(row.link_id, row.key_hash, row.by_changed, row.state) for row in kept] == [
            ("bb", "k1", unchanged_key(8), "new"),
            ("aa", "k2", unchanged_key(18), "new"),
        ]
        assert conn.scalars(sa.select(tags.c.parent_id).order_by(tags.c.tag_no)).all() == [
            None,
            "t1",
        ]
        assert conn.scalars(sa.select(watches.c.link_id)).all() == ["aa"]
        assert conn.scalars(sa.select(snapshots.c.link_id)).all() == ["bb"]
    with again.write() as conn, pytest.raises(exc.IntegrityError):
        conn.execute(sa.text(BEFORE_NUMBERS[-1].replace("'bb'", "'cc'").replace("'s1'", "'s2'")))
    again.close()


def test_checks_that_were_asked_for_before_are_still_wanted(
    catalogue: Catalogue, catalogue_url: str
) -> None:
    with catalogue.write() as conn:
        metadata.drop_all(conn)
        conn.execute(sa.text("DROP TABLE alembic_version"))
        migrations.upgrade(conn, "0016")
        for n, reason in enumerate(("check", "schedule")):
            values = f"('{n}', '', '', 'a.example', {n}, {n}, {n}, {n}, {n}, '{reason}')"
            columns = "link_id, url_key, url, host, added_at, by_added, changed_at, by_changed, rev, reason"
            conn.execute(sa.text(f"INSERT INTO links ({columns}) VALUES {values}"))
    again = Catalogue.open(catalogue_url)
    with again.read() as conn:
        query = sa.select(links.c.reason, links.c.check_wanted).order_by(links.c.link_no)
        assert list(map(tuple, conn.execute(query))) == [("manual", True), ("schedule", False)]
    again.close()


BY_RULE_1 = (
    "INSERT INTO links (link_id, key_hash, url_key, url, url_given, host, added_at, by_added,"
    " changed_at, by_changed, rev, purged) VALUES"
    " ('aa', 'k1', 'https://a.example/', 'https://a.example/#/one', 'HTTPS://A.example#/one',"
    "  'a.example', 1, 1, 1, 1, 1, FALSE),"
    " ('bb', 'k2', 'https://b.example/', 'https://b.example/?utm_source=x#part', '', 'b.example',"
    "  2, 2, 2, 2, 2, FALSE),"
    " ('cc', NULL, '', '', '', '', 3, 3, 3, 3, 3, TRUE)",
    "UPDATE links SET key_hash = '" + key_hash("https://b.example/") + "' WHERE link_id = 'bb'",
)
"""An application's route, a section, a tombstone."""


def test_an_older_catalogue_gets_the_keys_of_the_rule_of_today(
    catalogue: Catalogue, catalogue_url: str
) -> None:
    with catalogue.write() as conn:
        metadata.drop_all(conn)
        conn.execute(sa.text("DROP TABLE alembic_version"))
        migrations.upgrade(conn, "0005")
        for statement in BY_RULE_1:
            conn.execute(sa.text(statement))
    again = Catalogue.open(catalogue_url)
    with again.read() as conn:
        rows = conn.execute(sa.select(links).order_by(links.c.link_no)).all()
    again.close()
    assert [(row.link_id, row.url_key, row.key_hash, row.key_version) for row in rows] == [
        ("aa", "https://a.example/#/one", key_hash("https://a.example/#/one"), 2),
        ("bb", "https://b.example/", key_hash("https://b.example/"), 1),
        ("cc", "", None, 1),
    ]
    assert (rows[0].url, rows[0].url_given, rows[0].rev) == (
        "https://a.example/#/one",
        "HTTPS://A.example#/one",
        1,
    )


def test_an_older_catalogue_that_refers_to_what_is_gone_stays_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/c.db"
    catalogue = Catalogue.open(url)
    with catalogue.write() as conn:
        metadata.drop_all(conn)
        conn.execute(sa.text("DROP TABLE alembic_version"))
        migrations.upgrade(conn, "0003")
    catalogue.close()
    with closing(sqlite3.connect(tmp_path / "c.db")) as broken:
        broken.execute(BEFORE_NUMBERS[-1])
        broken.commit()
    with pytest.raises(CatalogueUnavailable, match="snapshots refer to links that are gone"):
        Catalogue.open(url)
    with closing(sqlite3.connect(tmp_path / "c.db")) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("0003",)]
        assert kept.execute("SELECT count(*) FROM snapshots").fetchall() == [(1,)]


def test_a_catalogue_of_a_newer_linkshot_is_left_alone(
    catalogue: Catalogue, catalogue_url: str
) -> None:
    with catalogue.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CatalogueUnavailable, match="newer linkshot"):
        Catalogue.open(catalogue_url)


def _said(index: dict[str, Any]) -> dict[str, Any]:
    """Conditions as words; they are objects."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def _schema(catalogue: Catalogue) -> dict[str, object]:
    """Table → columns, keys and indexes, in an order of their own."""
    found: dict[str, object] = {}
    with catalogue.read() as conn:
        seen = sa.inspect(conn)
        for table in seen.get_table_names():
            parts = (
                seen.get_columns(table),
                [_said(index) for index in seen.get_indexes(table)],
                seen.get_unique_constraints(table),
                seen.get_foreign_keys(table),
            )
            key = seen.get_pk_constraint(table)["constrained_columns"]
            found[table] = [sorted(map(str, part)) for part in parts], key
    return found


def test_several_starting_at_once_migrate_once(catalogue_url: str) -> None:
    opened: list[Catalogue] = []
    failures: list[Exception] = []

    def start() -> None:
        try:
            opened.append(Catalogue.open(catalogue_url))
        except Exception as error:
            failures.append(error)

    _together([start] * 5)
    for one in opened:
        one.close()
    assert (len(opened), failures) == (5, [])


def _together(works: list) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_a_block_that_raises_changes_nothing(catalogue: Catalogue) -> None:
    def fail() -> None:
        with catalogue.write() as conn:
            set_meta(conn, "a", "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with catalogue.read() as conn:
        assert get_meta(conn, "a") is None


def test_sqlite_keeps_every_commit_through_a_power_loss(tmp_path: Path) -> None:
    catalogue = Catalogue.open(f"sqlite:///{tmp_path}/c.db")
    with catalogue.read() as conn:
        pragmas = [
            conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    catalogue.close()
    assert pragmas == ["wal", 2, 1, 10_000]


def test_minted_keys_rise_although_the_clock_goes_back(catalogue: Catalogue) -> None:
    with catalogue.write() as conn:
        first = unique_us(conn, "rev", 3)
    with catalogue.write() as conn:
        assert unique_us(conn, "rev", now=5) == first + 3


def test_minted_keys_never_repeat_among_threads(catalogue: Catalogue) -> None:
    seen: list[int] = []

    def mint() -> None:
        for _ in range(10):
            with catalogue.write() as conn:
                seen.append(unique_us(conn, "rev"))

    _together([mint] * 4)
    assert len(set(seen)) == 40


def test_wanted_keys_that_are_taken_move_on(catalogue: Catalogue) -> None:
    with catalogue.write() as conn:
        assert unused_us(conn, "added", links.c.by_added, [7, 7, 8]) == [7, 8, 9]


ODD_TEXTS = (
    "'", '"', "\\", "\\u0000", "%", "%s %(rows)s", ":rows ?", "{}[],", "a\r\n\tb", "\x01\x7f\x85",
    "\u2028", "渡口的信", "𠮷🦉", "e\u0301", "\ufeff", storable("\0 \ud800"), "null", "", "x" * 100_000,
)  # fmt: skip


def test_many_rows_come_back_as_they_were_given(catalogue: Catalogue) -> None:
    columns = ("link_id", "url_key", "url", "host", "title", "unread", "added_at", "by_added",
               "changed_at", "by_changed", "rev", "deleted_at", "http_status")  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (f"{n:032}", text, text, "a.example", text, n % 2 == 0, -n, 2**62 + n, 0, n - 9, 1, None, n)
        for n, text in enumerate(ODD_TEXTS)
    ]
    with catalogue.write() as conn:
        insert_many(conn, lambda _: links.insert(), columns, rows)
    with catalogue.read() as conn:
        given = sa.select(*(links.c[name] for name in columns)).order_by(links.c.link_no)
        assert [tuple(row) for row in conn.execute(given)] == rows


def test_a_lease_has_one_holder_until_it_ends(catalogue: Catalogue) -> None:
    with catalogue.write() as conn:
        assert take_lease(conn, "send", "a", now=0, until=10)
        assert not take_lease(conn, "send", "b", now=5, until=15)
        assert take_lease(conn, "send", "a", now=5, until=15)
        assert take_lease(conn, "send", "b", now=15, until=25)


def test_instants_survive_the_way_through_microseconds(kept: App) -> None:
    assert from_us(to_us(kept.now())) == kept.now()


@pytest.mark.parametrize(
    "url",
    ["nonsense", "mysql://u:secret@h/x", "sqlite://", "sqlite:///:memory:"],
)
def test_a_url_that_cannot_work_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError) as failure:
        Catalogue.open(url)
    assert "secret" not in failure.value.message


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////proc/nowhere/x/catalogue.db",
        "postgresql+psycopg://u@127.0.0.1:1/x",
    ],
    ids=["folder that cannot be made", "server that does not answer"],
)
def test_a_catalogue_that_does_not_answer_is_unavailable(url: str) -> None:
    with pytest.raises(CatalogueUnavailable):
        Catalogue.open(url)


@pytest.mark.cluster
@pytest.mark.parametrize(
    ("user", "database", "words"),
    [
        ("linkshot", "not_there", "no database of that name"),
        ("nobody_", "x", "does not know the user"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_told_why(cluster_urls, user, database, words) -> None:
    host = cluster_urls["LINKSHOT_CATALOGUE"].rpartition("@")[2].partition("/")[0]
    with pytest.raises(CatalogueUnavailable, match=words):
        Catalogue.open(f"postgresql+psycopg://{user}@{host}/{database}")


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "c.db").write_bytes(b"this is not a database file at all, only text" * 50)
    with pytest.raises(CatalogueUnavailable):
        Catalogue.open(f"sqlite:///{tmp_path}/c.db")
