"""Pages that break off, by what their markup says."""

import pytest

from crawler.page.main_document import MainDocument, lacks_html_end

CHUNKED = {"transfer-encoding": "chunked"}
BREAKS_OFF = {
    "chunks without the closing tag": ("<html><p>Half.</p>", False),
    "a closing tag in a script": ("<html><script>w('</html>')</script><p>Half.</p>", False),
    "a closing tag in an open script": ("<html><script>w('</html>", False),
    "a closing tag in a comment": ("<html><!-- </html> --><p>Half.</p>", False),
    "a length, and half a sentence": ("<html><p>The harbour is", True),
    "a length, and half a tag": ("<html><p>The harbour</p><a href='/x", True),
}
IS_WHOLE = {
    "no html": ("<p>Whole", False),
    "closed": ("<html><p>Whole.</html>", False),
    "closed, and a script behind": ("<html></html><script>w('</html>')</script>", False),
    "a length, and no closing tag": ("<html><p>Whole.</p>\n", True),
    "a length, and a closed body": ("<html><body>Whole.</body> text", True),
    "a conditional comment": ("<!--[if !IE]><!--><html><!--<![endif]--><p>W.</html>", False),
    "an empty comment": ("<html><!--><p>Whole.</html>", False),
    "an old comment in a script": ("<html><script><!--\nw()\n</script></html>", False),
}


def page(body: str, *, has_length: bool) -> MainDocument:
    headers = {"content-length": str(len(body))} if has_length else CHUNKED
    return MainDocument(
        url="http://a/", status=200, headers=headers, media_type="text/html", body=body.encode()
    )


@pytest.mark.parametrize(("body", "has_length"), BREAKS_OFF.values(), ids=BREAKS_OFF)
def test_it_breaks_off(body: str, has_length: bool) -> None:
    assert lacks_html_end(page(body, has_length=has_length))


@pytest.mark.parametrize(("body", "has_length"), IS_WHOLE.values(), ids=IS_WHOLE)
def test_it_is_whole(body: str, has_length: bool) -> None:
    assert not lacks_html_end(page(body, has_length=has_length))
