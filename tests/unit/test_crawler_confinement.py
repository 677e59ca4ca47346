"""A page in which something is pressed may load itself again once, and goes nowhere else."""

import pytest

from crawler.page.confinement import MAX_REFUSED, Confinement

HERE = "https://tiles.example/red?n=1"


def request(url: str, method: str = "GET") -> dict[str, str]:
    return {"url": url, "method": method}


@pytest.mark.parametrize("url", [HERE, f"{HERE}#top"])
def test_a_page_may_load_itself_again_once(url: str) -> None:
    confined = Confinement(HERE)
    assert confined.allows(request(url), redirected=False)
    assert not confined.allows(request(url), redirected=False)


@pytest.mark.parametrize(
    ("url", "method"),
    [
        ("https://tiles.example/blue", "GET"),
        ("https://tiles.example/red?n=2", "GET"),
        ("https://other.example/red?n=1", "GET"),
        ("http://tiles.example/red?n=1", "GET"),
        (HERE, "POST"),
    ],
)
def test_it_goes_nowhere_else_and_sends_no_form(url: str, method: str) -> None:
    confined = Confinement(HERE)
    assert not confined.allows(request(url, method), redirected=False)
    assert confined.refused == [url]


def test_redirects_stay_on_the_site() -> None:
    confined = Confinement(HERE)
    assert confined.allows(request("https://tiles.example/green"), redirected=True)
    assert not confined.allows(request("https://other.example/"), redirected=True)


def test_a_page_that_tries_again_and_again_fills_no_memory() -> None:
    confined = Confinement(HERE)
    for n in range(100):
        confined.allows(request(f"https://other.example/{n}"), redirected=False)
    assert len(confined.refused) == MAX_REFUSED


def test_credentials_are_not_recorded() -> None:
    confined = Confinement(HERE)
    confined.allows(request("https://me:secret@other.example/"), redirected=False)
    assert confined.refused == ["https://other.example/"]
