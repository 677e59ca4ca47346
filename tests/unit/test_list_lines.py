"""A line of a list: where its addresses end, and what they are called."""

import pytest

from linkshot.importers.list_lines import ListedURL, read_line

A, B = "https://a.example/x", "https://b.example/y"

TITLED = {
    f"{A} A title": (A, "A title"),
    f"{A}\tA title": (A, "A title"),
    f"{A}\u3000标题": (A, "标题"),
    f"{A} | A title | of OneTab": (A, "A title | of OneTab"),
    f"{A} | 'A' title, see {B}; (x": (A, f"'A' title, see {B}; (x"),
    f"{A} |": (A, ""),
    f"{A} - A title - of a site": (A, "A title - of a site"),
    f"{A} tag1, tag2": (A, "tag1, tag2"),
    f"A title - {A}": (A, "A title"),
    f"A title: {A}": (A, "A title"),
    f"A title ({A})": (A, "A title"),
    f"A title,{A}": (A, "A title"),
    f"A title\t{A}": (A, "A title"),
    f"- {A}": (A, ""),
    f"* {A} A title": (A, "A title"),
    f"- [ ] {A}": (A, ""),
    f"- [x] {A} A title": (A, "A title"),
    f"• {A}": (A, ""),
    f"→ {A}": (A, ""),
    f"1. {A}": (A, ""),
    f"12) {A} A title": (A, "A title"),
    f"3、{A}": (A, ""),
    f"（4）{A}": (A, ""),
    f"> {A}": (A, ""),
    f"URL: {A}": (A, ""),
    f"网址：{A}": (A, ""),
    f"<{A}>": (A, ""),
    f"<URL:{A}>": (A, ""),
    f"A title <{A}>": (A, "A title"),
    f"`A title <{A}>`_": (A, "A title"),
    f'"{A}"': (A, ""),
    f"'{A}'": (A, ""),
    f"`{A}`": (A, ""),
    f"**{A}**": (A, ""),
    f"({A})": (A, ""),
    f"[{A}]": (A, ""),
    f"[{A} A title]": (A, "A title"),
    f"[A title]({A})": (A, "A title"),
    f'[A title]({A} "more")': (A, "A title"),
    f'[]({A} "A title")': (A, "A title"),
    f"[A [nested] title](<{A}>)": (A, "A [nested] title"),
    f"[![A title](https://img.example/b.svg)]({A})": (A, "A title"),
    f'[1]: {A} "A title"': (A, "A title"),
    f"[[{A}][A title]]": (A, "A title"),
    f"[[{A}]]": (A, ""),
    f"* [[{A}][A title]]": (A, "A title"),
    f'<a href="{A}?b=1&amp;c=2">A <b>title</b></a>': (f"{A}?b=1&c=2", "A title"),
    f"看这个：{A}。": (A, "看这个"),
    f"（{A}）": (A, ""),
    f"《{A}》很好": (A, "很好"),
    f"“{A}”": (A, ""),
    f"「{A}」是好站": (A, "是好站"),
    f"【标题】{A}": (A, "标题"),
    f"{A}，很好看": (A, "很好看"),
    f"{A}（说明文字）": (A, "说明文字"),
    f"标题：{A}，作者：某人": (A, "标题 作者：某人"),
    f'{A},"A title, with comma"': (A, "A title, with comma"),
    f'"{A}","A title, with comma"': (A, "A title, with comma"),
    "ftp://a.example/ A title": ("ftp://a.example/", "A title"),
    "example.com": ("example.com", ""),
    "example.com A title": ("example.com", "A title"),
    "www.Example.com A title": ("www.Example.com", "A title"),
    "A title: example.com/page": ("example.com/page", "A title"),
    "1. example.com": ("example.com", ""),
    "1.example.com": ("1.example.com", ""),
    "example.com:8443/x": ("example.com:8443/x", ""),
    "例子.测试/路径": ("例子.测试/路径", ""),
    "[A title](example.com/page)": ("example.com/page", "A title"),
}


@pytest.mark.parametrize(("line", "found"), TITLED.items())
def test_an_address_ends_where_its_words_begin(line: str, found: tuple[str, str]) -> None:
    assert [(one.url, one.title) for one in read_line(line)] == [found]
    told = [one.guessed for one in read_line(line)]
    assert told == ["https://" in found[1]], "an address in a title is told"


WHOLE = [
    "https://a.example/a,b", "https://a.example/a;b", "https://a.example/a;v=1;w=2", "https://a.example/?p=r.git;a=commit;h=1",
    "https://a.example/a|b", "https://a.example/?a[]=1&b[0]=2", "https://a.example/a'b", "https://a.example/a(b",
    "https://en.wikipedia.org/wiki/A_(b)", "https://en.wikipedia.org/wiki/Jeopardy!", "https://en.wikipedia.org/wiki/Inc.",
    "https://web.archive.org/web/2020/https://b.example/", "https://a.example/?u=https://b.example/",
    "https://a.example/list?urls=https://b.example,https://c.example", "https://zh.wikipedia.org/wiki/北京（消歧义）",
    "https://zh.wikipedia.org/wiki/《红楼梦》", "https://a.example/中文/路径", "https://a.example/#/route?a=1", "https://a.example/#!x",
    "http://[fe80::1]/x", "HTTP://A.EXAMPLE/", "https://", "https:///x", "https://a.example/;Word", "https://a.example/a[1]",
    "javascript:alert(document.location = 'https://a.example/')", "data:text/html,<a href='https://a.example/'>x</a>",
    "about:config", "mailto:a@b.example", "chrome://settings/", "feed:https://a.example/", "//a.example/x", "/x/y",
]  # fmt: skip


@pytest.mark.parametrize("line", WHOLE)
def test_an_address_alone_on_its_line_stays_as_it_is(line: str) -> None:
    assert read_line(line) == [ListedURL(url=line)]


SEVERAL = {
    f"{A} {B}": ["", ""],
    f"{A}, {B}": ["", ""],
    f"{A},{B}": ["", ""],
    f"{A};{B}": ["", ""],
    f"{A}|{B}": ["", ""],
    f"{A}，{B}。": ["", ""],
    f"{A}、{B}": ["", ""],
    f"{A} and {B}": ["", ""],
    f"{A} 和 {B}": ["", ""],
    f"{A} One {B} Two": ["One", "Two"],
    f"One {A} Two {B}": ["One", "Two"],
    f"[One]({A}), [Two]({B})": ["One", "Two"],
    f"<{A}> <{B}>": ["", ""],
    f'"{A}", "{B}"': ["", ""],
}


@pytest.mark.parametrize(("line", "titles"), SEVERAL.items())
def test_two_addresses_of_a_line_are_two(line: str, titles: list[str]) -> None:
    found = read_line(line)
    assert [one.url for one in found] == [A, B]
    assert [one.title for one in found] == titles


def test_hosts_without_scheme_are_several_too() -> None:
    assert [one.url for one in read_line("example.com, example.org")] == [
        "example.com",
        "example.org",
    ]


def test_an_address_that_is_its_own_title_is_one() -> None:
    assert read_line(f"{A} | {A}") == [ListedURL(url=A)]


@pytest.mark.parametrize("behind", ["?titles=A|B|C", "/a|b", "/a|b|c=d", "?q=a|b;c"])
def test_a_bar_may_belong_to_an_address(behind: str) -> None:
    url = f"https://a.example{behind}"
    assert read_line(url) == [ListedURL(url=url)]
    (titled,) = read_line(f"{url} | Title")
    assert (titled.url, titled.title) == (url, "Title")


@pytest.mark.parametrize("between", ["\t", ",", ";", "|", ": ", "，"])
def test_the_name_of_what_follows_is_no_title(between: str) -> None:
    assert read_line(f"Link{between}{A}") == [ListedURL(url=A)]


def test_words_beside_a_marked_title_are_a_note() -> None:
    assert read_line(f"- [T]({A}) - What it is.") == [
        ListedURL(url=A, title="T", note="What it is.")
    ]


GUESSED = {
    f"{A};Title;tag": ListedURL(url=A, title="Title", tags=("tag",), guessed=True),
    f"{A};A title;tag one,two": ListedURL(
        url=A, title="A title", tags=("tag one", "two"), guessed=True
    ),
    f"{A}|Title|tag": ListedURL(url=A, title="Title", tags=("tag",), guessed=True),
    f"{A}|A title|tag one,two": ListedURL(
        url=A, title="A title", tags=("tag one", "two"), guessed=True
    ),
    f"{A}|Page | Site|tag": ListedURL(url=A, title="Page | Site", tags=("tag",), guessed=True),
    f"| {A}|A title |": ListedURL(url=A, title="A title", guessed=True),
    f"{A}|标题|标签": ListedURL(url=A, title="标题", tags=("标签",), guessed=True),
    f"{A},Title of several words": ListedURL(url=A, title="Title of several words", guessed=True),
    f"A title,{A},tag": ListedURL(url=A, title="A title tag", guessed=True),
    f"{A},标题": ListedURL(url=A, title="标题", guessed=True),
    f"{A}[A title]": ListedURL(url=A, title="A title", guessed=True),
    f"See {A}.": ListedURL(url=A, guessed=True),
    f"{A} | {B}": ListedURL(url=A, title=B, guessed=True),
    "https://a.example/你好，之华": ListedURL(
        url="https://a.example/你好", title="之华", guessed=True
    ),
}


@pytest.mark.parametrize(("line", "found"), GUESSED.items())
def test_where_the_end_is_not_certain_it_is_said(line: str, found: ListedURL) -> None:
    assert read_line(line) == [found]


@pytest.mark.parametrize(
    ("line", "date"),
    [
        (f"2024-05-01 {A}", "2024-05-01"),
        (f"2024/5/1: {A}", "2024/5/1"),
        (f"[2024-05-01 12:30] {A}", "2024-05-01 12:30"),
        (f"- 2024-05-01T12:30:00Z - {A}", "2024-05-01T12:30:00Z"),
        (f"2024年5月1日 {A}", "2024年5月1日"),
    ],
)
def test_a_date_before_an_address_is_its_date(line: str, date: str) -> None:
    assert read_line(line) == [ListedURL(url=A, date=date)]


@pytest.mark.parametrize(
    "line",
    ["url", "title,url", "Some words only", "Node.js guide", "a@b.example", "=cmd|' /C calc'!A0", "C:\\x.txt",
     "3.14 is pi", "etc.", "and/or", "Reading list:"],
)  # fmt: skip
def test_words_are_no_address(line: str) -> None:
    assert read_line(line) == []
