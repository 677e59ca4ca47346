"""Rules of robots.txt: what is allowed, the pause, and linear parsing of hostile files."""

import pytest

from crawler.robots_middleware import MAX_SITES, rules_cache
from crawler.robots_rules import MAX_BYTES, Rules, relevant_groups
from tests.growth import assert_growth_below

URL = "https://a.example/private/书"


def rules(text: str) -> Rules:
    return Rules(relevant_groups(text.encode()))


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /other", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /\nAllow: /private/", True),
        ("User-agent: *\nDisallow: /*/%E4%B9%A6$", False),
        ("User-agent: *\nDisallow: /private/书", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\nUser-agent: linkshot\nAllow: /", True),
        ("User-agent: *\nAllow: /\nUser-agent: LinkShot/2.0\nDisallow: /", False),
        ("User-agent: other\nUser-agent: linkshot\nDisallow: /", False),
        ("User-agent: linkshot\nDisallow: /x\nUser-agent: other\nDisallow: /", True),
        ("\ufeffUser-agent: * # all\r\nDISALLOW : / # everything", False),
        ("Disallow: /", True),
        ("<!doctype html><title>Not found</title><p>User-agent: nobody<p>Disallow: /", True),
    ],
)  # fmt: skip
def test_the_rules_for_us_are_obeyed_and_no_others(text: str, allowed: bool) -> None:
    assert rules(text).allow(URL) is allowed


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [("5", 5.0), ("0.5", 0.5), ("", 0.0), ("-3", 0.0), ("soon", 0.0), ("inf", 0.0), ("nan", 0.0)],
)
def test_the_pause_is_a_number_of_seconds_or_none(delay: str, seconds: float) -> None:
    assert rules(f"User-agent: *\nCrawl-delay: {delay}\nAllow: /").delay_s == seconds


def test_a_pause_for_others_is_none_for_us() -> None:
    assert rules("User-agent: other\nCrawl-delay: 9\n\nUser-agent: *\nAllow: /").delay_s == 0.0


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "".join(f"User-agent: b{i}\n" for i in range(n)) + "Disallow: /x\n" * n,
        lambda n: "".join(f"User-agent: linkshot/{i}\n" for i in range(n)) + "Disallow: /x\n" * n,
        lambda n: "User-agent: *\nDisallow: /" + "*p" * 16 * n,
        lambda n: "User-agent: *\n" + "Disallow: /*p*p*p*p*q\n" * n,
        lambda n: "User-agent: *" * 8 * n,
    ],
    ids=["many names", "our name again and again", "one long rule", "many rules", "one line"],
)
def test_no_file_keeps_us_busy(text) -> None:
    url = "https://a.example/" + "p" * 8000
    assert rules(text(15_000)).allow(url) in (True, False)
    assert_growth_below(9, lambda given: rules(given).allow(url), text(1_000), text(4_000))


def test_what_comes_after_the_first_half_megabyte_is_not_read() -> None:
    assert rules("User-agent: *\n" + "#" * MAX_BYTES + "\nDisallow: /").allow(URL)


def test_rules_are_cached_for_a_day() -> None:
    now = [0.0]
    memory = rules_cache(lambda: now[0])
    memory["https://a.example"] = b"x"
    now[0] = 86_399
    assert memory.get("https://a.example") == b"x"
    now[0] = 86_401
    assert memory.get("https://a.example") is None


def test_the_least_recently_used_site_is_evicted() -> None:
    memory = rules_cache()
    for number in range(MAX_SITES + 1):
        memory[str(number)] = b""
        memory.get("0")
    assert (memory.get("0"), memory.get("1")) == (b"", None)
