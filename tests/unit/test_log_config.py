"""What a log line looks like, and who may write one."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest

from linkshot.system import log_config

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
    log_config.configure_logging("info")
    OURS.info("Snapshot taken", extra={"action": "snapshot_taken", "link_id": "a1", "ms": 12})
    assert capsys.readouterr().err.endswith("info Snapshot taken link_id=a1 ms=12\n")


@pytest.mark.parametrize(
    "nasty",
    ["a\nb", "\x1b[31mred", "\u202etxt.exe", "bell\x07", "\x9b31m"],
    ids=["line break", "colour", "right to left", "bell", "C1 control"],
)
def test_what_a_page_says_cannot_act_on_the_terminal(capsys, nasty) -> None:
    log_config.configure_logging("info")
    OURS.warning("Page said %s", nasty, extra={"title": nasty})
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert line.rstrip("\n").isprintable()


def test_other_libraries_are_heard_from_warnings_on(capsys) -> None:
    log_config.configure_logging("info")
    THEIRS.info("chatter")
    THEIRS.warning("matters")
    assert "chatter" not in (said := capsys.readouterr().err)
    assert "matters" in said


def test_what_the_client_of_a_server_repeats_is_heard_once_a_minute(capsys) -> None:
    log_config.configure_logging("info")
    (handler,) = (
        one for one in logging.getLogger().handlers if isinstance(one, log_config.Handler)
    )
    now = [100.0]
    handler.throttled = log_config.ThrottledLog(lambda: now[0])
    for second in range(0, 130, 10):
        now[0] = 100.0 + second
        logging.getLogger("kafka.net").error("connection %s failed", second)
        THEIRS.warning("page %s is odd", second)
        OURS.warning("still waiting")
    said = capsys.readouterr().err
    assert [line.partition(" ")[2] for line in said.splitlines() if "failed" in line] == [
        "error connection 0 failed",
        "error connection 60 failed left_out=5",
        "error connection 120 failed left_out=5",
    ]
    assert said.count("still waiting") == said.count("is odd") == 13


def test_what_other_libraries_attach_is_not_written(capsys) -> None:
    """Scrapy attaches the item, which is a whole page, scrapy-playwright the address."""
    log_config.configure_logging("info")
    attached = {"item": "<p>private</p>", "scrapy_request_url": "https://a.example/?token=t0p"}
    THEIRS.error("A stage failed", extra=attached)
    assert capsys.readouterr().err.endswith("error A stage failed\n")


@pytest.mark.parametrize(("level", "told"), [("info", False), ("debug", True)])
def test_where_the_client_of_a_server_stood_is_said_for_debug(capsys, level, told) -> None:
    log_config.configure_logging(level)
    try:
        raise ConnectionRefusedError
    except ConnectionRefusedError:
        logging.getLogger("elastic_transport.node_pool").warning("Node failed", exc_info=True)
    said = capsys.readouterr().err
    assert "Node failed" in said
    assert ("Traceback" in said) == told


def test_the_client_of_kafka_is_heard_from_errors_on(capsys) -> None:
    log_config.configure_logging("info")
    theirs = logging.getLogger("kafka.coordinator")
    theirs.warning("chatter")
    theirs.error("matters")
    assert "chatter" not in (said := capsys.readouterr().err)
    assert "matters" in said


def test_debug_hears_everybody(capsys) -> None:
    log_config.configure_logging("debug")
    THEIRS.debug("chatter")
    assert "chatter" in capsys.readouterr().err


def test_quiet_still_hears_warnings(capsys) -> None:
    log_config.configure_logging("info", quiet=True)
    OURS.info("progress")
    OURS.warning("matters")
    assert "progress" not in (said := capsys.readouterr().err)
    assert "matters" in said


def test_configured_twice_it_says_things_once(capsys) -> None:
    log_config.configure_logging("info")
    log_config.configure_logging("info")
    OURS.info("once")
    assert capsys.readouterr().err.count("once") == 1


def test_a_closed_stderr_is_no_trouble(monkeypatch) -> None:
    log_config.configure_logging("info")
    monkeypatch.setattr(sys, "stderr", None)
    assert OURS.error("nobody hears it") is None


def said_as_json(capsys) -> dict[str, object]:
    (line,) = capsys.readouterr().err.splitlines()
    return json.loads(line)


def test_a_line_begins_with_its_date_and_time_in_utc() -> None:
    known = {"created": 1795521601.5, "name": "linkshot", "msg": "Snapshot taken"}
    record = logging.makeLogRecord({**known, "levelname": "INFO"})
    assert log_config.LineFormatter().format(record) == "2026-11-24T12:00:01Z info Snapshot taken"


def test_a_line_as_json_is_an_object_with_the_data_of_the_line(capsys) -> None:
    log_config.configure_logging("info", form="json")
    OURS.warning(
        "Page %s", "快照", extra={"action": "a", "ms": 12, "share": float("nan"), "why": "密"}
    )
    said = said_as_json(capsys)
    datetime.fromisoformat(str(said.pop("time")))
    assert said == {
        "level": "warning", "logger": "linkshot.test", "message": "Page 快照", "action": "a",
        "ms": 12, "share": "nan", "why": "密",
    }  # fmt: skip


@pytest.mark.parametrize(
    "nasty",
    ["a\nb", '"}\n{"level":"', "\ud800", "\x9b31m", "\u202etxt", "\0", "密"],
    ids=["line", "object", "surrogate", "terminal", "direction", "nul", "Han"],
)
def test_no_text_makes_a_second_line_or_breaks_the_object(capsys, nasty) -> None:
    log_config.configure_logging("info", form="json")
    extra = {"key": nasty, "level": nasty, "time": nasty}
    record = OURS.makeRecord(
        OURS.name, logging.WARNING, "", 1, "said %s", (nasty,), None, extra=extra
    )
    # to our handler alone: what the test runner's own one keeps has to be text it can pass on
    (handler,) = [
        one for one in logging.getLogger().handlers if isinstance(one, log_config.Handler)
    ]
    handler.handle(record)
    said = said_as_json(capsys)
    assert (said["key"], said["level"]) == (nasty, "warning")
    assert said["message"] == f"said {nasty}"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("secret", ['a"b\\c', "密码!", "plain"])
def test_no_secret_is_in_a_line_however_it_would_be_escaped(capsys, form, secret) -> None:
    log_config.configure_logging("info", secrets=[secret], form=form)
    try:
        raise ValueError(f"login {secret}")
    except ValueError:
        OURS.exception("It is %s", secret, extra={"why": f"say {secret}", "more": [secret]})
    line = capsys.readouterr().err
    assert "***" in line
    for spelled in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        assert spelled not in line


def test_a_traceback_is_part_of_the_object(capsys) -> None:
    log_config.configure_logging("info", form="json")
    try:
        raise ValueError("x")
    except ValueError:
        OURS.exception("It broke")
    assert "ValueError: x" in str(said_as_json(capsys)["traceback"])


def test_other_libraries_attach_nothing_to_the_object(capsys) -> None:
    log_config.configure_logging("info", form="json")
    THEIRS.warning("odd", extra={"action": "x", "page": "<html>"})
    assert set(said_as_json(capsys)) == {"time", "level", "logger", "message"}
