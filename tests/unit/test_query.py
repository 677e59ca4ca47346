"""What a query text means, and what cannot be read."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkshot import query
from linkshot.domain.model import IndexDocument, LinkId
from linkshot.errors import QuerySyntax
from linkshot.query import (
    All,
    And,
    At,
    Between,
    HasNote,
    Is,
    Language,
    Not,
    Or,
    Query,
    Site,
    Status,
    TagIds,
    TagName,
    Text,
    matches,
    parse,
)
from linkshot.query.parser import MAX_CHARS, MAX_CLAUSES, MAX_DEPTH
from linkshot.query.tree import FOREVER
from linkshot.text.tokens import TokenPhrase

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
A, B, C = Text("a"), Text("b"), Text("c")


def us(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a  AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a | b", Or((A, B))),
        ("a|b||c", Or((A, B, C))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("a or b", And((A, Text("or"), B))),
        ("and not", And((Text("and"), Text("not")))),
        ('"OR"', Text("OR")),
        ("-a", Not(A)),
        ("NOT a", Not(A)),
        ("a -b", And((A, Not(B)))),
        ("-(a b)", Not(And((A, B)))),
        ('-"a b"', Not(Text("a b"))),
        ("a-b", Text("a-b")),
        ("- a", A),
        ('"a b" c', And((Text("a b"), C))),
        ('a"b"c', And((A, B, C))),
        ("arch*", Text("arch", prefix=True)),
        ('"arch*"', Text("arch*")),
        ("title:a", Text("a", "title")),
        ("TITLE:a", Text("a", "title")),
        ('note:"a b"', Text("a b", "note")),
        ("url:https://example.com/x", Text("https://example.com/x", "url")),
        ("title:arch*", Text("arch", "title", prefix=True)),
        ("#a", TagName("a")),
        ("#c#", TagName("c#")),
        ("##a/", TagName("a")),
        ("#a/编译器", TagName("a/编译器")),
        ('#"my tag"', TagName("my tag")),
        ("-#a", Not(TagName("a"))),
        ("tag:a", TagName("a")),
        ("#a|#b", Or((TagName("a"), TagName("b")))),
        ("C# a", And((Text("C#"), A))),
        ("site:Example.COM", Site("example.com")),
        ("site:https://example.com:8080/x?y", Site("example.com")),
        ("site:*.example.com", Site("example.com")),
        ("site:.example.com.", Site("example.com")),
        ("site:例え.テスト", Site("xn--r8jz45g.xn--zckzah")),
        ("site:127.0.0.1", Site("127.0.0.1")),
        ("lang:ZH_tw", Language("zh-tw")),
        ("status:404", Status(404)),
        ("is:Failing", Is("failing")),
        ("has:note", HasNote()),
        ("（a OR b）－c", And((Or((A, B)), Text("－c")))),
        ("（a OR b） －c", And((Or((A, B)), Not(C)))),
        ("“a b”", Text("a b")),
        ("＃a", TagName("a")),
        ("title：a", Text("a", "title")),
        ("a　b", And((A, B))),
        ("a＊", Text("a", prefix=True)),
        ("a｜b", Or((A, B))),
    ],
)
def test_a_text_becomes_a_tree(text: str, tree: Query) -> None:
    assert parse(text, NOW) == tree


@pytest.mark.parametrize(
    "text", ["", "   ", "　", "*", "?", "%", "_", "\\", "-", "#", "，。", "()", "-()", "*\n?"]
)
def test_signs_alone_ask_for_everything(text: str) -> None:
    assert parse(text) == All()


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        (":x", ":x"),
        ("field:x", "field:x"),
        ("_id:x", "_id:x"),
        ("*foo", "*foo"),
        ("x~50", "x~50"),
        ("a^2", "a^2"),
        ("f*o*o*", "f*o*o"),
        ("NEAR/1", "NEAR/1"),
        ("http://a.com", "http://a.com"),
    ],
)
def test_signs_of_other_languages_are_text(text: str, literal: str) -> None:
    tree = parse(text)
    assert isinstance(tree, Text)
    assert tree.text == literal


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ('"unbalanced', 0),
        ("ab “cd", 3),
        ("(a OR", 3),
        ("(a", 0),
        ("a)", 1),
        ("a OR", 2),
        ("OR a", 0),
        ("a OR OR b", 2),
        ("a | ?", 2),
        ("(OR a)", 1),
        ("a AND AND b", 2),
        ("AND a", 0),
        ("a AND", 2),
        ("a NOT", 2),
        ("(a NOT)", 3),
        ("a tag:", 2),
        ('tag:"', 4),
        ('#""', 0),
        ("title: x", 0),
        ("title:?", 0),
        ("site:/", 0),
        ("lang:汉语", 0),
        ("status:abc", 0),
        ("status:40", 0),
        ("is:broken", 0),
        ("has:x", 0),
        ("a added:2026-02-30", 2),
        ("added:9999-99-99", 0),
        ("added:-1", 0),
        ("added:now/d", 0),
        ("added:2026-13", 0),
        ("added:0000", 0),
        ("added:2026-01-01T00:00:00Z", 0),
        ("added:>", 0),
        ("added:..", 0),
        ("added:2026..2025", 0),
        ("a OR at:2025", 5),
        ("-at:2025", 1),
        ("at:2025 at:2026", 0),
        ("(at:2025 a) b", 1),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_position(text: str, position: int) -> None:
    with pytest.raises(QuerySyntax) as refused:
        parse(text, NOW)
    assert (refused.value.code, refused.value.position) == ("query.syntax", position)
    assert len(refused.value.message) > 10


@pytest.mark.parametrize(
    "text",
    [
        "a " * 5000,
        "x" * (MAX_CHARS + 1),
        " ".join("a" for _ in range(MAX_CLAUSES + 1)),
        "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
        "(" * 1000,
        "NOT " * 100 + "a",
        "-" + "(-" * 50 + "a" + ")" * 50,
    ],
    ids=["10,000 characters", "long", "many words", "deep", "only open", "many NOT", "both"],
)
def test_a_query_has_limits(text: str) -> None:
    with pytest.raises(QuerySyntax) as refused:
        parse(text)
    assert refused.value.code == "query.too_complex"


def test_a_query_at_its_limits_is_read() -> None:
    assert parse(" ".join("a" for _ in range(MAX_CLAUSES)))
    assert parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == A
    assert parse("中" * MAX_CHARS) == Text("中" * MAX_CHARS)


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("2026", us(2026, 1, 1), us(2027, 1, 1)),
        ("2026-03", us(2026, 3, 1), us(2026, 4, 1)),
        ("2026-3-4", us(2026, 3, 4), us(2026, 3, 5)),
        ("2026-12", us(2026, 12, 1), us(2027, 1, 1)),
        ("2024-02-29", us(2024, 2, 29), us(2024, 3, 1)),
        (">2026-01-01", us(2026, 1, 2), FOREVER),
        (">=2026-01-01", us(2026, 1, 1), FOREVER),
        ("<2026-01-01", 0, us(2026, 1, 1)),
        ("<=2026-01-01", 0, us(2026, 1, 2)),
        ("＞＝2026", us(2026, 1, 1), FOREVER),
        ("２０２６", us(2026, 1, 1), us(2027, 1, 1)),
        ("2026-01..2026-03", us(2026, 1, 1), us(2026, 4, 1)),
        ("2026-01..", us(2026, 1, 1), FOREVER),
        ("..2026-01", 0, us(2026, 2, 1)),
        ("<7d", us(2026, 11, 17, 12), FOREVER),
        ("7d", us(2026, 11, 17, 12), FOREVER),
        (">7d", 0, us(2026, 11, 17, 12)),
        ("<36h", us(2026, 11, 23, 0), FOREVER),
        ("<2w", us(2026, 11, 10, 12), FOREVER),
        ("<99999y", 0, FOREVER),
    ],
)
def test_a_time_is_a_half_open_span(value: str, start: int, end: int) -> None:
    for what in ("added", "snapshot", "changed"):
        assert parse(f"{what}:{value}", NOW) == Between(what, start, end)
    assert parse(f"at:{value}", NOW) == At(start, end)


def _tree_or_position(text: str) -> Query | int:
    try:
        return parse(text, NOW)
    except QuerySyntax as refused:
        return refused.position


SIGNS = st.sampled_from(
    ["(", ")", '"', "“", "-", "#", ":", "*", "|", "OR", "AND", "NOT", "OR ", " ", "　", "a", "中文",
     "title:", "added:", "at:2025 ", "site:", "is:", "lang:", "status:", "<", ">", "..", "7d",
     "2026-03", "＃", "：", "\x00", "\ud800", "𠮷", "\u0301", "/", "~", "^", "\\", "{", "xn--", "%"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(SIGNS, max_size=12).map("".join) | st.text(max_size=30))
@example("site:xn--\u0301.中")
@example("site:\ud800")
def test_any_text_is_a_tree_or_an_error_with_a_position(text: str) -> None:
    tree = _tree_or_position(text)
    if isinstance(tree, int):
        assert 0 <= tree <= len(text)
        return
    document = IndexDocument(id="x", link_id=LinkId("x"), rev=1, text="中文 a", version=True)
    resolved = query.resolve_tags(tree, lambda _: frozenset())
    assert matches(resolved, document) in (True, False)
    assert query.at_range(tree) is None or query.has_words(tree)


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=20),
    st.sampled_from(["title", "site", "lang", "status", "is", "has", "added", "at", "tag", "#"]),
)
def test_any_value_of_a_field_is_read_or_refused(value: str, name: str) -> None:
    for text in (f'{name}:"{value}"', f"{name}:{value}"):
        tree = _tree_or_position(text)
        assert not isinstance(tree, int) or 0 <= tree <= len(text)


def test_words_need_the_index_and_filters_do_not() -> None:
    for text in ("a", "#x a", "-a", "at:2025", "site:a.b OR a"):
        assert query.has_words(parse(text)), text
    for text in ("", "#x -#y", "site:a.b added:2026 is:ok has:note lang:zh status:200", "?"):
        assert not query.has_words(parse(text)), text


def test_phrases_to_mark_are_those_asked_for() -> None:
    tree = parse('快照 -excluded NOT NOT back (title:web* OR "a b") #tag')
    assert query.phrases(tree) == [
        TokenPhrase(tokens=("快照",)),
        TokenPhrase(tokens=("back",)),
        TokenPhrase(tokens=("web",), prefix=True),
        TokenPhrase(tokens=("a", "b")),
    ]


def test_tag_names_are_replaced_by_ids() -> None:
    tree = parse("#a OR (b -#a -#c)")
    assert query.tag_names(tree) == ["a", "c"]
    ids = {"a": frozenset({"1", "2"}), "c": frozenset[str]()}
    one, none = TagIds(ids["a"]), TagIds(frozenset())
    assert query.resolve_tags(tree, ids.__getitem__) == Or((one, And((B, Not(one), Not(none)))))


def test_a_tag_that_was_not_resolved_is_a_mistake_of_ours() -> None:
    document = IndexDocument(id="x", link_id=LinkId("x"), rev=1)
    with pytest.raises(TypeError):
        matches(parse("#a"), document)


def test_the_time_of_versions_is_told() -> None:
    assert query.at_range(parse("at:2025-06 a")) == At(us(2025, 6, 1), us(2025, 7, 1))
    assert query.at_range(parse("a")) is None
