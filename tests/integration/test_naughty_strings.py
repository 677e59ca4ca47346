"""The Big List of Naughty Strings through the doors that are no pages (row U46): messages, imports, commands."""

import html
import io
import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from cli_world import CommandLine

from indexer.run import Indexer
from linkshot.app import App
from linkshot.catalogue.dead_letters import dead_letters
from linkshot.dispatch import outbox
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.domain.messages import SUBMISSIONS, Submission
from linkshot.domain.model import NewLink
from linkshot.domain.tag_paths import tag_path
from linkshot.errors import ConfigError, InvalidTag
from linkshot.journal import batches
from linkshot.ports import KEY_PATTERN, Message
from linkshot.query import has_words, parse
from linkshot.system.config import SETTINGS, load_settings
from linkshot.use_cases import imports, links, search
from linkshot.use_cases.paging import page_request
from tests.naughty import STRINGS

LINES = tuple(
    text
    for text in dict.fromkeys(" ".join(text.split()) for text in STRINGS)
    if text.strip("\ufeff")
)
"""Each that has something to see, as one line."""
NOBODY = (
    "waiting for a worker, none is running (1). Nobody is at work on it: start `linkshot up`.\n"
)


def _is_tag(text: str) -> bool:
    try:
        return bool(tag_path(text))
    except InvalidTag:
        return False


def _submit(app: App, *asked: Submission) -> list[str]:
    """Reasons of those that became dead letters."""
    app.queue.publish(SUBMISSIONS, [Message(key="k", value=one.encode()) for one in asked])
    consumer = CatalogueConsumer(app)
    while consumer.work_once():
        pass
    consumer.close()
    with app.catalogue.read() as conn:
        return list(conn.scalars(sa.select(dead_letters.c.reason)))


def test_a_submission_keeps_them_as_they_are(app: App) -> None:
    tags = {text: (text,) for text in STRINGS if _is_tag(text)}
    reasons = _submit(app, *(
        Submission(url=f"https://a.example/{n}", title=text, note=text, tags=tags.get(text, ()))
        for n, text in enumerate(STRINGS)
    ))  # fmt: skip
    assert reasons == []
    for number, text in enumerate(STRINGS):
        link = links.get(app, f"https://a.example/{number}")
        assert (link.title, link.note) == (text, text)


def test_a_submission_that_is_no_link_or_no_tag_becomes_a_dead_letter_with_the_reason(
    app: App,
) -> None:
    asked = [Submission(url=text) for text in STRINGS]
    asked += [Submission(url="https://a.example/", tags=(text,)) for text in STRINGS]
    reasons = _submit(app, *asked)
    assert {reason.partition(".")[0] for reason in reasons} == {"url", "tag"}
    assert len([reason for reason in reasons if reason.startswith("tag.")]) == len(
        [text for text in STRINGS if not _is_tag(text)]
    )


def test_the_whole_way_to_the_index_they_are_found_and_no_key_is_made_of_them(app: App) -> None:
    for number, text in enumerate(STRINGS):
        tags = (text,) if _is_tag(text) else ()
        links.add(app, NewLink(url=f"https://a.example/{number}", title=text, note=text, tags=tags))
    while outbox.publish_changes(app):
        pass
    indexer = Indexer(app, window=600)
    while indexer.work_once(0.0):
        pass
    indexer.close()
    assert app.index.count() == len(STRINGS)
    unfound = [
        text for text in STRINGS if has_words(parse(_quoted(text))) and not _finds(app, text)
    ]
    assert unfound == []
    assert batches.write(app) >= len(STRINGS)
    assert all(re.fullmatch(KEY_PATTERN, found.key) for found in app.store.list(""))


QUOTES = re.compile('["“”„‟〝〞＂]')


def _quoted(text: str) -> str:
    return f'"{QUOTES.sub(" ", text)}"'


def _finds(app: App, text: str) -> bool:
    cursor: str | None = None
    while True:
        page = page_request(200, "newest")
        found = search.find(app, _quoted(text), page, cursor=cursor, highlight=False)
        cursor = found.next_cursor
        if text in [one.link.title for one in found.items] or cursor is None:
            return text in [one.link.title for one in found.items]


def test_a_list_of_them_is_accepted_or_rejected_line_by_line(app: App) -> None:
    report = imports.run(app, io.BytesIO("\n".join(LINES).encode()), "list.txt", format="plain")
    rows = imports.rows(app, report.import_id, limit=1000)
    assert len(rows) == report.rows == len([line for line in LINES if line[0] != "#"])
    for row in rows:
        assert row.outcome in ("accepted", "duplicate") or (row.code or "").startswith("url.")
        assert row.link_id or row.reason


def test_a_list_keeps_them_as_titles(app: App) -> None:
    rows = [f"https://a.example/{number} | {text}" for number, text in enumerate(LINES)]
    report = imports.run(app, io.BytesIO("\r\n".join(rows).encode()), "list.txt", format="plain")
    assert (report.accepted, report.rejected) == (len(LINES), 0)
    for number, text in enumerate(LINES):
        assert links.get(app, f"https://a.example/{number}").title == text


def test_bookmarks_keep_them_as_titles_notes_and_folders(app: App) -> None:
    row = '<DT><H3>{0}</H3><DL><DT><A HREF="https://a.example/{1}" TAGS="{0}">{0}</A><DD>{0}</DL>'
    rows = [row.format(html.escape(text), number) for number, text in enumerate(STRINGS)]
    data = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL>" + "\n".join(rows) + "</DL>"
    report = imports.run(app, io.BytesIO(data.encode()), "bookmarks.html")
    assert (report.accepted, report.rejected) == (len(STRINGS), 0)
    for number, text in enumerate(STRINGS):
        link = links.get(app, f"https://a.example/{number}")
        assert link.title == " ".join(text.split())
        assert link.note.split() == text.split()


def test_bookmarks_to_them_are_accepted_or_rejected_one_by_one(app: App) -> None:
    rows = [f'<DT><A HREF="{html.escape(text)}">{n}</A>' for n, text in enumerate(STRINGS)]
    data = "<DL>" + "\n".join(rows) + "</DL>"
    report = imports.run(app, io.BytesIO(data.encode()), "bookmarks.html")
    assert report.rows == len(STRINGS)
    rejected = imports.rows(app, report.import_id, "rejected", limit=1000)
    assert {(row.code or "").partition(".")[0] for row in rejected} == {"url"}


def test_add_takes_each_or_says_what_is_wrong(tmp_path: Path) -> None:
    said = CommandLine(tmp_path / "data")("--json", "add", "--", *STRINGS)
    codes = [json.loads(line)["error"]["code"] for line in said.err.splitlines()]
    assert said.code == 3
    assert {code.partition(".")[0] for code in codes} == {"url"}
    assert len(codes) + len(said.json["items"]) <= len(STRINGS)


@pytest.mark.slow
def test_add_keeps_them_as_titles_and_notes(tmp_path: Path) -> None:
    command = CommandLine(tmp_path / "data")
    for number, text in enumerate(STRINGS):
        said = command("add", f"https://a.example/{number}", f"--title={text}", f"--note={text}")
        assert (said.code, said.err) == (0, NOBODY), text
        assert said.out.count("\n") == 1
    with command.app() as app:
        for number, text in enumerate(STRINGS):
            link = links.get(app, f"https://a.example/{number}")
            assert (link.title, link.note) == (text, text)


@pytest.mark.parametrize("words", [("list",), ("search",), ("show",), ("tag", "add"), ("import",)])
def test_no_command_ends_with_a_mistake_of_ours(tmp_path: Path, words: tuple[str, ...]) -> None:
    command = CommandLine(tmp_path / "data")
    for text in [one for one in STRINGS if one != "-"][::5]:
        said = command(*words, "--", text)
        assert said.code in (0, 1, 2, 3), text
        assert "a mistake of linkshot" not in said.err, (text, said.err)
        assert "Traceback" not in said.err


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_as_a_setting_it_is_taken_or_the_setting_named(name: str) -> None:
    refusals = {_refusal(name, text) for text in STRINGS}
    assert all(one.startswith(f"setting {name}") and "\n" not in one for one in refusals if one)


def _refusal(name: str, value: str) -> str:
    try:
        load_settings(**{name: value})
    except ConfigError as refused:
        return refused.message
    return ""
