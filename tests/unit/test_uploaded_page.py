"""An uploaded page is read without a browser: its document, sheets, pictures, in whatever charset."""

import base64

import pytest

from pipelines.uploaded_page import MHTML, decode_saved, read_upload
from tests.saved_pages import ARCHIVE, PNG

URL = "https://example.com/a"


def test_mhtml_brings_the_page_its_sheets_and_its_pictures() -> None:
    page = read_upload(ARCHIVE, MHTML, URL)
    assert (page.title, page.missing) == ("标题", 1)
    assert "正文" in page.html
    assert page.styles == {"cid:css-1@mhtml.blink": "p{color:red}"}
    encoded = base64.b64encode(PNG).decode()
    assert page.parts == {"https://example.com/%E5%9B%BE.png": f"data:image/png;base64,{encoded}"}


@pytest.mark.parametrize(
    "data",
    [
        ARCHIVE[: len(ARCHIVE) // 2],
        ARCHIVE.replace(b"boundary", b"boundery"),
        ARCHIVE.replace(b"text/html\r\n", b"text/html; charset=\xff\xfe\r\n"),
        b"Content-Type: multipart/related; boundary=x\r\n\r\n" + b"--x\r\n" * 100_000,
    ],
    ids=["cut off", "without a boundary", "a broken charset", "parts without end"],
)
def test_broken_mhtml_is_read_as_far_as_it_goes(data: bytes) -> None:
    assert isinstance(read_upload(data, MHTML, URL).html, str)


@pytest.mark.parametrize(
    ("declared", "written"),
    [("utf-8", "utf-8"), ("gb2312", "utf-8"), ("utf-8", "gb18030"), ("big5", "big5"), ("shift_jis", "shift_jis")],
)  # fmt: skip
def test_the_charset_is_that_of_the_bytes_whatever_is_declared(declared: str, written: str) -> None:
    words = (
        "日本語の本文。" * 20
        if written == "shift_jis"
        else "登入之後才能看到的正文，正文很長。" * 20
    )
    data = f'<meta charset="{declared}"><p>{words}</p>'.encode(written)
    assert words in decode_saved(data)


def test_the_icon_is_taken_from_the_page() -> None:
    icon = base64.b64encode(PNG).decode()
    html = f'<link rel="shortcut icon" href="data:image/png;base64,{icon}"><p>x'
    assert read_upload(html.encode(), "text/html", URL).icon == PNG
