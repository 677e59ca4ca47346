"""A code has one sentence: the command line and the pages say the same one, in both languages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import web
from linkshot.cli import import_notices, po_catalogue, stage_text
from linkshot.cli.language import CATALOGUE, terminal_language
from linkshot.domain import reason_texts
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.failures import FAILURES
from linkshot.domain.import_notices import NOTICES, notice_message
from linkshot.domain.language import Language
from linkshot.domain.visit_stage import Stage, VisitProgress
from linkshot.system.config import Settings
from linkshot.use_cases import incomplete_notes
from linkshot.use_cases.index_completeness import COUNT_LIMIT, Completeness
from web import status_text
from web.language import translator

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LACKING = [
    Completeness(rebuilding=True, unvisited=1, unindexed=1, unreadable=1, not_running=("crawl",)),
    Completeness(unvisited=1200, unindexed=COUNT_LIMIT + 1, unreadable=1200, empty=True),
    Completeness(unindexed=None, not_running=("dispatch", "index")),
]


@pytest.fixture(params=["en", "zh-CN"])
def languages(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Language, Language]:
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


def test_both_front_ends_say_the_same_sentence(languages: tuple[Language, Language]) -> None:
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
    assert po_catalogue.read_po(file).items() >= dict(first).items()


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("seconds", [None, 4])
def test_both_front_ends_name_the_stage_of_a_visit_alike(
    languages: tuple[Language, Language], stage: Stage, seconds: int | None
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
    languages: tuple[Language, Language], code: str
) -> None:
    page = notice_message(code, languages[1]).rstrip(".。")
    assert import_notices.notice_message(code)[1:].startswith(page[1:])


def test_a_pause_ends_at_a_time_that_a_terminal_can_say(
    languages: tuple[Language, Language],
) -> None:
    progress = VisitProgress(stage=Stage.WAITING_FOR_HOST, until=NOW + timedelta(minutes=10))
    assert stage_text.stage_message(progress, NOW) in (
        "waiting for its site, which asked for a pause: until 09:10 UTC",
        "该网站要求暂缓访问，09:10（UTC）继续",
    )
