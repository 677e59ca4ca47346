"""REST and `--json` give each noun the same names and values."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cli_world import CommandLine
from web_client import Client
from web_shelf import failed_visit, kept_link, stored_snapshot

from linkshot.domain.model import Hop
from linkshot.use_cases import imports, site_cookies, watches

HOPS = (Hop(url="https://example.com/moved", status=301),)


@pytest.fixture
def web(cli: CommandLine) -> Iterator[Client]:
    """A link with a snapshot and a failed visit after it, an imported one, a tag and a watch."""
    with cli.app() as app:
        link = kept_link(app, "https://example.com/a", "阅读/灯塔")
        stored_snapshot(app, link)
        failed_visit(app, link, "dns", "ERR_NAME_NOT_RESOLVED", HOPS)
        watches.set_schedule(app, link.link_id, "1d")
        site_cookies.import_file(app, b"example.com\tFALSE\t/\tTRUE\t1999999999\tsid\tsecret")
        imports.run(app, BytesIO(b"https://example.org/b\nftp://example.org/c\n"), "list.txt")
        yield Client(app)


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["list"], "/links"),
        (["list", "#阅读"], "/links?q=%23阅读"),
        (["show", "https://example.com/a"], "/links/{link_id}"),
        (["snapshots", "https://example.com/a"], "/links/{link_id}/snapshots"),
        (["tag", "ls"], "/tags"),
        (["watch", "ls"], "/watches"),
        (["cookies", "ls"], "/cookies"),
        (["jobs"], "/jobs"),
        (["dead", "ls"], "/jobs/dead"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_and_its_route_give_the_same(
    cli: CommandLine, web: Client, words: list[str], path: str
) -> None:
    link_id = web.get("/api/v1/links?q=site:example.com").json()["items"][0]["link_id"]
    by_rest = web.get(f"/api/v1{path.format(link_id=link_id)}").json()
    by_command = cli("--json", *words).json
    if words[0] == "show":  # it reads the store too; the route of links does not
        assert by_command.pop("provenance") is None
    assert by_command == by_rest
    assert by_rest != {"items": []} or words == ["dead", "ls"]


def test_rows_of_an_import_are_the_same(cli: CommandLine, web: Client, tmp_path: Path) -> None:
    file = tmp_path / "again.txt"
    file.write_text("ftp://example.org/c\n", "utf-8")
    by_command: dict[str, Any] = cli("--json", "import", str(file)).json
    by_rest = web.get(f"/api/v1/imports/{by_command['import_id']}").json()
    assert by_command == by_rest
    assert by_rest["rows"][0]["code"] == "url.scheme_not_allowed"


def test_an_error_of_a_visit_has_its_kind(cli: CommandLine, web: Client) -> None:
    error = cli("--json", "show", "https://example.com/a").json["last"]["error"]
    assert (error["kind"], error["hops"]) == ("dns", [{"url": HOPS[0].url, "status": 301}])
    assert cli("--json", "jobs").json["failed"][0]["kind"] == "dns"
