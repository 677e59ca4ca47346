"""Every tag that can exist has a query that names it, and so do the ways in which people write it."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from linkshot.domain.tag_paths import TagPath, tag_path
from linkshot.errors import InvalidTag
from linkshot.query import And, Query, TagName, Text, parse, tag_term
from web import facet_links

SIGNS = st.sampled_from(
    ['"', "“", "”", "„", "〝", "＂", "\\", "(", ")", "（", ",", "，", " ", "\u3000", "\xa0", "#", "＃", ":", "/", "／",
     "∕", "℅", "℀", "½", "*", "|", "-", "OR", "a", "ß", "ﬁ", "双减", "\u0301", "\u200b", "😀", "'", "%", "tag:"]
)  # fmt: skip


def path_of(raw: str) -> TagPath:
    try:
        return tag_path(raw)
    except InvalidTag:
        assume(False)
        raise


@settings(max_examples=400, deadline=None)
@given(st.lists(SIGNS, max_size=9).map("".join) | st.text(max_size=20))
@example("“双减”政策")
@example('say "hi"')
@example('a"b"')
@example("a\\")
@example("/#a")
@example("＃")
@example("\u2028")
@example("\xa0#a")
def test_every_tag_has_a_query_that_names_it(raw: str) -> None:
    path = path_of(raw)
    assert tag_path(path.name).key == path.key
    term = tag_term(path.name)
    found = parse(f"{term} OR {term}").children[0]  # type: ignore[union-attr]  # two tags
    assert isinstance(found, TagName)
    assert tag_path(found.name).key == path.key
    assert facet_links.split_terms(f"x {term} -y") == ["x", term, "-y"]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("#“双减”政策", TagName("“双减”政策")),
        ('#"“双减”政策"', TagName("“双减”政策")),
        ("#“to read” x", And((TagName("to read"), Text("x")))),
        ("tag:“to read”", TagName("to read")),
        (r'#"say \"hi\""', TagName('say "hi"')),
        (r"#“say \“hi\””", TagName("say “hi”")),
        ('#a"b" x', And((TagName('a"b"'), Text("x")))),
        (r'#"a\b"', TagName(r"a\b")),
        ("#“双减 落地”政策", TagName("“双减 落地”政策")),
    ],
)
def test_quotes_in_the_name_of_a_tag_are_read(text: str, tree: Query) -> None:
    assert parse(text) == tree
