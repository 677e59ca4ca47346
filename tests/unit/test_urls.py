"""The normal form of a URL, and which ones are refused (tests/data/urls; rows are named by their number)."""

import json
from dataclasses import replace
from pathlib import Path

import ada_url
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkshot.domain.url_admission import admit
from linkshot.domain.url_display import display_url
from linkshot.domain.urls import NormalURL, identity, link_id, normalize, without_credentials
from linkshot.errors import InvalidURL
from tests.admitted import admitted
from tests.every_row import every_row
from tests.growth import assert_cost_below

DATA = Path(__file__).parent.parent / "data" / "urls"
REFUSED = json.loads((DATA / "refused.json").read_text())
ACCEPTED = json.loads((DATA / "accepted.json").read_text())
LOOPBACK = ("127.0.0.0/8",)


def _id(case: dict[str, object]) -> str:
    return f"{case['row']} {ascii(case['input'])[:50]}"


@every_row(REFUSED, _id)
def test_a_link_that_cannot_be_kept_is_refused_with_its_code(case: dict[str, str]) -> None:
    with pytest.raises(InvalidURL) as refused:
        admitted(case["input"])
    assert refused.value.code == case["code"]
    assert len(refused.value.message) > 15


@every_row(ACCEPTED, _id)
def test_a_link_that_can_be_kept_has_one_normal_form(case: dict[str, object]) -> None:
    expected = {name: value for name, value in case.items() if name not in ("row", "input")}
    got = admitted(case["input"])
    shown = {name: getattr(got, name) for name in expected}
    shown |= {"warnings": list(got.warnings)} if "warnings" in expected else {}
    assert shown == expected


@every_row(ACCEPTED, _id)
def test_a_normal_form_is_its_own_normal_form(case: dict[str, str]) -> None:
    first = admitted(case["input"])
    again = admitted(first.url)
    assert (again.url, again.key) == (first.url, first.key)
    assert admitted(first.key).key == first.key
    assert admitted(first.display).key == first.key


@every_row(ACCEPTED, _id)
def test_a_normal_form_read_back_is_shown_the_same(case: dict[str, str]) -> None:
    normal = admitted(case["input"])
    assert display_url(normal.url) == normal.display


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("example.com", "https://example.com/"),
        (" example.com/路径 ", "https://example.com/%E8%B7%AF%E5%BE%84"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("例え.テスト", "https://xn--r8jz45g.xn--zckzah/"),
        ("HTTP://example.com", "http://example.com/"),
    ],
)
def test_a_person_may_leave_out_the_scheme(raw: str, url: str) -> None:
    assert admitted(raw, scheme_default=True).url == url


@pytest.mark.parametrize(
    "raw", ["javascript:alert(1)", "mailto:a@b.com", "//example.com", "tel:12"]
)
def test_leaving_out_the_scheme_opens_no_other_one(raw: str) -> None:
    with pytest.raises(InvalidURL):
        admitted(raw, scheme_default=True)


@pytest.mark.parametrize(
    ("raw", "networks"),
    [
        ("http://127.0.0.1:45123/", LOOPBACK),
        ("http://localhost:6379/", LOOPBACK),
        ("http://a.localhost/", LOOPBACK),
        ("http://[::ffff:127.0.0.1]:9200/", LOOPBACK),
        ("http://10.1.2.3/", ("10.0.0.0/8",)),
        ("http://wiki/", ("10.0.0.0/8",)),
        ("http://wiki.local:8080/", ("192.168.0.0/16",)),
        ("http://[fd00::1]/", ("fd00::/8",)),
    ],
)
def test_private_networks_can_be_opened_one_by_one(raw: str, networks: tuple[str, ...]) -> None:
    assert admitted(raw, allow_networks=networks).url == raw.replace(
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"
    )


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("http://10.0.0.1/", "url.address_blocked"),
        ("http://wiki.local/", "url.host_blocked"),
        ("http://kafka:9092/", "url.host_blocked"),
        ("http://127.0.0.1:22/", "url.port_not_allowed"),
        ("http://8.8.8.8:9200/", "url.port_not_allowed"),
        ("http://example.com:9200/", "url.port_not_allowed"),
    ],
)
def test_opening_loopback_opens_nothing_else(raw: str, code: str) -> None:
    with pytest.raises(InvalidURL) as refused:
        admitted(raw, allow_networks=LOOPBACK)
    assert refused.value.code == code


def test_opening_a_private_network_does_not_open_service_ports_of_names() -> None:
    with pytest.raises(InvalidURL, match="port 9092"):
        admitted("http://kafka:9092/", allow_networks=("10.0.0.0/8",))


@pytest.mark.parametrize(
    "raw",
    [
        "http://10.0.0.1/",
        "http://nas/",
        "http://localhost:22/",
        "http://example.com:9200/",
        "http://[::1]/",
    ],
)
def test_a_normal_form_says_nothing_of_admission(raw: str) -> None:
    normal = normalize(raw)
    assert (normal.url, normal.host_display) == (raw, normal.host)
    with pytest.raises(InvalidURL):
        admit(normal)


@pytest.mark.parametrize(
    "raw", ["mailto:a@b.c", "http://", "x", "http://a:99999/", "http://" + "a" * 300]
)
def test_what_is_no_url_has_no_normal_form(raw: str) -> None:
    with pytest.raises(InvalidURL):
        normalize(raw)


def test_what_was_typed_is_no_part_of_the_identity_nor_shown() -> None:
    plain, typed = normalize("https://example.com/"), normalize("https://a:secret@EXAMPLE.com")
    assert plain == replace(typed, warnings=())
    assert "secret" not in repr(typed)


def test_which_ports_are_refused_can_be_set() -> None:
    assert admitted("http://example.com:9200/", blocked_ports=()).url == "http://example.com:9200/"
    with pytest.raises(InvalidURL):
        admitted("http://example.com:9000/", blocked_ports=(9000,))


@pytest.mark.parametrize("raw", ["https://links.example.com/x", "http://127.0.0.1:8080/"])
def test_our_own_address_is_refused(raw: str) -> None:
    own = ("links.example.com", "127.0.0.1:8080")
    with pytest.raises(InvalidURL) as refused:
        admitted(raw, own_hosts=own, allow_networks=LOOPBACK)
    assert refused.value.code == "url.self"
    assert admitted("http://127.0.0.1:9000/", own_hosts=own, allow_networks=LOOPBACK)


@pytest.mark.parametrize("word", ["notaurl", "Title", "快照", "wiki/page"])
def test_a_word_without_a_scheme_is_told_as_a_word(word: str) -> None:
    with pytest.raises(InvalidURL, match="is a word, not an address") as refused:
        admitted(word, scheme_default=True)
    assert (refused.value.code, word in refused.value.message) == ("url.not_an_address", True)


@pytest.mark.parametrize("private", ["localhost", "http://notaurl/", "wiki.local"])
def test_a_name_of_a_private_network_is_still_told_as_one(private: str) -> None:
    with pytest.raises(InvalidURL) as refused:
        admitted(private, scheme_default=True)
    assert refused.value.code == "url.host_blocked"


def test_the_same_page_has_one_id_whatever_it_was_reached_by() -> None:
    plain = admitted("https://example.com/a?id=1")
    shared = admitted("https://EXAMPLE.com:443/a?utm_source=x&id=1&fbclid=y#part")
    assert link_id(plain.key) == link_id(shared.key)
    assert len(link_id(plain.key)) == 32
    assert link_id(plain.key) != link_id(admitted("https://example.com/a?id=2").key)


ROUTES = {
    "a path behind the sign": ("/#/page/1", "/#/page/1"),
    "another one": ("/#/page/2", "/#/page/2"),
    "a hashbang": ("/app#!topic/g/t1", "/app#!topic/g/t1"),
    "a hashbang with a path": ("/?id=1#!/news", "/?id=1#!/news"),
    "a query of its own, kept as given": ("/?fbclid=y#/a?fbclid=z&b=2", "/#/a?fbclid=z&b=2"),
    "a part of the route's page": ("/#/guide#install", "/#/guide#install"),
    "letters of all scripts": ("/#/页 面", "/#/%E9%A1%B5%20%E9%9D%A2"),
    "escapes that mean the same": ("/#/%e9%a1%b5/%7Ex", "/#/%E9%A1%B5/~x"),
    "a sign that was encoded on the way": ("/#%2Fpage", "/#%2Fpage"),
    "a hashbang that was encoded on the way": ("/#%21/page", "/#%21/page"),
    "what only the browser sees": ("/#/page:~:text=owl", "/#/page"),
    "the root of the application": ("/#/", "/"),
    "the root behind a hashbang": ("/#!/", "/"),
    "a hashbang alone": ("/#!", "/"),
    "the root, encoded": ("/#%21%2f", "/"),
    "the root with a query": ("/#/?page=2", "/#/?page=2"),
    "a section": ("/a#section", "/a"),
    "a section with a path inside": ("/a#inbox/abc", "/a"),
    "an empty one": ("/a#", "/a"),
    "a place in the text": ("/a#:~:text=/owl", "/a"),
    "a query behind the sign": ("/a#?page=2", "/a"),
}


@pytest.mark.parametrize(("given", "key"), ROUTES.values(), ids=ROUTES)
def test_the_route_of_an_application_belongs_to_the_identity(given: str, key: str) -> None:
    got = admitted(f"https://app.example.com{given}")
    assert got.key == f"https://app.example.com{key}"
    assert admitted(got.url).key == admitted(got.key).key == admitted(got.display).key == got.key


@pytest.mark.parametrize("sign", ["#/", "#!", "#!/"])
def test_the_address_that_is_opened_has_its_route(sign: str) -> None:
    assert admitted(f"https://app.example.com/{sign}a").url == f"https://app.example.com/{sign}a"


def test_an_id_is_the_first_half_of_the_hash_of_the_key() -> None:
    assert link_id("https://example.com/") == "0f115db062b7c0dd030b16878c99dea5"


def test_the_message_about_a_missing_scheme_shows_the_way() -> None:
    with pytest.raises(InvalidURL, match=r"https://example\.com/a"):
        admitted("//example.com/a")


def test_no_secret_is_left_anywhere() -> None:
    got = admitted("https://user:hunter2@example.com/#x")
    assert "hunter2" not in repr(got)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        pytest.param("%41%2d%2F", "A-%2F", id="letters and hyphens are decoded"),
        pytest.param("%%330", "%%330", id="a digit behind a lone percent sign"),
        pytest.param("%3%33", "%3%33", id="a digit behind half an escape"),
        pytest.param("%%61%33", "%%613", id="only the first one behind it"),
        pytest.param("%25%33", "%253", id="a whole escape is no lone sign"),
    ],
)
def test_decoding_an_escape_never_makes_another_one(path: str, key: str) -> None:
    assert identity(f"https://example.com/{path}") == f"https://example.com/{key}"
    assert identity(f"https://example.com/{key}") == f"https://example.com/{key}"


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60) | st.text(alphabet="htps:/\\@[]%.#?&=0123456789axＡ。\t\n ", max_size=40)
)
def test_any_text_is_a_normal_form_or_an_error_of_ours(text: str) -> None:
    for raw in (
        text,
        f"http://{text}",
        f"https://example.com/{text}",
        f"https://example.com#/{text}",
    ):
        try:
            got = admitted(raw, scheme_default=True)
        except InvalidURL:
            continue
        assert isinstance(got, NormalURL)
        assert got.url.startswith(("http://", "https://"))
        assert admitted(got.url).key == got.key == identity(got.key)
        assert got.url.isascii()
        assert not set(got.display) & set("\r\n\x00\u202e")


def test_normalizing_costs_little_more_than_parsing() -> None:
    links = [f"https://example.com/路径/{n}?id={n}&utm_source=x#part" for n in range(1000)]
    assert_cost_below(
        40, lambda: [admitted(x) for x in links], lambda: [ada_url.URL(x) for x in links]
    )


@pytest.mark.parametrize(
    ("address", "without"),
    [
        ("https://me:pw@a.example/x?y#z", "https://a.example/x?y#z"),
        ("https://me@a.example:8080/", "https://a.example:8080/"),
        ("https://a.example/@me", "https://a.example/@me"),
        ("https://a.example/?to=http://me:pw@b.example/", "https://a.example/?to=http://me:pw@b.example/"),
        ("about:blank", "about:blank"),
        ("http://me@", "http://me@"),
    ],
)  # fmt: skip
def test_u17_credentials_before_a_host_go_and_nothing_else(address: str, without: str) -> None:
    assert without_credentials(address) == without
