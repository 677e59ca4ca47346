"""Files of cookies, as browsers' extensions and programs write them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkshot.domain.cookies import Cookie
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.errors import InvalidInput
from linkshot.importers.cookie_file import MAX_BYTES, MAX_COOKIES, CookieFile, parse_cookies

TEXT = """# Netscape HTTP Cookie File
# https://curl.se/docs/http-cookies.html

#HttpOnly_.example.com\tTRUE\t/\tTRUE\t1999999999\tsid\tabc=
www.example.com\tFALSE\t/a\tFALSE\t0\tlang\tzh-CN\r
.example.com\tTRUE\t/\tFALSE\t1999999999.5\tempty
"""
COOKIE_EDITOR = [
    {
        "name": "sid", "value": "abc=", "domain": ".example.com", "hostOnly": False, "path": "/",
        "secure": True, "httpOnly": True, "sameSite": "no_restriction", "session": False,
        "expirationDate": 1999999999.25, "storeId": None,
    },
    {"name": "lang", "value": "zh-CN", "domain": "www.example.com", "sameSite": None, "session": True},
]  # fmt: skip
STORAGE_STATE = {
    "cookies": [
        {
            "name": "sid", "value": "abc=", "domain": "example.com", "path": "/", "expires": -1,
            "httpOnly": True, "secure": True, "sameSite": "Strict",
        }
    ],
    "origins": [{"origin": "https://example.com", "localStorage": [{"name": "a", "value": "b"}]}],
}  # fmt: skip


def cookies(data: str | bytes | object) -> list[Cookie]:
    return [cookie for _, cookie in parsed(data).cookies]


def parsed(data: str | bytes | object) -> CookieFile:
    if isinstance(data, str):
        data = data.encode()
    return parse_cookies(data if isinstance(data, bytes) else json.dumps(data).encode())


def test_a_cookies_txt_is_read_as_curl_reads_it() -> None:
    sid, lang, empty = cookies(TEXT)
    assert sid == Cookie(
        name="sid", value="abc=", domain="example.com", host_only=False, secure=True,
        http_only=True, expires_at=1999999999,
    )  # fmt: skip
    assert lang == Cookie(
        name="lang", value="zh-CN", domain="www.example.com", host_only=True, path="/a"
    )
    assert (empty.value, empty.expires_at) == ("", 1999999999)


def test_json_of_extensions_is_read() -> None:
    sid, lang = cookies(COOKIE_EDITOR)
    assert sid == Cookie(
        name="sid", value="abc=", domain="example.com", host_only=False, secure=True,
        http_only=True, same_site="None", expires_at=1999999999,
    )  # fmt: skip
    assert (lang.host_only, lang.expires_at, lang.same_site) == (True, None, "")


def test_a_storage_state_is_read_and_its_storage_is_told() -> None:
    found = parsed(STORAGE_STATE)
    ((_, sid),) = found.cookies
    assert (sid.host_only, sid.same_site, sid.expires_at) == (True, "Strict", None)
    assert found.has_storage


def line(name: str = "a", value: str = "b", domain: str = "example.com", **more: str) -> str:
    secure, path, expires = more.get("secure", "FALSE"), more.get("path", "/"), more.get("at", "0")
    return f"{domain}\t{more.get('below', 'FALSE')}\t{path}\t{secure}\t{expires}\t{name}\t{value}"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("example.com FALSE / FALSE 0 a b", "cookie.columns"),
        (line(below="maybe"), "cookie.columns"),
        (line(at="tomorrow"), "cookie.expires"),
        (line(value="a\x00b"), "cookie.control_char"),
        (line(value="a\x1b[31m"), "cookie.control_char"),
        (line(value="a; Domain=evil.example"), "cookie.characters"),
        (line(name="a=b"), "cookie.characters"),
        (line(name=""), "cookie.name"),
        (line(value="x" * 4097), "cookie.too_long"),
        (line(name="__Host-a"), "cookie.prefix"),
        (line(name="__Host-a", secure="TRUE", below="TRUE"), "cookie.prefix"),
        (line(name="__Host-a", secure="TRUE", path="/x"), "cookie.prefix"),
        (line(name="__Secure-a"), "cookie.prefix"),
        (line(domain="*.example.com", below="TRUE"), "cookie.domain"),
        (line(domain="example.com:80"), "cookie.domain"),
        (line(domain="user@example.com"), "cookie.domain"),
        (line(domain="exa mple.com"), "cookie.domain"),
        (line(domain=""), "cookie.domain"),
    ],
)
def test_a_bad_line_is_named_by_line_and_code_and_the_others_stay(bad: str, code: str) -> None:
    found = parsed(f"# Netscape\n{bad}\n{line()}\n")
    assert [(one.line, one.code) for one in found.rejected] == [(2, code)]
    assert len(found.cookies) == 1
    assert code in ERROR_MESSAGES


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"name": 1, "value": "b", "domain": "a.example"}, "cookie.columns"),
        ("text", "cookie.columns"),
        ({"name": "a", "value": "b"}, "cookie.columns"),
        ({"name": "a", "value": "b", "domain": "a.example", "expires": "soon"}, "cookie.expires"),
        ({"name": "a", "value": "\ud800", "domain": "a.example"}, "cookie.characters"),
        (
            {"name": "a", "value": "b", "domain": "a.example",
             "partitionKey": {"topLevelSite": "https://other.example"}},
            "cookie.partitioned",
        ),
    ],
    ids=["a number", "no object", "no domain", "no date", "half a character", "of another site"],
)  # fmt: skip
def test_a_bad_object_is_named_by_its_place(row: object, code: str) -> None:
    found = parsed([row, COOKIE_EDITOR[0]])
    assert [(one.line, one.code) for one in found.rejected] == [(1, code)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "cookies.empty"),
        (b"[]", "cookies.empty"),
        (b"{", "cookies.not_json"),
        (b"[" * 100_000, "cookies.not_json"),
        (b'{"links": []}', "cookies.format_unknown"),
        (b"<!doctype html>\n<p>Hello", "cookies.format_unknown"),
        ("théâtre".encode("latin-1"), "cookies.not_text"),
        (b"x" * (MAX_BYTES + 1), "cookies.too_large"),
    ],
    ids=["nothing", "no object", "cut", "deep", "other JSON", "HTML", "not UTF-8", "large"],
)
def test_what_is_no_file_of_cookies_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_cookies(data)
    assert caught.value.code == code


def test_more_cookies_than_browsers_keep_are_refused() -> None:
    many = "\n".join(line(name=f"n{n}") for n in range(MAX_COOKIES + 1))
    with pytest.raises(InvalidInput) as caught:
        parsed(many)
    assert caught.value.code == "cookies.too_many"


def test_of_two_cookies_with_one_identity_the_last_one_counts() -> None:
    assert [one.value for one in cookies(f"{line(value='old')}\n{line(value='new')}")] == ["new"]


def test_an_insecure_cookie_with_samesite_none_is_as_if_it_said_nothing() -> None:
    (cookie,) = cookies([COOKIE_EDITOR[0] | {"secure": False}])
    assert cookie.same_site == ""


@given(
    st.binary(max_size=300) | st.text(alphabet='\t\n#.aTRUE0[]{}":,', max_size=200).map(str.encode)
)
def test_no_file_breaks_the_parser_and_no_error_quotes_it(data: bytes) -> None:
    message = ""
    try:
        parse_cookies(data)
    except InvalidInput as exc:
        message = exc.message
    assert message in {"", *ERROR_MESSAGES.values()}


def test_values_are_in_no_repr() -> None:
    found = parsed(TEXT)
    assert "abc=" not in repr(found)
    assert "abc=" not in repr(found.cookies[0])
