"""A download is called by title and date, and is a harmless name on every system."""

from datetime import UTC, datetime

import pytest

from linkshot.domain.download_names import MAX_TITLE_BYTES, clean, download_name

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("artifact", "name"),
    [
        ("page.html", "机器学习编译器-2026-11-20.html"),
        ("reader.md", "机器学习编译器-2026-11-20.reader.md"),
        ("screenshot.webp", "机器学习编译器-2026-11-20.webp"),
        ("original.pdf", "机器学习编译器-2026-11-20.pdf"),
        ("报告.svg", "报告.svg"),
        ("thumb.webp", "机器学习编译器-2026-11-20.thumb.webp"),
    ],
)
def test_a_download_has_title_and_date(artifact: str, name: str) -> None:
    assert download_name("机器学习编译器", AT, artifact) == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", ""),
        ("../../etc/passwd", "etc passwd"),
        ('a"b\r\nSet-Cookie: x', "a b Set-Cookie x"),
        ("invoice\u202ecod.exe", "invoicecod.exe"),
        ("  a \u3000 b... ", "a b"),
        (".hidden", "hidden"),
        ("%PATH% <b>|~", "PATH b"),
    ],
)
def test_a_title_becomes_a_harmless_name(title: str, name: str) -> None:
    assert clean(title) == name


def test_a_long_title_fits_every_file_system() -> None:
    assert len(clean("长" * 500).encode()) <= MAX_TITLE_BYTES
    assert set(clean("😀" * 500)) == {"😀"}
