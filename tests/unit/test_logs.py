"""What a log line looks like, and who may write one."""

import logging
import sys
from collections.abc import Iterator

import pytest

from linkshot import logs

OURS = logging.getLogger("linkshot.test")
THEIRS = logging.getLogger("somebody.else")


@pytest.fixture(autouse=True)
def _root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def test_a_line_is_a_sentence_and_its_data(capsys) -> None:
    logs.configure("info")
    OURS.info("Snapshot taken", extra={"action": "snapshot_taken", "link_id": "a1", "ms": 12})
    assert capsys.readouterr().err.endswith("info Snapshot taken link_id=a1 ms=12\n")


@pytest.mark.parametrize(
    "nasty",
    ["a\nb", "\x1b[31mred", "\u202etxt.exe", "bell\x07", "\x9b31m"],
    ids=["line break", "colour", "right to left", "bell", "C1 control"],
)
def test_what_a_page_says_cannot_act_on_the_terminal(capsys, nasty) -> None:
    logs.configure("info")
    OURS.warning("Page said %s", nasty, extra={"title": nasty})
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert line.rstrip("\n").isprintable()


def test_other_libraries_are_heard_from_warnings_on(capsys) -> None:
    logs.configure("info")
    THEIRS.info("chatter")
    THEIRS.warning("matters")
    assert "chatter" not in (said := capsys.readouterr().err)
    assert "matters" in said


def test_debug_hears_everybody(capsys) -> None:
    logs.configure("debug")
    THEIRS.debug("chatter")
    assert "chatter" in capsys.readouterr().err


def test_quiet_still_hears_warnings(capsys) -> None:
    logs.configure("info", quiet=True)
    OURS.info("progress")
    OURS.warning("matters")
    assert "progress" not in (said := capsys.readouterr().err)
    assert "matters" in said


def test_configured_twice_it_says_things_once(capsys) -> None:
    logs.configure("info")
    logs.configure("info")
    OURS.info("once")
    assert capsys.readouterr().err.count("once") == 1


def test_a_closed_stderr_is_no_trouble(monkeypatch) -> None:
    logs.configure("info")
    monkeypatch.setattr(sys, "stderr", None)
    OURS.error("nobody hears it")
