"""Which URLs name a Kafka cluster, and what they say of it."""

import pytest

from linkshot.adapters.queue_kafka_options import PARTITIONS, Options
from linkshot.errors import ConfigError


def test_several_servers_and_the_default_port():
    assert Options.parse("kafka://h1,h2:9093").servers == ["h1:9092", "h2:9093"]


def test_prefix_partitions_and_replication_are_taken_from_the_query():
    made = Options.parse("kafka://h?prefix=a.&partitions=3&replication=2")
    assert (made.prefix, made.partitions, made.replication) == ("a.", 3, 2)


def test_without_them_topics_are_made_as_documented():
    made = Options.parse("kafka://h").topic("linkshot.requests")
    assert (made["num_partitions"], made["replication_factor"]) == (48, -1)
    assert made["configs"]["retention.ms"] == str(7 * 86_400_000)
    assert PARTITIONS["linkshot.dead"] == (1, 90)


def test_a_login_is_decoded_and_travels_over_tls():
    made = Options.parse("kafka+ssl://us%40er:p%2Fw@h?sasl=SCRAM-SHA-512").client()
    assert made["security_protocol"] == "SASL_SSL"
    assert made["sasl_plain_username"] == "us@er"
    assert made["sasl_plain_password"] == "p/w"


def test_a_password_is_never_shown():
    assert "secret" not in repr(Options.parse("kafka+ssl://u:secret@h?sasl=PLAIN"))


@pytest.mark.parametrize(
    "url",
    [
        "kafka://",
        "kafka://h:port",
        "kafka://h?partitions=many",
        "kafka://h?partitions=0",
        "kafka://h?colour=red",
        "kafka://u:secret@h",
        "kafka+ssl://h?sasl=PLAIN",
    ],
)
def test_a_url_that_cannot_work_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigError) as refused:
        Options.parse(url)
    assert "secret" not in refused.value.message
