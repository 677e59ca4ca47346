"""The player of web archives: its address, and the tokens by which it reads one file."""

import hashlib
from datetime import UTC, datetime

import pytest

from linkshot.domain.artifact_tokens import LIFE_S, is_valid, make_token
from linkshot.domain.replay_player import player
from linkshot.errors import ConfigError
from linkshot.system.config import load_settings

AT = datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC)
SNAPSHOT = "01980000-0000-7000-8000-000000000000"


def mac(purpose: str, message: bytes) -> str:
    return hashlib.sha256(purpose.encode() + message).hexdigest()


def test_the_address_of_the_player_holds_archive_page_and_time() -> None:
    found = player("https://play.example/?source={wacz}#url={url}&ts={ts}")
    assert found is not None
    assert (found.origin, found.name) == ("https://play.example", "play.example")
    shown = found.address("http://127.0.0.1:8765/a.wacz", "https://例.example/?a=1&b=2", AT)
    assert shown == (
        "https://play.example/?source=http%3A%2F%2F127.0.0.1%3A8765%2Fa.wacz"
        "#url=https%3A%2F%2F%E4%BE%8B.example%2F%3Fa%3D1%26b%3D2&ts=20240305060708"
    )


@pytest.mark.parametrize(
    "given",
    [
        "https://play.example/",
        "javascript:alert('{wacz}')",
        "https://{wacz}/",
        "https://user:pass@play.example/?source={wacz}",
        "play.example/{wacz}",
        "http://127.0.0.1:8765/?source={wacz}",
        "http://localhost:8765/?source={wacz}",
        "https://links.example/player?source={wacz}",
    ],
    ids=[
        "no place for the archive", "no web address", "the host is anybody's", "credentials", "no scheme",
        "our own address", "our own port of loopback", "our public origin",
    ],
)  # fmt: skip
def test_a_player_that_cannot_be_is_refused_in_one_line(given: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(replay_player_url=given, public_url="https://links.example")
    assert refused.value.field == "replay_player_url"
    assert "\n" not in refused.value.message


def test_a_token_is_for_one_file_and_an_hour() -> None:
    token = make_token(mac, SNAPSHOT, "archive.wacz", 1000)
    assert is_valid(mac, token, SNAPSHOT, "archive.wacz", 1000 + LIFE_S - 1)
    assert not is_valid(mac, token, SNAPSHOT, "archive.wacz", 1000 + LIFE_S)
    assert not is_valid(mac, token, SNAPSHOT.replace("8", "9"), "archive.wacz", 1000)
    assert not is_valid(mac, token, SNAPSHOT, "text.txt", 1000)
    later = f"{0xFFFFFFFF:x}-{token.partition('-')[2]}"
    assert not is_valid(mac, later, SNAPSHOT, "archive.wacz", 1000)


@pytest.mark.parametrize(
    "token", ["", "x", "-", "3e8-", "3e8-" + "0" * 64, "3e8-" + "g" * 64, "٣-" + "0" * 64]
)
def test_what_is_no_token_opens_nothing(token: str) -> None:
    assert not is_valid(mac, token, SNAPSHOT, "archive.wacz", 0)
