"""Login problems of a Kafka cluster are explained (errors as kafka-python 3.0.12 reports them)."""

import pytest

from linkshot.adapters.queue_kafka_options import Options

client = pytest.importorskip("linkshot.adapters.queue_kafka_client")

OPEN = Options(servers=["a.example:9092"])
GUARDED = Options(servers=["a.example:9093"], security={"sasl_mechanism": "PLAIN"})
ENDED = "KafkaConnectionError('socket disconnected')"
REFUSED = "SaslAuthenticationFailedError('Authentication failed: Invalid username or password')"
UNKNOWN = "KafkaConnectionError('Handshake failed: [SSL: CERTIFICATE_VERIFY_FAILED] ...')"
PLAIN_DOOR = "KafkaConnectionError('Handshake failed: [SSL] record layer failure')"


@pytest.mark.parametrize(
    ("failures", "options", "word"),
    [
        pytest.param([REFUSED, ENDED], GUARDED, "password", id="the login is refused"),
        pytest.param([ENDED], GUARDED, "password", id="the connection ends at the login"),
        pytest.param([UNKNOWN], GUARDED, "cafile=", id="nobody known signed the certificate"),
        pytest.param([PLAIN_DOOR], GUARDED, "TLS", id="no TLS is spoken there"),
    ],
)
def test_who_is_not_let_in_hears_what_to_look_at(failures, options, word):
    assert word in client.login_problem(failures, options)


@pytest.mark.parametrize(
    ("failures", "options"),
    [
        pytest.param([ENDED], OPEN, id="a server that went away"),
        pytest.param(["KafkaConnectionError('111 ECONNREFUSED')"], GUARDED, id="nobody listens"),
        pytest.param([], GUARDED, id="nothing is known"),
    ],
)
def test_a_server_that_is_away_says_nothing_of_a_login(failures, options):
    assert client.login_problem(failures, options) == ""
