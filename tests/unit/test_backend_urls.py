"""URLs of servers: which are refused, and that no password is ever shown."""

from itertools import product
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkshot.domain import backend_urls
from linkshot.errors import ConfigError
from linkshot.system.config import load_settings, secrets_of
from tests.every_row import every_row

FORMS = {
    "catalogue": "postgresql+psycopg://name:{}@127.0.0.1:1/linkshot",
    "queue": "kafka+ssl://name:{}@127.0.0.1:1,127.0.0.1:2?sasl=PLAIN",
    "store": "s3+http://name:{}@127.0.0.1:1/bucket/prefix?region=x",
    "index": "elasticsearch+https://name:{}@[::1]:1?prefix=a-",
}
SPECIAL = {
    "slash": "/", "at": "@", "question": "?", "hash": "#", "percent": "%", "space": " ", "backslash": "\\",
    "bracket": "[", "closing bracket": "]", "tab": "\t", "line": "\n", "NUL": "\0", "wide at": "＠",
    "care of": "℀",
}  # fmt: skip
every_part = pytest.mark.parametrize("part", FORMS)


SURROUNDED = ["SECR{}ET42", "{}SECRET42", "SECRET42{}", "SE{0}CR{0}ET42", "123{}xyz"]


@every_row(product(FORMS, SPECIAL.values(), SURROUNDED))
def test_a_password_with_a_special_character_as_it_is_is_refused_with_how_to_write_it(row):
    part, sign, form = row
    secret = form.format(sign)
    with pytest.raises(ConfigError) as refused:
        load_settings(**{part: FORMS[part].format(secret)})
    said = str(refused.value)
    assert refused.value.field == part
    assert all(words in said for words in (f"LINKSHOT_{part.upper()}", "%2F", "password_file="))
    assert not leaked(secret, said)


@every_part
@pytest.mark.parametrize(
    "secret",
    [
        "plain",
        "a:b",
        "a%2Fb%40c%3A%25%20",
        "!$&'()*+,;=-._~",
        "密码",
        "",
        "%E5%AF%86",
        '{a}|b^`<>"',
    ],
)
def test_a_password_that_can_be_told_apart_is_used(part, secret):
    assert getattr(load_settings(**{part: FORMS[part].format(secret)}), part)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg:///linkshot?host=/var/run/postgresql",
        "postgresql+psycopg://u@h1:1,h2:65535/db",
        "postgresql+psycopg://u@%2Fvar%2Frun/db",
        "postgresql+psycopg://u@[::1]:5432/db?password_file=/run/secrets/a b",
    ],
)
def test_other_forms_of_a_server_are_used(url):
    assert load_settings(catalogue=url).catalogue == url


@pytest.mark.parametrize(
    "url",
    ["h", "amqp://me:secret@h/", "me:secret@h", "postgresql+psycopg://u@h:65536/db",
     "postgresql+psycopg://u@h:port/db", "postgresql+psycopg://u@h/db#secret"],
)  # fmt: skip
def test_what_is_no_server_is_refused_without_showing_it(url):
    with pytest.raises(ConfigError) as refused:
        load_settings(catalogue=url)
    assert "secret" not in str(refused.value)
    assert "secret" not in backend_urls.mask_url("catalogue", url)


@every_part
@given(
    secret=st.text(min_size=1, max_size=30), tail=st.sampled_from(["", "@h", "/x", "?a=b", "#c"])
)
def test_no_password_is_shown_whatever_it_is(part, secret, tail):
    url = FORMS[part].format(f"{secret}Qx7Zk9{tail}")
    assert "x7Zk" not in backend_urls.mask_url(part, url)
    assert "x7Zk" not in backend_urls.url_problem(part, url)


@every_part
@given(secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=30))
def test_a_password_written_by_number_is_used_and_known_as_a_secret_in_every_form(part, secret):
    settings = load_settings(**{part: FORMS[part].format(quote(secret, safe=""))})
    said = f"cannot reach {getattr(settings, part)} as {secret!s} or {quote(secret)}"
    hidden = backend_urls.redact(said, secrets_of(settings))
    assert secret in backend_urls.MASK or secret not in hidden.replace(backend_urls.MASK, "")
    assert backend_urls.mask_url(part, getattr(settings, part)) == FORMS[part].format(
        backend_urls.MASK
    )


@pytest.mark.parametrize("option", ["api_key", "password", "token", "sslpassword", "x"])
def test_options_that_may_be_secrets_are_masked(option):
    url = f"elasticsearch+https://h:9200?prefix=a&{option}=VG9rZW4&api_key_file=/f"
    shown = backend_urls.mask_url("index", url)
    assert shown == f"elasticsearch+https://h:9200?prefix=a&{option}=***&api_key_file=/f"
    assert "VG9rZW4" in backend_urls.secrets_of(url)


@pytest.mark.parametrize("url", ["file:///a?b#c@d:e%zz f", "sqlite:////x@y/z"])
def test_files_are_shown_as_they_are(url):
    part = "store" if url.startswith("file") else "queue"
    assert backend_urls.url_problem(part, url) == ""
    assert backend_urls.mask_url(part, url) == url


def leaked(secret: str, said: str) -> bool:
    """Whether four characters of it that hold a letter or digit are shown."""
    pieces = {secret[at : at + 4] for at in range(len(secret) - 3)}
    return any(piece in said for piece in pieces)
