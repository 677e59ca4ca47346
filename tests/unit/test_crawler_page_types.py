"""Which answers are pages, and what a Content-Type says."""

import pytest

from crawler.page import page_types


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("Text/HTML; charset=gbk", "text/html"),
        ("text/html, text/plain", "text/plain"),
        ("text/html; charset=gbk, nonsense", "text/html"),
        ("", ""),
        ("nonsense", ""),
        ("a b/c", ""),
    ],
)
def test_the_essence_of_a_content_type(content_type: str, kind: str) -> None:
    assert page_types.essence(content_type) == kind


def test_attachments_are_files_even_when_they_are_html() -> None:
    assert not page_types.is_page("text/html", {"content-disposition": "Attachment; x"}, b"<p>")
    assert page_types.is_page("text/html", {"content-disposition": "inline"}, b"<p>")
