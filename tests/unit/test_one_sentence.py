"""A code has one sentence: the command line and the pages say the same one, in both languages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import web
from linkshot.cli import import_notices, po_file, stage_text, visit_results
from linkshot.cli.language import CATALOGUE, terminal_language
from linkshot.domain import reason_texts, visit_texts
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.failures import FAILURES
from linkshot.domain.import_notices import NOTICES, notice_message
from linkshot.domain.language import Language
from linkshot.domain.model import (
    Change,
    ChangeKind,
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
from linkshot.domain.stage_texts import stages_summary
from linkshot.domain.visit_stage import Stage, VisitProgress
from linkshot.system.config import Settings
from linkshot.use_cases import incomplete_notes
from linkshot.use_cases.index_completeness import COUNT_LIMIT, Completeness
from web import status_text
from web.language import Translator, translator

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LACKING = [
    Completeness(rebuilding=True, unvisited=1, unindexed=1, unreadable=1, not_running=("crawl",)),
    Completeness(unvisited=1200, unindexed=COUNT_LIMIT + 1, unreadable=1200, empty=True),
    Completeness(unindexed=None, not_running=("dispatch", "index")),
]


VISIT = Snapshot(
    snapshot_id=SnapshotId("1"), link_id=LinkId("0" * 32), outcome=Outcome.STORED, reason=Reason.ADD,
    finished_at=NOW, taken_at=NOW, http_status=200,
)  # fmt: skip
PART = replace(VISIT, quality=Quality(verdict=Verdict.PARTIAL, reasons=("body",)))
REFUSED = replace(VISIT, quality=Quality(verdict=Verdict.BLOCKED))
LOST = replace(
    VISIT, outcome=Outcome.FAILED, failure=Failure(kind="of_tomorrow", retryable=False, detail="")
)
LINK = Link(
    link_id=LinkId("0" * 32), url="https://a.example/", url_key="https://a.example/", host="a.example",
    title="", note="", tags=(), state=LinkState.FAILING, unread=False, watched=False, added_at=NOW,
    changed_at=NOW, rev=1, by_added=1, by_changed=1,
)  # fmt: skip


@pytest.fixture(params=["en", "zh-CN"])
def languages(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Language, Translator]:
    """The terminal's and the pages'."""
    monkeypatch.setenv("LC_ALL", "C" if request.param == "en" else "zh_CN.UTF-8")
    return terminal_language(), translator(request.param)


def on_a_terminal(page: str) -> str:
    """A sentence of a page, its commands marked as on a terminal."""
    return re.sub("“(linkshot [^”]*)”", r"`\1`", page)


def sentences(language: Language) -> Iterator[str]:
    """Every sentence for a code that both front ends say."""
    yield from (reason_texts.reason(kind, language) for kind in (*FAILURES, "of_tomorrow"))
    yield from (reason_texts.detail(code, language) for code in reason_texts.NETWORK)
    for text in ("the page has over 1234 bytes", "ValueError: x", "url.too_long: x"):
        yield reason_texts.detail(text, language)
    yield from (language.gettext(words) for words in ERROR_MESSAGES.values())
    yield from (reason_texts.remark(code, language) for code in reason_texts.REMARKS)
    yield reason_texts.remark("pdf_pages:1200", language)
    yield from (language.gettext(words) for words in reason_texts.DEAD.values())
    yield from (notice_message(code, language) for code in NOTICES)
    for settings in (Settings(), Settings(queue="kafka://127.0.0.1:9092")):
        for found in LACKING:
            yield from incomplete_notes.sentences(found, language, settings, "")
    for number in (1, 2, 1200):
        for runs in (True, False):
            yield incomplete_notes.waiting_changes(number, language, indexer_runs=runs)
    yield incomplete_notes.index_unknown(language)
    for table in (visit_texts.CHANGES, visit_texts.KEPT_AS, visit_texts.FAULTS):
        yield from (language.gettext(words) for words in table.values())
    yield language.gettext(visit_texts.TEXT_DAMAGED)
    yield stages_summary(dict.fromkeys(Stage, 1200), language)
    yield from (visit_texts.kept_as(one, language) for one in (PART, REFUSED))


def test_both_front_ends_say_the_same_sentence(languages: tuple[Language, Translator]) -> None:
    terminal, pages = languages
    assert list(sentences(terminal)) == [on_a_terminal(said) for said in sentences(pages)]


def test_the_terminal_reads_the_catalogue_as_babel_does() -> None:
    file = Path(web.__file__).parent / CATALOGUE
    with file.open("rb") as opened:
        messages = [message for message in read_po(opened) if message.id]
    first = [
        (one.id, one.string) if isinstance(one.id, str) else (one.id[0], one.string[0])
        for one in messages
    ]
    assert po_file.read_po(file).items() >= dict(first).items()


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("seconds", [None, 4])
def test_both_front_ends_name_the_stage_of_a_visit_alike(
    languages: tuple[Language, Translator], stage: Stage, seconds: int | None
) -> None:
    since = None if seconds is None else NOW - timedelta(seconds=seconds)
    progress = VisitProgress(stage=stage, since=since)
    page = status_text.of_progress(progress, languages[1], NOW)
    shown = on_a_terminal(page.text), on_a_terminal(page.why).rstrip("。.")
    said = stage_text.stage_message(progress, NOW)
    assert said.startswith(shown[0])
    assert page.tone == "busy" or shown[1] in said


@pytest.mark.parametrize("code", sorted(NOTICES))
def test_a_notice_inside_a_line_is_the_sentence_of_the_pages(
    languages: tuple[Language, Translator], code: str
) -> None:
    page = notice_message(code, languages[1]).rstrip(".。")
    assert import_notices.notice_message(code)[1:].startswith(page[1:])


def test_a_pause_ends_at_a_time_that_a_terminal_can_say(
    languages: tuple[Language, Translator],
) -> None:
    progress = VisitProgress(stage=Stage.WAITING_FOR_HOST, until=NOW + timedelta(minutes=10))
    assert stage_text.stage_message(progress, NOW) in (
        "waiting for its site, which asked for a pause: until 09:10 UTC",
        "该网站要求暂缓访问，09:10（UTC）继续",
    )


def test_a_link_that_was_not_visited_is_said_to_be_so_alike(
    languages: tuple[Language, Translator],
) -> None:
    page = status_text.of_link(LINK, languages[1], NOW)
    assert visit_results.sentence(LINK, NOW) == page.text


def test_a_failure_that_nobody_repeats_is_told_alike(
    languages: tuple[Language, Translator],
) -> None:
    link = replace(LINK, last=LOST)
    why = reason_texts.reason("of_tomorrow", languages[1])
    never = languages[1].gettext(visit_texts.NOT_AGAIN)
    assert status_text.of_link(link, languages[1], NOW).text.startswith(why)
    assert status_text.of_link(link, languages[1], NOW).text.endswith(never)
    said = visit_results.sentence(link, NOW)
    assert why in said
    assert never in said


@pytest.mark.parametrize(
    "link",
    [
        replace(LINK, last=VISIT, current=VISIT),
        replace(LINK, last=REFUSED, activity="sent"),
        replace(LINK, last=LOST, watch_at=NOW + timedelta(hours=1)),
        replace(LINK, last=replace(VISIT, outcome=Outcome.UNCHANGED), current=VISIT),
        replace(LINK, last=replace(VISIT, outcome=Outcome.DEFERRED)),
    ],
    ids=["saved", "an error page", "a watch", "unchanged", "put off"],
)
def test_a_result_on_a_chinese_terminal_has_no_english_words_but_codes(
    monkeypatch: pytest.MonkeyPatch, link: Link
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    said = re.sub(
        r"\[[a-z_]+\]|`[^`]*`|of_tomorrow|UTC|\d B", "", visit_results.sentence(link, NOW)
    )
    assert re.findall("[A-Za-z]+", said) == []


def test_the_change_of_a_version_is_told_alike(languages: tuple[Language, Translator]) -> None:
    first = replace(VISIT, change=Change(kind=ChangeKind.FIRST))
    page = status_text.of_snapshot(first, languages[1]).text
    assert visit_texts.change_text(first.change, languages[0]) == page
