"""Tokens in the values of cookies are blacked out wherever a page repeats them; words stay."""

from datetime import UTC, datetime

import pytest

from crawler.page.cookie_redaction import forms, is_token, redact
from linkshot.domain.failures import make_failure
from linkshot.domain.model import Capture, Exchange, Hop, Picture

NOW = datetime(2026, 11, 30, tzinfo=UTC)
TOKEN = "k3yS/7+0aZ91mQ=="


def capture(**more: object) -> Capture:
    return Capture(
        started_at=NOW,
        finished_at=NOW,
        final_url="https://a.example/",
        http_status=200,
        media_type="text/html",
        **more,  # type: ignore[arg-type]  # fields of Capture
    )


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (TOKEN, True),
        ("0123456789abcdef0123456789abcdef", True),
        ("eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN", True),
        ("dark", False),
        ("Asia/Shanghai-Pudong", False),
        ("someone.1985@example.com", False),
        ("https://a.example/page/17/18", False),
        ("一篇很长的文章的标题，没有任何数字在里面", False),
    ],
)
def test_a_token_is_what_nobody_writes_as_a_word(text: str, is_one: bool) -> None:
    assert is_token(text) is is_one


@pytest.mark.parametrize("written", sorted(forms(TOKEN)))
def test_every_way_to_write_a_token_is_found(written: str) -> None:
    body = f"before {written} after"
    found = redact(capture(body=body.encode(), html=body, title=body), [TOKEN])
    assert found.html == found.title == f"before {'x' * len(written)} after"
    assert found.body == found.html.encode()
    assert found.notes["cookies"] == {"redacted": 3}


def test_a_token_inside_a_larger_value_is_found() -> None:
    inside = "9f86d081884c7d659a2feaa0c55ad015"
    found = redact(capture(html=f"<i>{inside}</i>"), [f"user%3D7%26session%3D{inside}"])
    assert inside not in found.html


def test_exchanges_redirects_and_the_layout_hold_no_token() -> None:
    exchange = Exchange(
        url=f"https://a.example/?s={TOKEN}",
        method="POST",
        status=200,
        request_headers=(("Referer", f"/{TOKEN}"),),
        response_headers=(("X-Session", TOKEN), ("Date", "now")),
        body=TOKEN.encode(),
        post_data=TOKEN.encode(),
        started_at=NOW,
    )
    given = capture(
        exchanges=(exchange,),
        hops=(Hop(url=f"https://a.example/{TOKEN}", status=302),),
        dom={"strings": ["a", TOKEN], "documents": [{"nodes": {"name": [1]}}]},
        headers={"x-session": TOKEN},
        notes={"logins": [TOKEN]},
    )
    found = redact(given, [TOKEN])
    assert TOKEN not in repr(found)
    assert found.exchanges[0].response_headers[1] == ("Date", "now")


def test_screenshots_and_what_holds_no_token_are_left_alone() -> None:
    picture = Picture(data=TOKEN.encode(), media_type="image/png", width=1, height=1)
    given = capture(screenshot=picture, html="dark")
    assert redact(given, [TOKEN, "dark"]) is given


def test_a_failure_holds_no_token() -> None:
    failure = make_failure("redirects", f"https://a.example/?s={TOKEN}")
    assert TOKEN not in redact(failure, [TOKEN]).detail
