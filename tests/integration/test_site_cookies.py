"""Sites are visited with the cookies that somebody gave for them, and nothing that is kept or said holds a value."""

import gzip
import json
import ssl
import zipfile
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from sqlite3 import connect
from urllib.parse import quote, unquote

import pytest
from tls_world import serving
from web_client import Client

from linkshot.app import App
from linkshot.cli.main import main
from linkshot.domain.model import Link, NewLink, Outcome, Role, Snapshot, Verdict
from linkshot.system.config import load_settings
from linkshot.use_cases import links, provenance, site_cookies, snapshots
from tests.certificates import Authority, Plan
from tests.fleet import Fleet, fleet, opened
from tests.site import Site

CANARY = "canary7Q2+hZx/9rT4vLm0AbC=="
"""A session as a site would make one, with the signs that are escaped in addresses and JSON."""


def cookies_txt(value: str = CANARY, domain: str = "127.0.0.1", more: str = "") -> bytes:
    lines = (
        "# Netscape HTTP Cookie File",
        f"#HttpOnly_{domain}\tFALSE\t/\tFALSE\t0\tsid\t{value}",
        f"{domain}\tFALSE\t/\tFALSE\t1999999999\ttheme\tdark",
    )
    return ("\n".join(lines) + f"\n{more}").encode()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, App]]:
    """A real `linkshot up` that says all it can, beside an App on its data."""
    folder = tmp_path_factory.mktemp("up")
    settings = load_settings(
        data=folder / "data",
        disk_floor_bytes=0,
        allow_networks="127.0.0.0/8",
        log_level="debug",
        self_check="always",
        host_gap_s=0.0,
    )
    with opened(settings) as app, fleet(settings, folder) as processes:
        yield processes, app


def visited(running: tuple[Fleet, App], url: str) -> Snapshot:
    """The visit of this page that comes after now."""
    processes, app = running
    link = links.add(app, NewLink(url=url)).link
    before = last(app, link)
    snapshots.request(app, [link.link_id])
    processes.until(lambda: last(app, link) != before)
    found = links.get(app, link.link_id).last
    assert found is not None
    return found


def last(app: App, link: Link) -> str | None:
    now = links.get(app, link.link_id).last
    return now.snapshot_id if now else None


def test_a_page_behind_a_login_is_kept_as_its_member_sees_it(
    running: tuple[Fleet, App], site: Site
) -> None:
    _, app = running
    site_cookies.import_file(app, cookies_txt())
    shown = visited(running, site.url("/members-only?a"))
    assert shown.quality.reasons == ("cookies_used:127.0.0.1",)
    assert shown.quality.verdict is Verdict.GOOD
    text = snapshots.read(app, snapshots.artifact(app, shown.snapshot_id, Role.TEXT)).decode()
    assert "灯塔的一百年" in text
    proof = provenance.try_of_snapshot(app, shown)
    assert proof is not None
    assert proof.cookies is not None
    assert (proof.cookies.site, proof.cookies.redacted) == ("127.0.0.1", 0)


def leaks(app: App, folder: Path, secret: str) -> list[str]:
    """Where anything that was written holds the secret: every file of the data folder, unpacked, and logs."""
    found = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = file.read_bytes()
        found += [str(file.relative_to(folder)) for one in spellings(secret) if one in data]
        found += [f"{file.name}!{name}" for name, inside in unpacked(data) if is_in(secret, inside)]
    with app.catalogue.read() as conn, closing(connect(folder / "data" / "queue.db")) as queue:
        rows = [str(row) for row in queue.iterdump()]
        rows += [str(row) for row in conn.connection.driver_connection.iterdump()]  # type: ignore[union-attr]
    return found + [row[:80] for row in rows if is_in(secret, row.encode())]


def spellings(secret: str) -> set[bytes]:
    return {
        form.encode()
        for form in (secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1])
    }


def is_in(secret: str, data: bytes) -> bool:
    return any(form in data for form in spellings(secret))


def unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in an archive, those that are packed once more as they are."""
    if not data.startswith(b"PK"):
        return
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            inside = archive.read(name)
            yield name, gzip.decompress(inside) if name.endswith(".gz") else inside


def test_no_value_is_in_anything_that_was_written(
    running: tuple[Fleet, App], site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    processes, app = running
    site_cookies.import_file(app, cookies_txt())
    site.requests.clear()
    shown = visited(running, site.url("/members-echo"))
    asked = unquote(" ".join(one.path for one in site.requests))
    assert f"sid={CANARY}" in asked, "the page did not get the cookie"
    assert shown.outcome is Outcome.STORED
    looped = visited(running, site.url("/members-loop")).failure
    assert looped is not None
    assert (looped.kind, len(looped.hops) > 1) == ("redirects", True)
    words = {word.partition(":")[0] for word in shown.quality.reasons}
    assert {"cookies_used", "cookies_redacted"} <= words
    roles = {artifact.role for artifact in shown.artifacts}
    assert {Role.WACZ, Role.HTML, Role.META, Role.TEXT} <= roles
    for words_of_command in (
        ["cookies", "ls"],
        ["show", shown.link_id],
        ["jobs"],
        ["config", "show"],
    ):
        main(["--data", str(app.settings.data), "--json", *words_of_command])
    said = capsys.readouterr()
    client = Client(app)
    answers = [
        client.get(path).text
        for path in ("/cookies", "/api/v1/cookies", f"/links/{shown.link_id}?tab=details")
    ]
    assert not is_in(CANARY, "".join((said.out, said.err, *answers)).encode())
    assert leaks(app, processes.folder, CANARY) == []
    assert leaks(app, processes.folder, "127.0.0.1") != [], "the search finds what is there"


def test_a_login_that_is_lost_is_told(running: tuple[Fleet, App], site: Site) -> None:
    _, app = running
    other = cookies_txt().replace(b"\tsid\t", b"\told\t")
    site_cookies.import_file(app, other)
    shown = visited(running, site.url("/members-only?lost"))
    assert shown.quality.verdict is Verdict.LOGIN
    assert set(shown.quality.reasons) == {
        "login_form",
        "cookies_expired:127.0.0.1",
        "cookies_used:127.0.0.1",
    }
    page = Client(app, **{"Accept-Language": "en"}).get(f"/links/{shown.link_id}").text
    assert "the cookies for 127.0.0.1 may have expired" in page


def test_a_server_without_the_site_s_certificate_gets_no_cookies(
    running: tuple[Fleet, App], tmp_path: Path
) -> None:
    _, app = running
    site_cookies.import_file(app, cookies_txt())
    by = Authority.root("Nobody has heard of it")
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(Plan().files(tmp_path / "server.pem", by))
    with serving(secure) as url:
        shown = visited(running, url)
    assert shown.failure is not None
    assert (shown.failure.kind, shown.failure.detail) == ("tls", "ERR_CERT_AUTHORITY_INVALID")


def test_cookies_that_do_not_open_are_a_failure_and_no_visit(
    running: tuple[Fleet, App], site: Site
) -> None:
    _, app = running
    site_cookies.import_file(app, cookies_txt())
    key = app.settings.data / "keys" / "cookies.key"
    key.unlink()
    shown = visited(running, site.url("/members-only?locked"))
    assert shown.failure is not None
    assert (shown.failure.kind, shown.outcome) == ("cookies", Outcome.FAILED)
    assert shown.failure.detail == "the worker has no key for cookies"
    assert site.seen("/members-only") == [] or "locked" not in str(site.seen("/members-only"))
    site_cookies.import_file(app, cookies_txt(domain="127.0.0.2"))
    (first, _) = site_cookies.list_sites(app)
    assert (first.site, first.opens) == ("127.0.0.1", False)
    site_cookies.remove(app, "127.0.0.1")


def test_a_site_whose_cookies_were_removed_is_visited_without_them(
    running: tuple[Fleet, App], site: Site
) -> None:
    _, app = running
    site_cookies.import_file(app, cookies_txt())
    site_cookies.remove(app, "127.0.0.1")
    shown = visited(running, site.url("/members-only?removed"))
    assert shown.quality.reasons == ("login_form",)
