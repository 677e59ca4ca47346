"""Every code that the sources can give has a sentence, and the docs name no other ones."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.failures import FAILURES
from linkshot.domain.import_notices import NOTICES
from linkshot.domain.model import Fault
from linkshot.domain.reason_texts import DEAD
from tests.sources import FILES, ROOT, nodes
from web.language import translator
from web.problem_details import STATUS_BY_CODE

REASONS = {code: kind.sentence for code, kind in FAILURES.items()}
PAGES = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("README*.md")])
FIELDS = {".too_long": ("title", "note")}
"""End of a code whose beginning is the name of a field → the fields."""
ELSEWHERE = {"os", "usage", "work.stopped"}
"""Codes of the command line that say what a system or a word's parser said."""
DOTTED = re.compile(r"(?<![\w./:@-])([a-z]+)\.[a-z]+(?:_[a-z]+)*(?![\w(/.:-])")
NO_CODES = re.compile(r".+\.(?:py|html|mhtml|pdf|md|db|json|txt)|search\.find|query\.matches")
"""Names of files and functions that look like codes."""


def source_nodes() -> Iterator[ast.AST]:
    """Every node of our sources, in the order of the files."""
    return (node for path in FILES if "migrations" not in path.parts for node in nodes(path))


def texts(node: ast.AST) -> Iterator[str]:
    """The strings an expression may be; of one with a hole in front, with what fills it."""
    if isinstance(node, ast.JoinedStr):
        end = str(getattr(node.values[-1], "value", ""))
        yield from (f"{field}{end}" for field in FIELDS.get(end, ()))
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


@functools.cache
def given() -> set[str]:
    """Codes of errors: `code=` of a call, `code = ` of a class, what HTTP answers are chosen by."""
    found = set(STATUS_BY_CODE)
    for node in source_nodes():
        match node:
            case ast.Call(keywords=words):
                found |= {text for w in words if w.arg == "code" for text in texts(w.value)}
            case ast.Assign(targets=[ast.Name(id="code")], value=value):
                found |= set(texts(value))
    return found - ELSEWHERE - {""}


@functools.cache
def findings() -> set[str]:
    """Codes of what `verify` finds: the second word of Report.add(); with a hole each fault."""
    found: set[str] = set()
    for node in source_nodes():
        match node:
            case ast.Call(
                func=ast.Attribute(attr="add"), args=[ast.Constant(value=check), what, *_]
            ):
                if re.fullmatch(r"V\d", str(check)):
                    found |= set(_filled(what))
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.JoinedStr() as what):
                found |= set(_filled(what))
    return found


def _filled(what: ast.AST) -> Iterator[str]:
    if isinstance(what, ast.JoinedStr):
        yield from (f"{texts_of(what)}{fault.value}" for fault in Fault)
    else:
        yield from texts(what)


def texts_of(what: ast.JoinedStr) -> str:
    """What stands before the hole."""
    return str(getattr(what.values[0], "value", ""))


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    generic = {"http", "field.unknown"}
    assert given() | generic == set(ERROR_MESSAGES)


MORE_SPECIFIC = {
    "artifact.not_found", "body.slow", "content.encoding", "cursor.invalid", "cursor.other_query",
    "host.invalid", "idempotency.conflict", "import.format_unknown", "limit.invalid",
}  # fmt: skip
"""Codes whose error tells a program, or of one cause, what the sentence for people does not."""


def test_an_error_has_no_second_sentence_of_its_own() -> None:
    second = set()
    for path in FILES:
        for node in nodes(path):
            match node:
                case ast.Call(args=[ast.Constant(value=str(said)), *_], keywords=words):
                    codes = {text for w in words if w.arg == "code" for text in texts(w.value)}
                    if said.endswith(".") and codes & set(ERROR_MESSAGES):
                        second |= {code for code in codes if ERROR_MESSAGES[code] != said}
    assert second == MORE_SPECIFIC


def test_every_reason_of_a_dead_letter_has_words() -> None:
    sent = [
        text
        for node in source_nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("send", "_send_dead_letter")
        and len(node.args) > 2
        for text in texts(node.args[1])
    ]
    messages = {code for code in given() if code.startswith("message.")}
    assert {*sent, *messages} == set(DEAD)


@pytest.mark.parametrize(
    "words", [ERROR_MESSAGES, REASONS, DEAD, NOTICES], ids=["refused", "failed", "dead", "noticed"]
)
def test_what_people_read_is_chinese_in_chinese_and_holds_no_code(words: dict[str, str]) -> None:
    chinese = translator("zh-CN")
    for code, english in words.items():
        said = chinese.gettext(english)
        assert re.search(r"[一-鿿]", said), code
        assert not re.search(r"\b(?:http_\w+|[a-z]+_[a-z]+_[a-z]+)\b", english + said), code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_docs_name_no_code_that_does_not_exist(page: Path) -> None:
    known = given() | set(DEAD) | set(NOTICES) | findings()
    nouns = {code.partition(".")[0] for code in known if "." in code}
    named = [found[0] for found in DOTTED.finditer(page.read_text("utf-8")) if found[1] in nouns]
    assert [one for one in named if one not in known and not NO_CODES.fullmatch(one)] == []


def test_the_docs_name_every_code() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert [code for code in sorted(ERROR_MESSAGES) if f"| `{code}` |" not in page] == []
