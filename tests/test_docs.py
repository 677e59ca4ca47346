"""The docs know every command and every setting, as they are now."""

from pathlib import Path

import pytest
import typer.main

from linkshot.cli import reference
from linkshot.cli.examples import EXAMPLES
from linkshot.cli.main import app
from linkshot.system.config import SETTINGS

DOCS = Path(__file__).parent.parent / "docs"
COMMANDS = dict(reference.commands(typer.main.get_command(app)))
AGAIN = "run `python -m linkshot.cli.reference docs` and commit the result"


@pytest.mark.parametrize(
    ("file", "made"),
    [("cli.md", reference.cli_page), ("configuration.md", reference.settings_page)],
    ids=["command line", "settings"],
)
def test_the_made_page_is_current(file, made) -> None:
    assert (DOCS / file).read_text("utf-8") == made(), AGAIN


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_occurs_in_the_docs_with_one_use(name) -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    assert f"\n### {name}\n" in page
    assert EXAMPLES[name][0].startswith(f"linkshot {name}")


def test_every_example_is_of_a_command_that_is_there() -> None:
    assert set(EXAMPLES) == set(COMMANDS)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_occurs_in_the_docs_with_a_sentence(name) -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    assert f"| `{name}` |" in page
    assert reference.sentences()[name].endswith(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_word_of_a_command_is_explained(name) -> None:
    unexplained = [p.name for p in COMMANDS[name].params if p.name != "help" and not p.help]
    assert unexplained == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page) -> None:
    import re

    targets = re.findall(r"\]\(([a-z0-9./_-]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


@pytest.mark.parametrize(("file", "tag"), [("verdicts.md", "en"), ("verdicts.zh-CN.md", "zh-CN")])
def test_the_tables_of_verdicts_and_reasons_are_those_of_the_code(file, tag) -> None:
    import re

    from linkshot.domain.model import Verdict
    from linkshot.domain.reason_texts import REMARKS
    from web.language import translator

    said = translator(tag).gettext
    rows = re.findall(
        r"^\| `([a-z0-9_]+)(?::N)?` \| ([^|]+) \|", (DOCS / file).read_text("utf-8"), re.MULTILINE
    )
    table = dict(rows)
    assert [code for code, _ in rows] == [*(one.value for one in Verdict), *REMARKS]
    for code, english in REMARKS.items():
        assert table[code] == said(english).replace("%(n)s", "N")
