"""A signature fits one message on one topic under one key, and nothing else."""

import json

import pytest

from linkshot.domain.message_signing import SigningKey, key_id, sign, verify
from linkshot.domain.messages import REQUESTS, RESULTS

KEY = SigningKey(id="0a1b2c3d", secret=b"s" * 32)
MESSAGE = '{"v":1,"url":"https://a.example/快照"}'.encode()
SIGNED = sign(KEY, REQUESTS, MESSAGE)


def test_a_signed_message_is_the_same_object_with_one_field_more() -> None:
    said = json.loads(SIGNED)
    assert said.pop("sig").startswith("0a1b2c3d:")
    assert said == json.loads(MESSAGE)
    assert verify(KEY, REQUESTS, SIGNED)
    assert key_id(SIGNED) == KEY.id


FORGED = {
    "no signature": MESSAGE,
    "another address": SIGNED.replace(b"a.example", b"b.example"),
    "a field before it": b'{"x":1,' + SIGNED[1:],
    "a field after it": SIGNED[:-1] + b',"url":"x"}',
    "a space after it": SIGNED + b" ",
    "another digit": SIGNED[:-3] + (b"0" if SIGNED[-3:-2] != b"0" else b"1") + SIGNED[-2:],
    "capitals": SIGNED[:-66] + SIGNED[-66:].upper(),
    "no key": SIGNED.replace(b"0a1b2c3d", b"00000000"),
    "nothing": b"",
    "half of it": SIGNED[-50:],
    "twice": sign(KEY, RESULTS, SIGNED),
}


@pytest.mark.parametrize("value", FORGED.values(), ids=FORGED)
def test_anything_else_is_not_signed(value: bytes) -> None:
    assert not verify(KEY, REQUESTS, value)


def test_a_signature_for_one_topic_is_none_for_another() -> None:
    assert not verify(KEY, RESULTS, SIGNED)


def test_another_secret_under_the_same_id_signed_something_else() -> None:
    assert not verify(SigningKey(id=KEY.id, secret=b"t" * 32), REQUESTS, SIGNED)


def test_the_secret_is_not_in_the_words_for_a_key() -> None:
    assert "ssss" not in repr(KEY)
