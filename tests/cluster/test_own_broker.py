"""A broker behind TLS and a password, and one that is killed: what the shared servers cannot show."""

import gc
import logging
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import quote

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from linkshot.adapters.queue_kafka import KafkaQueue
from linkshot.adapters.queue_kafka_subscription import KafkaSubscription
from linkshot.errors import QueueUnavailable
from linkshot.ports import Delivery, Message
from tests.certificates import Authority
from tests.cluster.conftest import SOON_S
from tests.cluster.own_broker import SECRET, USER, Broker, broker
from tests.cluster.test_adapters_kafka import TOPIC, gather, publish, until, values

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
"""kafka-python 3.0.12 leaves the sockets of connections that failed to the garbage collector."""


@pytest.fixture(autouse=True)
def _sockets_are_collected(monkeypatch) -> Iterator[None]:
    """Here, and not in somebody else's test; a captured log record would keep them alive."""
    monkeypatch.setattr(logging.getLogger("kafka"), "disabled", True)
    for name in [one for one in logging.root.manager.loggerDict if one.startswith("kafka.")]:
        monkeypatch.setattr(logging.getLogger(name), "disabled", True)
    yield
    gc.collect()


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("own")) as made:
        yield made


@pytest.fixture(scope="module")
def scram(own) -> None:
    """The broker knows the user for SCRAM too; without it, only for PLAIN."""
    with closing(KafkaAdminClient(bootstrap_servers=own.url()[8:].partition("?")[0])) as admin:
        known = UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_512, SECRET)
        assert admin.alter_user_scram_credentials([known]) == {USER: None}


def login(password: str = SECRET) -> str:
    return f"{USER}:{quote(password, safe='')}"


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_everything_goes_through_tls_with_a_password(own, scram, mechanism):
    options = f"sasl={mechanism}&cafile={own.cafile}&prefix={mechanism}."
    with closing(KafkaQueue.from_url(own.secure_url(login(), options))) as queue:
        wanted = publish(queue, 20)
        with closing(queue.subscribe([TOPIC], "g", 100)) as member:
            everything = gather(member, 20)
            assert values(everything) == wanted
            for delivery in everything:
                member.ack(delivery)
            assert until(lambda: queue.backlog(TOPIC, "g") == 0)


@pytest.mark.parametrize(
    ("password", "mechanism", "authority", "words"),
    [
        pytest.param("wrong", "PLAIN", None, "password", id="a wrong password"),
        pytest.param("wrong", "SCRAM-SHA-512", None, "password", id="the same, by SCRAM"),
        pytest.param(SECRET, "SCRAM-SHA-256", None, "sasl=", id="a mechanism not spoken there"),
        pytest.param(SECRET, "PLAIN", "somebody", "cafile=", id="a certificate of somebody"),
    ],
)
def test_who_is_not_let_in_is_told_why_soon(
    own, scram, tmp_path, password, mechanism, authority, words
):
    known = Authority.root(authority).file(tmp_path / "ca.pem") if authority else own.cafile
    url = own.secure_url(login(password), f"sasl={mechanism}&cafile={known}")
    with closing(KafkaQueue.from_url(url)) as queue:
        began = time.monotonic()
        with pytest.raises(QueueUnavailable, match=words) as told:
            queue.publish(TOPIC, [Message(key="k", value=b"v")])
        assert time.monotonic() - began < SOON_S
    assert SECRET not in str(told.value)


def test_the_open_door_spoken_to_in_tls_is_told(own):
    open_door = own.url().partition("//")[2]
    with (
        closing(KafkaQueue.from_url(f"kafka+ssl://{open_door}")) as queue,
        pytest.raises(QueueUnavailable, match="TLS"),
    ):
        queue.backlog(TOPIC, "g")


def test_a_broker_that_is_killed_and_comes_again_loses_nothing(own):
    with closing(KafkaQueue.from_url(own.url("&prefix=killed.&silence=6"))) as queue:
        before = publish(queue, 20)
        with closing(queue.subscribe([TOPIC], "g", 100)) as member:
            held = gather(member, 20)
            own.kill()
            with pytest.raises(QueueUnavailable):
                publish(queue, 1)
            own.start()
            for delivery in held:
                member.ack(delivery)
            after = publish(queue, 20, start=20)
            seen: set[str] = set()
            assert until(lambda: seen.update(values(taken(member))) or after <= seen)
            assert seen <= before | after


def taken(member: KafkaSubscription) -> list[Delivery]:
    """What is there; nothing while the member says that it hears nobody."""
    with suppress(QueueUnavailable):
        return member.take(0.2)
    return []
