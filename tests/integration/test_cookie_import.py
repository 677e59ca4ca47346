"""Cookies of sites are imported, listed and removed by command line, REST and pages; values are write only."""

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cli_world import CommandLine
from web_client import OWN, Client, open_web

from linkshot.app import App
from linkshot.catalogue.site_cookies import of_hosts
from linkshot.catalogue.site_cookies import site_cookies as table
from linkshot.dispatch import request_publisher
from linkshot.domain.messages import REQUESTS, SnapshotRequested
from linkshot.domain.model import NewLink
from linkshot.errors import ConfigError, InvalidInput, NotFound
from linkshot.maintenance import gc
from linkshot.system import cookie_key
from linkshot.system.config import load_settings
from linkshot.use_cases import links, site_cookies

SECRET = "s3cret+Value/0123456789"
FUTURE = 1_999_999_999


def line(name: str, domain: str = "example.com", at: int = FUTURE, below: bool = False) -> str:
    return f"{domain}\t{str(below).upper()}\t/\tTRUE\t{at}\t{name}\t{SECRET}"


ONE_SITE = "\n".join((line("sid"), line("theme", "www.example.com"), line("old", at=1_000_000_000)))
TWO_SITES = f"{ONE_SITE}\n{line('other', 'other.example')}"


@pytest.fixture
def app(kept: App) -> App:
    """With a catalogue of either kind."""
    return kept


def names(app: App) -> dict[str, list[str]]:
    return {
        one.site: [cookie.name for cookie in one.cookies] for one in site_cookies.list_sites(app)
    }


def test_a_file_of_one_site_is_taken_whole(app: App) -> None:
    done = site_cookies.import_file(app, ONE_SITE.encode())
    assert (done.expired, done.rejected, done.other_sites) == (1, (), 0)
    assert names(app) == {"example.com": ["sid", "theme"]}


def test_of_several_sites_only_those_that_were_named_are_taken(app: App) -> None:
    with pytest.raises(site_cookies.SeveralSites) as caught:
        site_cookies.import_file(app, TWO_SITES.encode())
    assert caught.value.sites == ("example.com", "other.example")
    assert names(app) == {}
    done = site_cookies.import_file(app, TWO_SITES.encode(), ["https://www.other.example/login"])
    assert (names(app), done.other_sites) == ({"other.example": ["other"]}, 3)


@pytest.mark.parametrize(
    ("data", "sites", "code"),
    [
        (ONE_SITE, ["absent.example"], "cookies.site_unknown"),
        (ONE_SITE, ["com"], "url.host_invalid"),
        (line("sid", at=1_000_000_000), [], "cookies.none_left"),
        (line("sid", "co.uk", below=True), [], "cookies.none_left"),
        ("\n".join(line(f"n{n}") for n in range(501)), [], "cookies.too_many"),
        ("", [], "cookies.empty"),
    ],
    ids=["absent site", "public suffix", "expired", "for a suffix", "too many", "empty"],
)
def test_what_cannot_be_taken_changes_nothing(
    app: App, data: str, sites: list[str], code: str
) -> None:
    site_cookies.import_file(app, line("before").encode())
    with pytest.raises(InvalidInput) as caught:
        site_cookies.import_file(app, data.encode(), sites)
    assert caught.value.code == code
    assert SECRET not in caught.value.message
    assert names(app) == {"example.com": ["before"]}
    assert len(list(app.store.list("blobs/"))) == 1


def test_an_import_replaces_the_cookies_of_its_site_and_their_blob(app: App) -> None:
    site_cookies.import_file(app, TWO_SITES.encode(), ["example.com", "other.example"])
    site_cookies.import_file(app, line("new").encode())
    assert names(app) == {"example.com": ["new"], "other.example": ["other"]}
    assert len(list(app.store.list("blobs/"))) == 2


def test_removing_deletes_the_sealed_blob_at_once(app: App) -> None:
    site_cookies.import_file(app, ONE_SITE.encode())
    site_cookies.remove(app, "www.EXAMPLE.com")
    assert list(app.store.list("blobs/")) == []
    with pytest.raises(NotFound) as caught:
        site_cookies.remove(app, "example.com")
    assert caught.value.code == "cookies.not_found"


def test_sealed_cookies_are_no_garbage(app: App) -> None:
    site_cookies.import_file(app, ONE_SITE.encode())
    later = replace(app, now=lambda: datetime.now(UTC) + timedelta(days=9))
    assert gc.collect(later).blobs == 0


def test_neither_catalogue_nor_store_holds_a_value(app: App) -> None:
    site_cookies.import_file(app, ONE_SITE.encode())
    with app.catalogue.read() as conn:
        rows = conn.execute(sa.select(table)).all()
    blobs = b"".join(app.store.read(one.key) for one in app.store.list("blobs/"))
    assert SECRET not in str(rows)
    assert SECRET.encode() not in blobs
    assert b"sid" not in blobs


def test_the_key_is_made_once_and_for_its_owner_only(app: App) -> None:
    site_cookies.import_file(app, ONE_SITE.encode())
    path = app.settings.data / "keys" / "cookies.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    site_cookies.import_file(app, ONE_SITE.encode())
    assert path.read_bytes() == before


def test_cookies_for_another_key_say_so(app: App) -> None:
    site_cookies.import_file(app, ONE_SITE.encode())
    (app.settings.data / "keys" / "cookies.key").unlink()
    (entry,) = site_cookies.list_sites(app)
    assert entry.opens is False


def test_where_workers_are_elsewhere_a_key_has_to_be_given(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, queue="kafka://127.0.0.1:9092")
    for load in (cookie_key.load_public_key, cookie_key.load_private_key):
        with pytest.raises(ConfigError, match="linkshot cookies key") as caught:
            load(settings)
        assert caught.value.code == "cookies.no_key"
    assert list(tmp_path.iterdir()) == []


def test_a_key_comes_from_a_setting_or_a_file(tmp_path: Path) -> None:
    from linkshot.domain.cookie_sealing import key_id, key_text, new_key

    key = new_key()
    file = tmp_path / "key"
    file.write_text(f"{key_text(key)}\n")
    wanted = key_id(key.public_key())
    for given in (
        {"cookie_key": key_text(key)},
        {"cookie_key_file": str(file)},
    ):
        settings = load_settings(data=tmp_path, queue="kafka://127.0.0.1:9092", **given)
        assert key_id(cookie_key.load_private_key(settings).public_key()) == wanted
        assert key_id(cookie_key.load_public_key(settings)) == wanted
    public = load_settings(
        data=tmp_path, queue="kafka://127.0.0.1:9092", cookie_public_key=key_text(key.public_key())
    )
    assert key_id(cookie_key.load_public_key(public)) == wanted


@pytest.mark.parametrize("name", ["cookie_key", "cookie_public_key"])
def test_a_bad_key_is_named_and_not_shown(tmp_path: Path, name: str) -> None:
    settings = load_settings(data=tmp_path, **{name: "not-a-key-of-ours"})
    with pytest.raises(ConfigError) as caught:
        cookie_key.load_public_key(settings)
    assert name in caught.value.message
    assert "not-a-key-of-ours" not in caught.value.message


def test_a_request_names_the_sealed_cookies_of_its_site(app: App) -> None:
    site_cookies.import_file(app, ONE_SITE.encode())
    for url in ("https://www.example.com/a", "https://notexample.com/b"):
        links.add(app, NewLink(url=url))
    assert request_publisher.publish_due(app, "test") == 2
    subscription = app.queue.subscribe([REQUESTS], "test", 10)
    requests = [SnapshotRequested.decode(one.value) for one in subscription.take(5.0)]
    subscription.close()
    cookies = {one.host: one.cookies for one in requests}
    assert cookies["notexample.com"] is None
    sealed = cookies["www.example.com"]
    assert sealed is not None
    assert sealed.site == "example.com"
    assert {len(one.encode()) < 2000 for one in requests} == {True}


def test_hosts_below_a_site_have_its_cookies_and_no_other_has(app: App) -> None:
    site_cookies.import_file(app, ONE_SITE.encode())
    hosts = ["example.com", "a.b.example.com", "example.com.evil.example", "ample.com", "[::1]"]
    with app.catalogue.read() as conn:
        assert set(of_hosts(conn, hosts)) == {"example.com", "a.b.example.com"}


def test_the_command_tells_what_it_took_and_what_not(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(f"{TWO_SITES}\nexample.com\tTRUE\t/\tFALSE\t0\t__Host-x\t{SECRET}\n")
    several = cli("cookies", "import", str(file))
    assert (several.code, "example.com, other.example" in several.err) == (2, True)
    said = cli("cookies", "import", str(file), "--site", "example.com")
    assert said.code == 3
    assert said.out.splitlines() == [
        "example.com: 2 cookies (sid, theme), the next expires 2033-05-18",
        "line 5 not taken: The cookie lacks what its name promises: __Secure- and __Host- need Secure, "
        "__Host- also one host and the path /. [cookie.prefix]",
        "1 had expired already and were left out",
        "1 of other sites were left out",
    ]
    listed = cli("cookies", "ls")
    assert listed.out.startswith("example.com\t2\tthe next expires 2033-05-18\t")
    gone = cli("cookies", "rm", "example.com")
    assert (gone.code, gone.out) == (0, "the cookies of example.com are deleted\n")
    assert cli("--json", "cookies", "ls").json == {"items": []}
    assert SECRET not in repr((several, said, listed, gone))


def test_the_command_makes_a_pair_of_keys(cli: CommandLine) -> None:
    from linkshot.domain.cookie_sealing import key_text, private_key

    made = cli("--json", "cookies", "key").json
    assert key_text(private_key(made["cookie_key"]).public_key()) == made["cookie_public_key"]


def test_settings_are_shown_without_the_key(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = cli("--json", "cookies", "key").json["cookie_key"]
    monkeypatch.setenv("LINKSHOT_COOKIE_KEY", key)
    said = cli("config", "show")
    assert "cookie_key = ***" in said.out
    assert key not in said.out
    assert key not in repr(load_settings())


def send(client: Client, data: str, path: str = "/api/v1/cookies", **fields: object):  # type: ignore[no-untyped-def]
    return client.post(path, files={"file": ("c.txt", data.encode())}, data=fields)


def test_rest_takes_lists_and_removes_and_sends_no_value(app: App) -> None:
    client = Client(app)
    several = send(client, TWO_SITES)
    assert (several.status_code, several.json()["code"]) == (422, "cookies.several_sites")
    taken = send(client, TWO_SITES, site=["example.com"])
    assert taken.status_code == 200
    told = taken.json()
    assert [one["name"] for one in told["items"][0]["cookies"]] == ["sid", "theme"]
    listed = client.get("/api/v1/cookies")
    assert listed.json()["items"] == told["items"]
    removed = client.request("DELETE", "/api/v1/cookies/example.com", headers=OWN)
    assert SECRET not in f"{several.text}{taken.text}{listed.text}"
    assert removed.status_code == 204
    assert names(app) == {}


@pytest.mark.parametrize("path", ["/cookies", "/api/v1/cookies"])
def test_no_other_site_can_give_cookies(app: App, path: str) -> None:
    answer = Client(app).post(
        path,
        files={"file": ("c.txt", ONE_SITE.encode())},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert names(app) == {}


def test_nobody_reads_or_gives_cookies_without_the_password(tmp_path: Path) -> None:
    with open_web(tmp_path, password="geheim") as client:
        assert client.get("/api/v1/cookies").status_code == 401
        assert send(client, ONE_SITE).status_code == 401
        assert client.get("/cookies").status_code == 303


def test_the_page_takes_a_file_and_shows_names_only(app: App) -> None:
    client = Client(app, **{"Accept-Language": "en"})
    asked = send(client, TWO_SITES, "/cookies")
    assert asked.status_code == 422
    assert "In the file: example.com, other.example" in asked.text
    done = send(client, f"{TWO_SITES}\nbroken", "/cookies", sites="example.com，other.example")
    assert done.status_code == 200
    for words in (
        "example.com is visited with its cookies from now on.",
        "1 cookie had expired already and was left out.",
        "Line 5: This is no cookie",
        "2: sid, theme",
    ):
        assert words in done.text
    gone = client.post("/cookies/remove", data={"site": "example.com"})
    assert (gone.status_code, gone.headers["location"]) == (303, "/cookies")
    shown = client.get("/cookies")
    assert "The cookies are deleted" in shown.text
    assert SECRET not in f"{asked.text}{done.text}{shown.text}"
    assert names(app) == {"other.example": ["other"]}


def test_names_of_cookies_are_no_markup(app: App) -> None:
    data = json.dumps(
        [{"name": "<script>alert(1)</script>", "value": "x", "domain": "example.com"}]
    )
    shown = send(Client(app), data, "/cookies")
    assert "&lt;script&gt;alert(1)" in shown.text
    assert "<script>alert" not in shown.text
