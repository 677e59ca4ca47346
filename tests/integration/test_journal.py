"""What the journal keeps of a noun makes the same noun again."""

from dataclasses import replace
from pathlib import Path

import pytest

from linkshot.app import App
from linkshot.catalogue.engine import Catalogue
from linkshot.domain.model import NewLink
from linkshot.journal import batches
from linkshot.journal.nouns import NOUNS, JournalRecord
from linkshot.maintenance import rebuild
from linkshot.use_cases import links, sites, tags, trash, watches

URL = "https://example.com/"


def fill(app: App) -> None:
    for name in ("a", "b", "gone", "gone-too"):
        links.add(app, NewLink(url=URL + name, tags=("编程/数据库", "x"), note="备注"))
    watches.set_schedule(app, URL + "a", "1d")
    trash.remove(app, [URL + "b", URL + "gone", URL + "gone-too"])
    # purged together, so that their tombstones share a revision
    trash.purge(app, [str(one.link_id) for one in trash.list_trash(app) if "gone" in one.url])
    tags.remove(app, "x")
    sites.put(app, "example.com/forum", {"snapshot": False, "delay_s": 2.5})
    sites.put(app, "gone.example", {"consent": "hide"})
    sites.remove(app, "gone.example")


def records(catalogue: Catalogue) -> dict[str, list[JournalRecord]]:
    with catalogue.read() as conn:
        return {noun.name: noun.records(conn, 100) for noun in NOUNS}


def test_nouns_that_were_restored_are_journalled_alike(kept: App, tmp_path: Path) -> None:
    fill(kept)
    before = records(kept.catalogue)
    assert {name: len(found) for name, found in before.items()} == {"tag": 3, "site": 2, "link": 4}
    restored = Catalogue.open(f"sqlite:///{tmp_path / 'restored.db'}")
    with restored.write() as conn:
        for noun in NOUNS:
            noun.restore(conn, sorted(before[noun.name], key=noun.order))
            conn.execute(noun.table.update().values(journalled_rev=0))
    after = records(restored)
    restored.close()
    assert after["link"] == before["link"]
    assert after["site"] == [one for one in before["site"] if one.value is not None]
    assert after["tag"] == [one for one in before["tag"] if one.value is not None]


def test_a_new_noun_is_one_more_entry(kept: App, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(kept)
    tag = NOUNS[0]
    secret = records(kept.catalogue)["tag"][0].id
    more = replace(tag, name="label", label="labels", redacted=lambda _conn: {secret})
    for module in (batches, rebuild):
        monkeypatch.setattr(module, "NOUNS", (*NOUNS, more))
    batches.write(kept)
    assert batches.redact_purged(kept) == 1
    kept_values = {
        (one.noun, one.id) for one in batches.read(kept, []) if one.value and one.id == secret
    }
    assert kept_values == {("tag", secret)}
    made = rebuild.rebuild_catalogue(kept, lambda _what, _count: None)
    assert list(made.counts.items()) == [
        ("labels", 1),
        ("links", 2),
        ("site_rules", 1),
        ("tags", 2),
        ("snapshots", 0),
    ]
