"""How commands end: exit codes, one sentence, never a traceback."""

import json
import os
import sys

import pytest
import typer

from linkshot import errors
from linkshot.cli import exit_status, main, search_hint, user_texts
from linkshot.cli.context import ItemsFailed
from linkshot.cli.printing import print_table, printable, styled
from linkshot.system.command_line import hoist_options
from linkshot.system.config import load_settings


def raises(exc: BaseException) -> object:
    def command() -> None:
        raise exc

    return command


@pytest.mark.parametrize(
    ("exc", "code"),
    [
        (errors.InvalidURL(), 2), (errors.NotFound(), 1), (errors.QueueUnavailable(), 1),
        (errors.ConfigError(), 1), (ItemsFailed(1, 3), 3), (ItemsFailed(3, 3), 1),
        (KeyboardInterrupt(), 130), (typer.Abort(), 130), (BrokenPipeError(), 0),
        (OSError(28, "No space left on device"), 1), (ZeroDivisionError("x"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)  # fmt: skip
def test_each_end_has_its_exit_code(exc, code, capsys) -> None:
    assert exit_status.run_command(raises(exc), as_json=False) == code
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.count("\n") <= 1


def test_an_error_as_json_has_code_message_and_field(capsys) -> None:
    exit_status.run_command(raises(errors.InvalidURL("no", code="url.x")), as_json=True)
    said = json.loads(capsys.readouterr().err)
    assert said == {"error": {"code": "url.x", "message": "no", "field": "url"}}


def test_a_mistake_of_our_own_shows_itself_at_debug_level(monkeypatch, capsys) -> None:
    monkeypatch.setenv("LINKSHOT_LOG_LEVEL", "debug")
    assert exit_status.run_command(raises(ZeroDivisionError()), as_json=False) == 1
    assert capsys.readouterr().err.endswith("ZeroDivisionError\n")


@pytest.mark.parametrize(
    "wrong",
    [["bogus"], ["list", "--limit", "x"], ["show"], ["list", "--nonsense"], ["watch", "set", "x"]],
    ids=["command", "number", "missing word", "option", "missing option"],
)
def test_wrong_words_are_one_sentence_and_exit_code_2(cli, wrong) -> None:
    said = cli(*wrong)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error: ")
    assert said.err.endswith("[usage]\n")
    assert said.err.count("\n") == 1


def test_wrong_words_can_be_had_as_json(cli) -> None:
    assert cli("list", "--json", "--limit", "x").error["field"] == "limit"


@pytest.mark.parametrize("bare", [[], ["tag"]], ids=["nothing", "a noun alone"])
def test_no_words_show_the_help(bare, capsys) -> None:
    assert main(bare) == 2
    assert capsys.readouterr().out.startswith("Usage: linkshot")


def test_the_help_fits_and_knows_every_noun(cli) -> None:
    said = cli("--help")
    assert said.code == 0
    for noun in ("add", "import", "search", "tag", "watch", "trash", "up", "doctor"):
        assert f"\n  {noun} " in said.out


def test_the_version_is_told(cli) -> None:
    assert cli("--version").out.startswith("linkshot ")


def test_options_of_every_command_may_stand_after_it(cli) -> None:
    assert cli("list", "--json").json["total"] == 0


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["list", "--json"], ["--json", "list"]),
        (["list", "--data", "x", "-t"], ["--data", "x", "list", "-t"]),
        (["list", "--data=x"], ["--data=x", "list"]),
        (["add", "--", "--json"], ["add", "--", "--json"]),
        (["list", "--data"], ["list", "--data"]),
    ],
    ids=["flag", "value", "joined value", "after the dashes", "value missing"],
)
def test_options_are_hoisted_before_the_command(given, read) -> None:
    assert hoist_options(given) == read


def test_a_full_stderr_leaves_no_traceback(monkeypatch) -> None:
    with open("/dev/full", "w", buffering=1) as full:
        monkeypatch.setattr(sys, "stderr", full)
        assert exit_status.run_command(raises(errors.NotFound()), as_json=False) == 1
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_nothing_a_page_says_acts_on_the_terminal() -> None:
    assert printable("a\x1b[31m\u202e\n中 文") == "a\ufffd[31m\ufffd\ufffd中 文"


def test_half_characters_of_wrong_bytes_can_be_printed() -> None:
    assert printable(b"\xff".decode("utf-8", "surrogateescape")).encode() == "\ufffd".encode()


def test_a_pipe_gets_no_colours(capsys) -> None:
    assert styled("x", fg="red", bold=True) == "x"


def test_tables_in_a_pipe_are_separated_by_tabs(capsys) -> None:
    print_table(("a", "b"), [("1", "x\ty"), ("2", "中")])
    assert capsys.readouterr().out == "1\tx\ufffdy\n2\t中\n"


@pytest.mark.parametrize(
    ("title", "text", "word"),
    [
        ("编译器入门", "编译器把源码变成机器码。编译器很有趣。", "编译"),
        ("A lighthouse", "lighthouse and harbour, harbour and harbour", "lighthouse"),
        ("", "short words harbour only harbour", "harbour"),
        ("", "a b c", ""),
    ],
    ids=["Chinese title", "English title", "no title", "nothing to tell"],
)
def test_a_telling_word_is_one_of_the_title_that_the_text_has(title, text, word) -> None:
    assert search_hint.pick_word(title, text) == word


def test_the_search_to_type_names_the_data_folder_when_it_is_another(tmp_path) -> None:
    typed = search_hint.search_command(load_settings(data=tmp_path / "my data"), "快照")
    assert f"--data '{tmp_path}/my data' search" in typed


@pytest.mark.parametrize(
    ("variables", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "en_GB.UTF-8"}, False), ({}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_ALL": "zh_TW.UTF-8"}, True),
    ],
    ids=["Chinese", "English", "nothing", "LC_ALL wins", "LC_ALL alone"],
)  # fmt: skip
def test_the_first_run_speaks_the_language_of_the_terminal(monkeypatch, variables, chinese) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert user_texts.is_chinese() is chinese


@pytest.mark.parametrize("name", user_texts.MESSAGES)
def test_both_languages_have_the_same_facts(name) -> None:
    import re

    english, chinese = user_texts.MESSAGES[name]
    fields = [set(re.findall(r"{(\w+)}", text)) for text in (english, chinese)]
    assert fields[0] == fields[1]
