"""The key that signs messages: made once, shared by all, replaced when it is gone or broken."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from linkshot.adapters.store_filesystem import FilesystemStore
from linkshot.domain.messages import REQUESTS
from linkshot.domain.storage_layout import MESSAGE_KEY
from linkshot.errors import InvalidMessage, StoreUnavailable
from linkshot.system.keyring import AGAIN_S, RENEW_S, Keyring

MESSAGE = b'{"v":1}'


@pytest.fixture
def store(tmp_path) -> FilesystemStore:
    return FilesystemStore(tmp_path / "store")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def refused(keyring: Keyring, value: bytes) -> str:
    with pytest.raises(InvalidMessage) as told:
        keyring.check(REQUESTS, value)
    return told.value.code


def test_what_one_role_signs_every_other_accepts(store) -> None:
    signed = Keyring(lambda: store).sign(REQUESTS, MESSAGE)
    Keyring(lambda: store).check(REQUESTS, signed)
    assert refused(Keyring(lambda: store), MESSAGE) == "message.unsigned"


def test_of_many_that_come_first_one_makes_the_key(store) -> None:
    rings = [Keyring(lambda: store) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda ring: ring.sign(REQUESTS, MESSAGE), rings))
    assert len(set(values)) == 1


def test_no_signature_and_a_wrong_one_are_told_apart(store) -> None:
    ring = Keyring(lambda: store)
    signed = ring.sign(REQUESTS, MESSAGE)
    assert refused(ring, MESSAGE) == "message.unsigned"
    assert refused(ring, signed.replace(b'"v":1', b'"v":2')) == "message.forged"


def test_a_key_that_was_deleted_is_made_anew_and_everybody_follows(store) -> None:
    clock = Clock()
    one, two = Keyring(lambda: store, clock), Keyring(lambda: store, clock)
    old = one.sign(REQUESTS, MESSAGE)
    two.check(REQUESTS, old)
    store.delete([MESSAGE_KEY])
    clock.now = RENEW_S + 1
    new = one.sign(REQUESTS, MESSAGE)
    assert new != old
    two.check(REQUESTS, new)
    assert refused(two, old) == "message.unsigned"


def test_a_message_by_an_unknown_key_asks_the_store_once_a_second_only(store) -> None:
    clock = Clock()
    ring = Keyring(lambda: store, clock)
    ring.sign(REQUESTS, MESSAGE)
    store.delete([MESSAGE_KEY])
    foreign = Keyring(lambda: store, clock).sign(REQUESTS, MESSAGE)
    assert refused(ring, foreign) == "message.unsigned"
    clock.now = AGAIN_S + 0.1
    ring.check(REQUESTS, foreign)


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b'{"id":"x","secret":"00"}', b'{"id":"0a1b2c3d","secret":"00"}', b"\xff",
     b'{"id":1,"secret":2}'],
)  # fmt: skip
def test_a_broken_key_is_replaced(store, broken: bytes) -> None:
    store.put(MESSAGE_KEY, broken, "application/json")
    Keyring(lambda: store).check(REQUESTS, Keyring(lambda: store).sign(REQUESTS, MESSAGE))
    assert store.read(MESSAGE_KEY) != broken


def test_a_known_key_serves_while_the_store_is_away(store) -> None:
    clock = Clock()
    here = [True]

    def opened() -> FilesystemStore:
        if not here[0]:
            raise StoreUnavailable
        return store

    ring = Keyring(opened, clock)
    signed = ring.sign(REQUESTS, MESSAGE)
    here[0], clock.now = False, RENEW_S + 1
    ring.check(REQUESTS, signed)
    with pytest.raises(StoreUnavailable):
        Keyring(opened).sign(REQUESTS, MESSAGE)
