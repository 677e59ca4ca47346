"""A page of somebody's web archive is visited like any other, with the archive in the place of the network."""

import base64
import hashlib
from typing import Any

from crawler_visitor import Visitor

from tests.site import Site
from tests.web_archives import PICTURE, Recorded, page, revisit, shop, wacz, warc

SHOP = shop()
PAGE = SHOP[1].url


def uploaded(capture: Any) -> dict[str, Any]:
    found: dict[str, Any] = capture.notes["uploaded"]
    return found


def test_a_page_is_shown_from_an_archive(visit: Visitor) -> None:
    capture = visit.shown(wacz({"a.warc.gz": warc(SHOP)}, [PAGE]), PAGE)
    assert uploaded(capture)["missing"] == []
    assert capture.partial == ()
    assert (capture.title, capture.http_status, capture.final_url) == ("机器学习编译器", 200, PAGE)


def test_an_address_that_leads_to_the_page_shows_it(visit: Visitor) -> None:
    capture = visit.shown(warc(SHOP), "https://shop.example/old")
    assert (capture.final_url, capture.title) == (PAGE, "机器学习编译器")
    assert [hop.status for hop in capture.hops] == [301]


def test_pages_lie_in_several_warcs_of_one_archive(visit: Visitor) -> None:
    first, second = warc(SHOP[:3]), warc(SHOP[3:], packed=False)
    archive = wacz({"a.warc.gz": first, "b.warc": second}, [PAGE], version="1.2.0")
    capture = visit.shown(archive, PAGE)
    assert (uploaded(capture)["missing"], capture.partial) == ([], ())


def test_a_picture_that_was_recorded_as_seen_before_is_shown(visit: Visitor) -> None:
    digest = f"sha1:{base64.b32encode(hashlib.sha1(PICTURE).digest()).decode()}"
    known = [one for one in SHOP if not one.url.endswith("/b.png")]
    again = revisit("https://shop.example/b.png", "https://shop.example/a.png", digest)
    capture = visit.shown(warc(known) + again, PAGE)
    assert uploaded(capture)["missing"] == []
    assert b"\x89PNG" in next(one.body for one in capture.exchanges if one.url.endswith("/b.png"))


def test_what_the_archive_lacks_is_counted_and_asked_of_nobody(visit: Visitor, site: Site) -> None:
    there = site.put("/canary.png", "x")
    body = f"<p>Text</p><img src='{there}'><script>new WebSocket('ws://127.0.0.1:{site.port}/')</script>"
    url = "https://leaky.example/"
    capture = visit.shown(warc([Recorded(url=url, body=page("Leaky", body))]), url)
    assert "archive_missing:1" in capture.partial
    assert uploaded(capture)["missing"] == [f"GET {there}"]
    assert uploaded(capture)["leaks"] >= 1
    assert site.requests == []


def test_a_file_of_an_archive_is_kept_as_a_file(visit: Visitor) -> None:
    url = "https://files.example/a.pdf"
    archive = warc([Recorded(url=url, body=b"%PDF-1.4\n%%EOF", kind="application/pdf")])
    capture = visit.shown(archive, url)
    assert (capture.media_type, capture.html) == ("application/pdf", "")
    assert capture.body.startswith(b"%PDF")


def test_wrong_digests_and_a_broken_end_are_remarks(visit: Visitor) -> None:
    raw = warc(SHOP, packed=False).replace("图优化".encode(), "图优坏".encode())
    raw = raw.replace("由脚本写入".encode(), "由脚本改写".encode())
    capture = visit.shown(raw + b"WARC/1.1\r\nContent-Length: 99999\r\n\r\n", PAGE)
    assert "archive_digests:1" in capture.partial
    assert "由脚本改写" in capture.html


def test_the_page_sees_the_time_at_which_it_was_recorded(visit: Visitor) -> None:
    url = "https://clock.example/"
    body = (
        "<p id=t></p><script>document.getElementById('t').append(new Date().getFullYear())</script>"
    )
    capture = visit.shown(warc([Recorded(url=url, body=page("Clock", body))]), url)
    assert "2024" in capture.html
    assert uploaded(capture)["recorded_at"] == "2024-03-05T06:07:08+00:00"
