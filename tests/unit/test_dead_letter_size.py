"""A dead letter fits what every broker accepts, and never claims more than it holds."""

import base64
import hashlib

import pytest

from linkshot.domain.messages import MAX_BYTES, DeadLetter
from linkshot.ports import Delivery
from linkshot.use_cases.dead_letters import make_letter

BROKERS_DEFAULT = 1_048_588
"""Kafka's message.max.bytes: a record batch with its heads, 61 bytes and some for the record."""


def delivery(value: bytes, key: str = "k") -> Delivery:
    return Delivery(
        topic="linkshot.requests", key=key, value=value, handle=1, where="linkshot.requests/3@1742"
    )


@pytest.mark.parametrize("size", [0, 1, 600_000, 700_000, 750_000, 900_000, 3_500_000])
@pytest.mark.parametrize("key", ["k", "", "\0" * 900_000, '"' * 900_000, "密" * 300_000])
def test_a_letter_fits_and_says_what_it_holds(size: int, key: str) -> None:
    message = delivery(bytes(range(256)) * (size // 256) + b"x" * (size % 256), key)
    letter = make_letter(message, "message.undecodable", '\n"\0' * 500, attempts=3)
    encoded = letter.encode()
    assert len(encoded) <= MAX_BYTES
    assert len(encoded) + len(letter.key.encode()) + 200 < BROKERS_DEFAULT
    read = DeadLetter.decode(encoded)
    kept = base64.b64decode(read.value_base64)
    assert message.value.startswith(kept)
    assert read.cut == (kept != message.value)
    assert (read.bytes, read.sha256) == (size, hashlib.sha256(message.value).hexdigest())


def test_what_fits_is_kept_whole() -> None:
    assert not make_letter(delivery(b"x" * 740_000), "r", "d").cut


def test_a_key_that_was_cut_ends_in_dots() -> None:
    assert make_letter(delivery(b"", "k" * 201), "r", "d").key == "k" * 199 + "…"
