"""Names of tags, the tree they make, and who carries them."""

import random
import threading
from collections import Counter
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from catalogue_app import counted

from linkshot import query
from linkshot.app import App
from linkshot.catalogue.links import links as table
from linkshot.catalogue.tags import tags as tag_table
from linkshot.domain.model import Link, NewLink
from linkshot.domain.tag_paths import tag_path, tag_paths, truncated_path
from linkshot.errors import Conflict, InvalidTag, NotFound
from linkshot.use_cases import links, tags, trash
from linkshot.use_cases.paging import page_request

URL = "https://example.com/"


def add(app: App, *names: str, url: str = URL) -> str:
    return links.add(app, NewLink(url=url, tags=names)).link.link_id


def names(app: App) -> list[str]:
    return [tag.name for tag in tags.list_tags(app)]


def revision(app: App, link_id: str) -> int:
    with app.catalogue.read() as conn:
        return conn.execute(sa.select(table.c.rev).where(table.c.link_id == link_id)).scalar_one()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "tag.empty"), ("   ", "tag.empty"), (",", "tag.empty"), ("#", "tag.empty"), ("/", "tag.empty"),
        ("a\0b", "tag.control_char"), ("a\nb", "tag.control_char"), ("a\tb", "tag.control_char"),
        ("\ud800", "tag.control_char"), ("x" * 1000, "tag.too_long"), ("a/" * 51 + "b", "tag.too_long"),
        ("Z" + "\u0334" * 200, "tag.too_long"), ("\ufdfa" * 100, "tag.too_long"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_tag_is_refused_with_a_code(raw: str, code: str) -> None:
    with pytest.raises(InvalidTag) as failure:
        tag_path(raw)
    assert failure.value.code == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "Cafe\u0301"), ("ＡＢＣ", "abc"), ("ﬁ", "fi"), ("ß", "SS"), ("\u212a", "k"), ("新闻", "新闻 "),
        ("技术／编程", "技术/编程"), ("#a", "a"), ("a//b/", "A / B"), ("a, ", "a"),
    ],
)  # fmt: skip
def test_spellings_of_one_tag_have_one_key(one: str, other: str) -> None:
    assert tag_path(one).key == tag_path(other).key


@pytest.mark.parametrize(
    ("one", "other"), [("新闻", "新聞"), ("a", "b"), ("c", "c#"), ("℅", "c/o")]
)
def test_different_tags_have_different_keys(one: str, other: str) -> None:
    assert tag_path(one).key != tag_path(other).key


@pytest.mark.parametrize(
    "name",
    [
        "untagged", "all", "__proto__", "constructor", "null", "true", "0", "..", ".", "a?b", "a%2Fb", "a#b",
        "<img src=x onerror=alert(1)>", "{{7*7}}", "👨‍👩‍👧‍👦", "👍🏽", "עברית", "javascript:", "c#", "f#", ".net",
    ],
)  # fmt: skip
def test_odd_words_are_ordinary_tags(kept: App, name: str) -> None:
    assert tags.add(kept, name).name == name
    assert tags.rename(kept, name, "renamed").name == "renamed"
    assert tags.remove(kept, "renamed").links == 0


def test_equal_tags_are_taken_once_in_the_order_given() -> None:
    assert [path.name for path in tag_paths(["B", "a", "b"])] == ["B", "a"]


def test_a_folder_path_is_made_to_fit_with_notices() -> None:
    path, notices = truncated_path(("x" * 300, "a/b", "", "t\tab"))
    assert path is not None
    assert path.names == ("x" * 100, "a∕b", "tab")
    assert notices == ("tag.slash", "tag.cut")
    assert truncated_path(("", "\0")) == (None, ())
    deep, notices = truncated_path(tuple("abcde" * 20))
    assert deep is not None
    assert (len(deep.names), notices) == (50, ("tag.too_deep",))


def test_a_child_makes_its_parents_and_keeps_their_spelling(kept: App) -> None:
    tags.add(kept, "Sprache")
    child = tags.add(kept, "sprache/中文/语法")
    assert child.name == "Sprache/中文/语法"
    assert names(kept) == ["Sprache", "Sprache/中文", "Sprache/中文/语法"]


def test_the_first_spelling_is_shown(kept: App) -> None:
    add(kept, "Rust")
    add(kept, "ＲＵＳＴ", url="https://example.com/2")
    assert [(tag.name, tag.count) for tag in tags.list_tags(kept)] == [("Rust", 2)]


def test_a_tag_counts_each_link_of_its_subtree_once_and_none_of_the_trash(kept: App) -> None:
    add(kept, "a", "a/b")
    add(kept, "a/c", "a/b/d", url="https://example.com/2")
    trash.remove(kept, [add(kept, "a", url="https://example.com/gone")])
    assert {tag.name: (tag.count, tag.own) for tag in tags.list_tags(kept)} == {
        "a": (2, 1), "a/b": (2, 1), "a/b/d": (1, 1), "a/c": (1, 1),
    }  # fmt: skip


def test_listing_tags_takes_the_same_number_of_queries_however_many_there_are(kept: App) -> None:
    def statements() -> int:
        with counted(kept) as seen:
            tags.list_tags(kept)
        return len(seen)

    add(kept, "t/x", "t/y")
    few = statements()
    add(kept, *[f"t{number}/{child}" for number in range(45) for child in "xy"])
    assert statements() == few <= 7


def test_more_parents_than_one_statement_holds_are_counted(kept: App) -> None:
    for start in range(0, 600, 45):
        names_here = [f"t{n}/{child}" for n in range(start, min(start + 45, 600)) for child in "xy"]
        add(kept, *names_here, url=f"https://example.com/{start}")
    parents = [tag for tag in tags.list_tags(kept) if tag.parent_id is None]
    assert {tag.count for tag in parents} == {1}
    assert len(parents) == 600


SHAPES = ("a", "a/b", "a/b/c", "a/b/d", "a/e", "f", "f/g", "h/i/j", "h/i/k", "l")


@pytest.mark.parametrize("seed", range(8))
def test_every_door_gives_the_same_numbers_as_looking_at_each_link(kept: App, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(30):
        carried = dice.sample(SHAPES, dice.randrange(5))
        link_id = add(kept, *carried, url=f"https://{'ab'[number % 2]}.example/{number}")
        if dice.random() < (0.1, 0.7)[seed % 2]:
            trash.remove(kept, [link_id])
    tags.rename(kept, dice.choice(("a/b", "f/g", "h/i")), "a/moved")
    for text in ("", "#a", "site:a.example", "-#f", "is:untagged"):
        found = links.list_links(kept, query.parse(text), page_request(limit=200))
        facet = {value.value: value.count for value in found.facets["tag"]}
        assert facet == by_hand(found.items), text
    every = links.list_links(kept, query.parse(""), page_request(limit=200)).items
    assert {tag.name: tag.count for tag in tags.list_tags(kept) if tag.count} == by_hand(every)
    for tag in tags.list_tags(kept):
        found = links.list_links(kept, query.parse(f"#{tag.name}"), page_request())
        assert tag.count == found.total
        assert tags.suggest(kept, tag.name)[0].count == tags.add(kept, tag.name).count == tag.count


def by_hand(found: Sequence[Link]) -> dict[str, int]:
    """Tag → links that carry it or one below it."""
    counts: Counter[str] = Counter()
    for link in found:
        steps = [tag.name.split("/") for tag in link.tags]
        counts.update(
            {"/".join(parts[:end]) for parts in steps for end in range(1, len(parts) + 1)}
        )
    return dict(counts)


def test_a_rename_moves_the_whole_tree_and_touches_no_link(kept: App) -> None:
    link_id = add(kept, "ai", "ai/编译器", "ai/编译器/llvm")
    before = revision(kept, link_id)
    ids = tags.resolve(kept, ["ai"])["ai"]
    renamed = tags.rename(kept, "AI", "研究/机器学习")
    assert (renamed.name, renamed.count) == ("研究/机器学习", 1)
    assert names(kept) == [
        "研究", "研究/机器学习", "研究/机器学习/编译器", "研究/机器学习/编译器/llvm",
    ]  # fmt: skip
    assert tags.resolve(kept, ["研究/机器学习"])["研究/机器学习"] == ids
    assert revision(kept, link_id) == before


def test_a_rename_raises_the_revision_of_the_tags(kept: App) -> None:
    tags.add(kept, "a/b")
    with kept.catalogue.read() as conn:
        before = conn.execute(sa.select(sa.func.max(tag_table.c.rev))).scalar_one()
    tags.rename(kept, "a", "c")
    with kept.catalogue.read() as conn:
        assert conn.execute(sa.select(sa.func.min(tag_table.c.rev))).scalar_one() > before


def test_a_rename_may_change_the_spelling_only(kept: App) -> None:
    tags.add(kept, "rust/async")
    assert tags.rename(kept, "rust", "Rust").name == "Rust"
    assert names(kept) == ["Rust", "Rust/async"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("a", "c", "tag.exists"), ("a", "a/b/d", "tag.cycle"), ("a", "A/B", "tag.cycle")],
)
def test_a_rename_that_cannot_be_is_a_conflict(kept: App, old: str, new: str, code: str) -> None:
    tags.add(kept, "a/b")
    tags.add(kept, "c")
    with pytest.raises(Conflict) as failure:
        tags.rename(kept, old, new)
    assert failure.value.code == code
    assert names(kept) == ["a", "a/b", "c"]


def test_of_two_renames_at_once_one_wins(kept: App) -> None:
    tags.add(kept, "old")
    outcomes: list[str] = []

    def rename(new: str) -> None:
        try:
            outcomes.append(tags.rename(kept, "old", new).name)
        except NotFound:
            outcomes.append("not found")

    threads = [threading.Thread(target=rename, args=(name,)) for name in ("x", "y")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(names(kept)) == 1
    assert outcomes.count("not found") == 1


def test_moving_a_tag_out_keeps_its_children(kept: App) -> None:
    tags.add(kept, "a/b/c")
    moved = tags.rename(kept, "a/b", "b")
    assert moved.parent_id is None
    assert names(kept) == ["a", "b", "b/c"]


def test_removing_a_tag_takes_its_children_and_changes_its_links(kept: App) -> None:
    one = add(kept, "a", "k")
    two = add(kept, "a/b", url="https://example.com/2")
    other = add(kept, "k", url="https://example.com/3")
    before = [revision(kept, link_id) for link_id in (one, two, other)]
    assert tags.remove(kept, "a") == tags.RemovedFrom(links=2, trashed=0)
    after = [revision(kept, link_id) for link_id in (one, two, other)]
    assert [new > old for old, new in zip(before, after, strict=True)] == [True, True, False]
    assert names(kept) == ["k"]
    assert [tag.name for tag in links.get(kept, one).tags] == ["k"]


def test_a_removed_tag_was_on_as_many_links_as_the_list_of_tags_said(kept: App) -> None:
    add(kept, "a", "a/b")
    trash.remove(kept, [add(kept, "a/b", url="https://example.com/2")])
    (listed, _) = tags.list_tags(kept)
    assert tags.remove(kept, "a") == tags.RemovedFrom(links=listed.count, trashed=1)


def test_a_removed_tag_can_be_made_again_under_another_id(kept: App) -> None:
    first = tags.add(kept, "a")
    tags.remove(kept, "a")
    assert tags.add(kept, "a").tag_id != first.tag_id


@pytest.mark.parametrize("act", [tags.remove, lambda app, name: tags.rename(app, name, "x")])
def test_an_unknown_tag_is_not_found(kept: App, act) -> None:
    with pytest.raises(NotFound) as failure:
        act(kept, "nowhere")
    assert failure.value.code == "tag.not_found"


def test_a_parent_finds_its_children_and_unknown_names_nothing(kept: App) -> None:
    tags.add(kept, "a/b/c")
    tags.add(kept, "a-b")
    found = tags.resolve(kept, ["A", "a/b", "x", "", "\0"])
    assert [len(found[name]) for name in ("A", "a/b", "x", "", "\0")] == [3, 2, 0, 0, 0]


def test_suggestions_begin_at_any_level_most_used_first(kept: App) -> None:
    add(kept, "code/中文", "中国")
    add(kept, "中国", url="https://example.com/2")
    tags.add(kept, "100%")
    assert [tag.name for tag in tags.suggest(kept, "中")] == ["中国", "code/中文"]
    assert [tag.name for tag in tags.suggest(kept, "100%")] == ["100%"]
    assert tags.suggest(kept, "0") == tags.suggest(kept, "_") == []
    assert len(tags.suggest(kept, "", limit=2)) == 2


def test_tags_put_on_many_links_change_only_those_without_them(kept: App) -> None:
    have, lack = add(kept, "x"), add(kept, url="https://example.com/2")
    before = revision(kept, have), revision(kept, lack)
    tags.add_to(kept, [have, lack], ["x"])
    assert revision(kept, have) == before[0]
    assert revision(kept, lack) > before[1]


def test_a_link_named_twice_is_changed_once(kept: App) -> None:
    link_id = add(kept)
    assert len(tags.add_to(kept, [link_id, URL], ["x"])) == 1


def test_tags_that_are_alike_in_capitals_are_one(kept: App) -> None:
    add(kept, "Masse", "AI")
    add(kept, "Maße", "ＡＩ", url="https://example.com/2")
    assert [(tag.name, tag.count) for tag in tags.list_tags(kept)] == [("AI", 2), ("Masse", 2)]
