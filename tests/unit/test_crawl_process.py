"""What a crawl worker gets of the environment (row O8): nothing that leads round the egress guard."""

import pytest

from crawler.browser.launch import launch_options
from linkshot.processes import crawl_process
from linkshot.system.config import Settings

PROXIES = [
    "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY",
    "no_proxy",
]  # fmt: skip


@pytest.mark.parametrize("name", [*PROXIES, "LINKSHOT_PASSWORD"])
def test_a_worker_gets_no_proxies_and_no_password(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://proxy.example:3128")
    given = crawl_process._environment(Settings(password="secret", page_slots=5))
    assert name not in given
    assert given["LINKSHOT_PAGE_SLOTS"] == "5"
    assert "PATH" in given


@pytest.mark.parametrize("name", PROXIES)
def test_a_browser_gets_no_proxies(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://proxy.example:3128")
    options = launch_options(Settings(browser="/bin/sh"), "http://127.0.0.1:1")
    assert name not in options["env"]
    assert options["proxy"] == {"server": "http://127.0.0.1:1"}
