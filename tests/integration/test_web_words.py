"""What the interface says: both languages complete, states as sentences, texts safe and cut well."""

import ast
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from babel.messages.pofile import read_po
from web_messages import WEB, found

from linkshot.cli import visit_results
from linkshot.domain import reason_texts, schedules, visit_texts
from linkshot.domain.failures import FAILURES
from linkshot.domain.fidelity import DOUBTS, ENDS_BROWSER, Fidelity, RenderingScore
from linkshot.domain.fidelity_texts import fidelity_text
from linkshot.domain.model import (
    Failure,
    Link,
    LinkId,
    LinkState,
    Outcome,
    Quality,
    Reason,
    Snapshot,
    SnapshotId,
    Verdict,
)
from linkshot.domain.reason_texts import REMARKS
from linkshot.domain.stage_texts import STAGES
from linkshot.domain.visit_problem import problem_of
from linkshot.domain.visit_stage import Stage, VisitProgress
from linkshot.errors import InvalidURL, QuerySyntax
from linkshot.use_cases.paging import FacetValue
from web import error_messages, facet_links, omnibox, schedule_text, status_text
from web.language import negotiate, translator
from web.replay import article

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
EN, ZH = translator("en"), translator("zh-CN")
LINK = Link(
    link_id=LinkId("0" * 32), url="https://a.example/", url_key="https://a.example/",
    host="a.example", title="", note="", tags=(), state=LinkState.NEW, unread=False, watched=False,
    added_at=NOW, changed_at=NOW, rev=1, by_added=1, by_changed=1,
)  # fmt: skip
VISIT = Snapshot(
    snapshot_id=SnapshotId("x"), link_id=LINK.link_id, outcome=Outcome.FAILED, reason=Reason.ADD,
    finished_at=NOW - timedelta(minutes=5), failure=Failure(kind="dns", retryable=True),
)  # fmt: skip
KEPT = replace(VISIT, outcome=Outcome.STORED, failure=None, taken_at=NOW - timedelta(minutes=2))


def test_chinese_is_complete_and_says_nothing_that_is_gone() -> None:
    with (WEB / "locales" / "zh_CN" / "messages.po").open("rb") as file:
        known = {message.id: message for message in read_po(file) if message.id}
    said = {message.id for message in found() if message.id}
    assert said == set(known)
    for message in known.values():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        assert all(texts), message.id
        assert {*re.findall(r"%\(\w+\)s", texts[0])} == {*re.findall(r"%\(\w+\)s", ids[-1])}


PART = replace(
    KEPT, snapshot_id="part", quality=Quality(verdict=Verdict.PARTIAL, reasons=("body",))
)
"""A visit whose connection broke off."""


def test_what_a_part_lacks_and_what_is_shown_is_told() -> None:
    link = replace(LINK, state=LinkState.OK, current=KEPT, last=PART)
    why = status_text.of_link(link, EN, NOW).why
    assert "the end is missing" in why
    assert "Shown is the page of" in why
    assert visit_results.sentence(link, NOW).endswith(
        " · partial: the end is missing · the page of 2026-11-24 08:58 UTC stays"
    )
    assert visit_texts.kept_as(PART, EN) == "a part of the page"


@pytest.mark.parametrize("kind", sorted(FAILURES))
def test_every_failure_has_words_in_both_languages(kind: str) -> None:
    assert reason_texts.reason(kind, EN) == FAILURES[kind].sentence
    assert re.search(r"[一-鿿]", reason_texts.reason(kind, ZH))


@pytest.mark.parametrize(
    ("changes", "tone", "english", "chinese"),
    [
        ({"activity": "due", "due_at": NOW}, "busy", "waiting for its turn", "排队等待中"),
        ({"activity": "sent"}, "busy", "handed to the workers", "已交给抓取进程"),
        ({"state": LinkState.OK, "current": KEPT, "last": KEPT}, "good", "saved 2 minutes ago", "2分钟前保存"),
        ({"state": LinkState.OK, "current": KEPT, "last": PART}, "warn",
         "saved 2 minutes ago; the last visit brought only a part", "2分钟前保存；上次访问只取回了一部分"),
        ({"state": LinkState.FAILING, "last": VISIT}, "bad",
         "the site's name could not be found, not tried again by itself", "找不到该网站的域名，不再自动重试"),
        ({"state": LinkState.FAILING, "last": VISIT, "activity": "due", "due_at": NOW + timedelta(hours=2)},
         "warn", "the site's name could not be found, next try in 2 hours", "找不到该网站的域名，2小时后重试"),
        ({"state": LinkState.GONE, "last": VISIT, "watched": True, "watch_at": NOW + timedelta(minutes=4)}, "bad",
         "gone, next visit in 4 minutes", "页面已消失，4分钟后再次访问"),
        ({"deleted_at": NOW - timedelta(days=2)}, "calm", "in the trash, removed 2 days ago", "在回收站，2天前删除"),
        ({}, "calm", "not visited yet", "还没有访问"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_state_is_a_sentence(
    changes: dict[str, object], tone: str, english: str, chinese: str
) -> None:
    link = replace(LINK, **changes)
    assert status_text.of_link(link, EN, NOW).text == english
    assert status_text.of_link(link, ZH, NOW).text == chinese
    assert status_text.of_link(link, EN, NOW).tone == tone


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_of_a_visit_has_words_in_both_languages(stage: Stage) -> None:
    link = replace(LINK, activity="sent")
    english = status_text.of_link(link, EN, NOW, VisitProgress(stage=stage)).text
    assert english == STAGES[stage]
    assert re.search(
        r"[一-鿿]", status_text.of_link(link, ZH, NOW, VisitProgress(stage=stage)).text
    )


@pytest.mark.parametrize(
    ("standing", "english", "chinese"),
    [
        (VisitProgress(stage=Stage.VISITING, since=NOW - timedelta(seconds=4)),
         "taking a snapshot… 4 s", "正在拍快照……4 秒"),
        (VisitProgress(stage=Stage.WAITING_FOR_HOST, until=NOW + timedelta(minutes=10)),
         "waiting for its site, which asked for a pause: in 10 minutes", "该网站要求暂缓访问，10分钟后继续"),
    ],
)  # fmt: skip
def test_a_visit_under_way_counts_seconds_and_a_pause_says_until_when(
    standing: VisitProgress, english: str, chinese: str
) -> None:
    link = replace(LINK, activity="sent")
    assert status_text.of_link(link, EN, NOW, standing).text == english
    assert status_text.of_link(link, ZH, NOW, standing).text == chinese


def test_an_older_page_that_is_shown_meanwhile_is_told() -> None:
    link = replace(LINK, state=LinkState.FAILING, last=VISIT, current=KEPT)
    assert "Shown is the page of Nov 24, 2026" in status_text.of_link(link, EN, NOW).why


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"outcome": Outcome.STORED, "failure": None}, None),
        ({"outcome": Outcome.DEFERRED, "failure": None}, "expired"),
        ({"failure": None, "http_status": 404}, "http_404"),
        ({"failure": None, "quality": Quality(verdict=Verdict.BLOCKED), "http_status": 401}, "http_401"),
        ({"failure": None, "quality": Quality(verdict=Verdict.HTTP_ERROR), "http_status": 503}, "http_5xx"),
        ({"failure": None, "quality": Quality(verdict=Verdict.BLOCKED)}, "blocked"),
    ],
)  # fmt: skip
def test_why_a_visit_did_not_bring_the_page(changes: dict[str, object], kind: str | None) -> None:
    assert problem_of(replace(VISIT, **changes)) == kind


def test_p8_what_is_missing_for_want_of_a_login_is_said_in_words() -> None:
    visit = replace(KEPT, quality=Quality(verdict=Verdict.PARTIAL, reasons=("login", "scroll")))
    assert status_text.remarks(visit, EN).startswith(
        "a part of the page asks for a login; the page was"
    )
    assert (
        status_text.remarks(visit, ZH)
        == "页面的一部分要求登录；没能滚动到页面末尾，下方的图片可能缺失"
    )


def _words_of_the_stages() -> set[str]:
    """Whatever may stand in a snapshot's reasons, as the sources say it."""
    files = [
        path for stage in ("crawler", "pipelines") for path in (WEB.parent / stage).rglob("*.py")
    ]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    said = [said for node in nodes for said in _said_by(node)]
    texts = [part.value for one in said for part in ast.walk(one) if isinstance(part, ast.Constant)]
    words = {text.rstrip(":") for text in texts if isinstance(text, str)}
    return {word for word in words if word.strip("_")} - {"http_"}


def _said_by(node: ast.AST) -> list[ast.AST]:
    """Where a stage names what it cut short, or why it judges so."""
    match node:
        case ast.Call(keywords=[ast.keyword(arg="promised", value=ast.Constant(value=False))]):
            return []
        case ast.Call(
            func=ast.Attribute(
                attr="run" | "mark_partial",
                value=ast.Name(id="steps") | ast.Attribute(attr="steps"),
            ),
            args=[word, *_],
        ):
            return [word]
        case ast.Call(
            func=ast.Attribute(attr="append", value=ast.Attribute(attr="partial")), args=[word]
        ):
            return [word]
        case ast.Call(func=ast.Name(id="run_optional"), args=[_, word, _]):
            return [word]
        case (
            ast.Assign(targets=[ast.Name(id="remarks")], value=value)
            | ast.AnnAssign(target=ast.Name(id="remarks"), value=value)
        ):
            return [value.body] if isinstance(value, ast.IfExp) else []
        case ast.Assign(targets=[ast.Name(id="CONSENT_REMARKS")], value=ast.Dict(values=values)):
            return list(values)
        case ast.Call(func=ast.Name(id="Quality"), keywords=named):
            return [one.value for one in named if one.arg == "reasons"]
        case ast.FunctionDef(name="partial"):
            return [
                key
                for part in ast.walk(node)
                if isinstance(part, ast.Dict)
                for key in part.keys
                if key
            ]
        case ast.FunctionDef(
            name="screenshot_limits"
            | "read_response"
            | "_doubts"
            | "_cookie_remarks"
            | "_uploaded"
            | "_archive_remarks"
            | "_withheld"
            | "_certificate"
        ):
            ends = (part for part in ast.walk(node) if isinstance(part, ast.Yield | ast.Return))
            return [part.value for part in ends if part.value]
        case ast.FunctionDef(name="_emptiness"):
            returned = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
            return [part.body if isinstance(part, ast.IfExp) else part for part in returned if part]
    return []


OLDER_REMARKS = {"parts", "styles"}
"""Reasons that only snapshots of older versions have."""


def test_whatever_is_remarked_about_a_snapshot_is_said_in_words() -> None:
    others = OLDER_REMARKS | ENDS_BROWSER | set(DOUBTS)
    assert _words_of_the_stages() | others == set(REMARKS)
    visit = replace(KEPT, quality=Quality(verdict=Verdict.BLOCKED, reasons=("http_403", "newer")))
    assert status_text.remarks(visit, EN) == "HTTP 403; newer"


@pytest.mark.parametrize(
    ("word", "english", "chinese"),
    [
        ("parts_left_out:1200", "1,200 pictures or fonts are missing", "少了 1,200 个图片或字体"),
        ("screenshot_height:20000", "which is 20,000 pixels high", "页面高 20,000 像素"),
        ("screenshot_width:3000", "which is 3,000 pixels wide", "页面宽 3,000 像素"),
        ("pdf_pages:501", "the first pages of 501", "全文共 501 页"),
        ("text_length", "it is too long", "文字太长"),
        (
            "consent_rejected:OneTrust · Reject All",
            "refusal (OneTrust · Reject All)",
            "代为拒绝（OneTrust · Reject All）",
        ),
        ("consent_closed:我知道了", "closed without an answer (我知道了)", "没有表态（我知道了）"),
        (
            "consent_gone:OneTrust · Settings",
            "whether it was answered is not known (OneTrust",
            "自己消失了",
        ),
        ("cookies_used:example.com", "with your cookies for example.com", "example.com 的 Cookie"),
        ("cookies_expired:a.example", "for a.example may have expired: log in", "可能已过期"),
        ("cookies_redacted:1200", "1,200 places that repeated", "1,200 处重复了"),
        ("consent_hidden:50%: we", "hidden (50%: we)", "已隐藏（50%: we）"),
        ("end", "without its closing tag", "没有结束标签"),
        ("parts_left_out", "parts_left_out", "parts_left_out"),
        ("50%:x", "50%:x", "50%:x"),
        (f"pdf_pages:{'9' * 5000}", "9999", "9999"),
    ],
)
def test_what_was_cut_off_is_said_with_how_much_there_was(
    word: str, english: str, chinese: str
) -> None:
    visit = replace(KEPT, quality=Quality(verdict=Verdict.PARTIAL, reasons=(word,)))
    assert english in status_text.remarks(visit, EN)
    assert chinese in status_text.remarks(visit, ZH)


@pytest.mark.parametrize(
    "moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]
)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_every_date_is_shown_in_every_zone(
    moment: datetime, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        for translator in (EN, ZH):
            assert re.search("[0-9]", translator.moment(moment))
    time.tzset()


def test_an_address_that_python_cannot_part_is_told_whole() -> None:
    visit = replace(KEPT, final_url="https://[x/")
    link = replace(LINK, state=LinkState.OK, current=visit, last=visit)
    assert visit_results.sentence(link, NOW).endswith(" · led to https://[x/")


def test_numbers_sizes_and_times_are_local() -> None:
    assert (EN.size(999), EN.size(1_234_567), EN.size(45_600_000)) == ("999 B", "1.2 MB", "46 MB")
    assert EN.number(8214) == "8,214"
    assert EN.ngettext("%(n)s link", "%(n)s links", 1) == "1 link"
    assert ZH.ngettext("%(n)s link", "%(n)s links", 1200) == "1,200 个链接"
    assert ZH.date(datetime(2026, 3, 2, 12, tzinfo=UTC)) == "2026年3月2日"
    assert (EN.ago(NOW, NOW), EN.until(NOW, NOW)) == ("just now", "now")
    assert EN.ago(NOW - timedelta(days=60), NOW) == "Sep 25, 2026"
    assert EN.until(NOW + timedelta(days=3), NOW).startswith("Nov 27, 2026")
    assert (ZH.language_name("en"), EN.language_name("x_!")) == ("英语", "x_!")
    assert EN.language_name("zh-cn") == "Chinese · CN"


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("wuu", "Wu Chinese"),
        ("bcl", "bcl"),
        ("zh-Hant-TW", "Chinese · TW"),
        ("zh_", "Chinese"),
        ("sr-Latn-xx-1994", "Serbian · XX"),
        ("", ""),
        ("-", "-"),
        ("en@x", "en@x"),
    ],
)
def test_every_code_of_a_language_shows_as_its_name_or_itself(tag: str, name: str) -> None:
    assert EN.language_name(tag) == name


@pytest.mark.parametrize(
    ("given", "tag"),
    [
        (("en", "zh-CN", "zh-CN", "zh"), "en"),
        ((None, "zh-CN", "en", "en"), "zh-CN"),
        (("xx", "yy", "zh-CN", "en"), "zh-CN"),
        ((None, None, "", "en;q=0.3, zh;q=0.9"), "zh-CN"),
        ((None, None, "", "zh;q=0, *;q=oops"), "en"),
    ],
)
def test_the_nearest_choice_of_a_language_wins(
    given: tuple[str | None, str | None, str, str], tag: str
) -> None:
    assert negotiate(*given) == tag


def test_refusals_are_said_in_the_reader_s_language() -> None:
    assert error_messages.error_message(InvalidURL(code="url.too_long"), ZH) == "网址太长。"
    assert (
        error_messages.error_message(InvalidURL("what it is", code="url.new"), ZH) == "what it is"
    )
    wrong = QuerySyntax("%(name)s needs a value", position=4, name="site:")
    assert error_messages.error_message(wrong, EN).endswith(
        "from character 5 on: site: needs a value."
    )
    assert (
        error_messages.error_message(wrong, ZH) == "从第 5 个字符起无法理解：site: 后面要写内容。"
    )


@pytest.mark.parametrize(
    ("every", "english", "chinese"),
    [
        ("5m", "every 5 minutes", "每 5 分钟"),
        ("1h", "every hour", "每小时"),
        ("1d", "every day", "每天"),
        ("1 d", "every day", "每天"),
        ("2w", "every 2 weeks", "每 2 周"),
        ("1d12h", "every 1 day 12 hours", "每 1 天 12 小时"),
        ("0d90m", "every 90 minutes", "每 90 分钟"),
    ],
)
def test_how_often_a_page_is_visited_is_said_in_words(
    every: str, english: str, chinese: str
) -> None:
    assert schedule_text.every(every, EN) == schedules.describe_interval(every) == english
    assert schedule_text.every(every, ZH) == chinese


@pytest.mark.parametrize("code", ["visit.lost", "message.undecodable", "url.too_long"])
def test_a_dead_letter_says_why_in_words(code: str) -> None:
    assert status_text.dead_letter_reason(code, EN) != code
    assert re.search(r"[一-鿿]", status_text.dead_letter_reason(code, ZH))


def test_why_a_visit_brought_nothing_holds_no_code() -> None:
    quality = Quality(verdict=Verdict.BLOCKED, reasons=("http_403", "bot_wall"))
    visit = replace(VISIT, failure=None, quality=quality, http_status=403)
    link = replace(LINK, state=LinkState.BLOCKED, last=visit)
    why = status_text.of_link(link, EN, NOW).why
    assert (
        why == "Last visit 5 minutes ago: HTTP 403; the site wants proof that a person is reading."
    )


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("https://a.example/", ["https://a.example/"]),
        (" HTTP://A.example ", ["HTTP://A.example"]),
        ("www.a.example", ["https://www.a.example"]),
        ("a.example/page?x=1", ["https://a.example/page?x=1"]),
        ("https://a.example　https://b.example", ["https://a.example", "https://b.example"]),
        ("看 https://a.example", []),
        ("node.js", []), ("编译器", []), ("", []), ("a/b", []), ("me@a.example/x", []), ("#ai", []),
    ],
)  # fmt: skip
def test_the_box_tells_links_from_words(text: str, addresses: list[str]) -> None:
    assert omnibox.find_urls(text) == addresses


def test_refining_adds_takes_back_and_quotes() -> None:
    assert facet_links.filter_term("tag", "two words") == '#"two words"'
    assert facet_links.filter_term("tag", 'a"b') == r'#"a\"b"'
    assert facet_links.filter_term("state", 'a"b') == ""
    odd = facet_links.filter_term("tag", 'say "hi" \\')
    assert facet_links.toggled(facet_links.toggled("x #y", odd), odd) == "x #y"
    assert facet_links.filter_term("year", "2026") == "added:2026"
    query = facet_links.toggled('a "b c"', '#"two words"')
    assert query == 'a "b c" #"two words"'
    assert facet_links.has(query, '#"Two words"')
    assert facet_links.toggled(query, '#"two words"') == 'a "b c"'


def test_tags_grow_into_a_tree() -> None:
    counted = (("b", 2), ("a", 4), ("a/x", 3), ("a/y", 1), ("lost/z", 1))
    roots = facet_links.tree([FacetValue(value=name, label=name, count=n) for name, n in counted])
    shown = [(branch.label, branch.count) for branch in roots]
    assert shown == [("a", 4), ("b", 2), ("lost/z", 1)]
    assert [child.name for child in roots[0].children] == ["a/x", "a/y"]


def test_an_article_is_blocks_of_plain_text() -> None:
    html = (
        "<body><h1>题 目</h1><p class=byline>by</p><p>a <b>b</b> <a href='javascript:x()'>c</a>"
        "<a href='https://a.example/'>d</a><script>evil()</script></p><ul><li>one<p>two</p></li></ul>"
        "<blockquote><p>q</p></blockquote><pre>x\n  y</pre><table><tr><td>1</td><td>2</td></tr></table>"
    )
    blocks = article.blocks_of_html(html.encode())
    shape = [(block.kind, "".join(span.text for span in block.spans)) for block in blocks]
    assert shape == [
        ("h2", "题 目"), ("caption", "by"), ("p", "a b cd"), ("li", "one"), ("li", "two"),
        ("quote", "q"), ("pre", "x\n  y"), ("row", "1 · 2 · "),
    ]  # fmt: skip
    hrefs = [span.href for block in blocks for span in block.spans if span.href]
    assert hrefs == ["https://a.example/"]


def test_a_deep_or_empty_article_does_no_harm() -> None:
    assert article.blocks_of_html(b"") == ()
    deep = b"<div>" * 5000 + b"x"
    assert len(article.blocks_of_html(deep)) <= 1
    assert [block.spans[0].text for block in article.blocks_of_text(" a\n\n b")] == ["a", "b"]


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_stand_out_from_their_ground(theme: int) -> None:
    css = (WEB / "static" / "app.css").read_text("utf-8")
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    colour = {name: both[theme] for name, *both in pairs}

    def contrast(front: str, back: str) -> float:
        first, second = sorted((_luminance(colour[front]), _luminance(colour[back])))
        return (second + 0.05) / (first + 0.05)

    for ground in ("paper", "surface", "hover"):
        for text in ("ink", "muted", "accent", "good", "warn", "bad"):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast("on-accent", "accent") >= 4.5
    assert contrast("ink", "mark") >= 4.5


@pytest.mark.parametrize(
    ("failed", "english", "chinese"),
    [
        ("time", "could not be checked in time", "来不及检查"),
        ("crash", "the browser ended", "浏览器中途退出"),
        ("browser", "the browser refused it", "浏览器拒绝显示"),
        ("not_shown", "could not be shown", "无法显示"),
    ],
)
def test_a_check_that_failed_says_by_what(failed: str, english: str, chinese: str) -> None:
    checked = Fidelity(checked_at=datetime.now(UTC), page=RenderingScore(failed=failed))
    assert english in fidelity_text(checked, EN)
    assert chinese in fidelity_text(checked, ZH)
