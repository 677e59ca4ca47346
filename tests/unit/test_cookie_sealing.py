"""Cookies are sealed for the workers; a sealed form opens with one key and for one site only."""

import pytest

from linkshot.domain import cookie_sealing
from linkshot.domain.cookies import decode_cookies, encode_cookies, make_cookie
from linkshot.errors import InvalidInput

KEY = cookie_sealing.new_key()
SEALED = cookie_sealing.seal(KEY.public_key(), "example.com", b"secret")


def test_the_private_key_opens_what_the_public_key_sealed() -> None:
    assert cookie_sealing.open_sealed(KEY, "example.com", SEALED) == b"secret"
    assert b"secret" not in SEALED


@pytest.mark.parametrize(
    ("key", "site", "sealed"),
    [
        (cookie_sealing.new_key(), "example.com", SEALED),
        (KEY, "other.example", SEALED),
        (KEY, "example.com", SEALED[:-1] + bytes([SEALED[-1] ^ 1])),
        (KEY, "example.com", b""),
        (KEY, "example.com", SEALED[:20]),
    ],
    ids=["another key", "another site", "a changed byte", "nothing", "cut"],
)
def test_nothing_else_opens(key: object, site: str, sealed: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        cookie_sealing.open_sealed(key, site, sealed)  # type: ignore[arg-type]  # all are keys
    assert caught.value.code == "cookies.sealed"


def test_the_same_cookies_are_never_sealed_alike() -> None:
    assert cookie_sealing.seal(KEY.public_key(), "example.com", b"secret") != SEALED


@pytest.mark.parametrize("text", ["", "a", "x" * 43 + "y", "!" * 43, "é" * 43])
def test_what_is_no_key_is_refused(text: str) -> None:
    for read in (cookie_sealing.private_key, cookie_sealing.public_key):
        with pytest.raises(ValueError, match="not a key"):
            read(text)


def test_keys_are_written_as_they_are_read() -> None:
    text = cookie_sealing.key_text(KEY)
    assert cookie_sealing.key_text(cookie_sealing.private_key(f" {text}\n")) == text
    public = cookie_sealing.key_text(KEY.public_key())
    assert cookie_sealing.key_id(cookie_sealing.public_key(public)) == cookie_sealing.key_id(
        KEY.public_key()
    )


def test_cookies_come_back_as_they_were() -> None:
    cookies = [
        make_cookie(name="a", value="é中", domain=".例子.cn", secure=True, same_site="strict"),
        make_cookie(name="b", value="", domain="127.0.0.1", path="/x", expires_at=1999999999),
    ]
    assert decode_cookies(encode_cookies(cookies)) == tuple(cookies)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"v":2,"cookies":[]}', b'{"v":1,"cookies":[1]}'])
def test_a_form_that_is_not_known_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_cookies(data)
    assert caught.value.code == "cookies.format_unknown"
