"""Every notice of an import has words, on the command line and in the web, in both languages."""

import re
from pathlib import Path

import pytest

from linkshot.cli import import_notices as cli_notices
from linkshot.domain.import_notices import NOTICES, notice_message
from web.language import translator

ROOT = Path(__file__).parent.parent.parent
CODE = re.compile(r'"((?:[a-z]+\.)?[a-z_]+(?:\.cut|\.clamped|\.invalid|\.kept|\.dropped|\.removed|\.guessed|\.joined|_added|_removed|_deep|_script))"')  # fmt: skip


def test_every_notice_of_the_sources_has_words() -> None:
    files = [
        *(ROOT / "linkshot/importers").glob("*.py"),
        ROOT / "linkshot/catalogue/upsert_links.py",
        ROOT / "linkshot/domain/link_merge.py",
        ROOT / "linkshot/use_cases/import_batches.py",
    ]
    said = {code for file in files for code in CODE.findall(file.read_text("utf-8"))}
    assert {"date.kept", "note.joined"} <= said
    columns = {"time_added", "by_added"}  # of Pocket, and of the catalogue
    assert said - columns <= NOTICES.keys()
    assert cli_notices.ADVICE.keys() <= NOTICES.keys()


@pytest.mark.parametrize("code", sorted(NOTICES))
def test_a_notice_is_said_in_both_languages(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    english = cli_notices.notice_message(code)
    assert NOTICES[code].removesuffix(".").casefold() in english.casefold()
    assert notice_message(code, translator("en")) == NOTICES[code]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for chinese in (cli_notices.notice_message(code), notice_message(code, translator("zh-CN"))):
        assert re.search(r"[一-鿿]", chinese)
