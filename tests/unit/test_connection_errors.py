"""What clients say of a server that cannot be reached, as heard from them, in our words."""

import pytest

from linkshot.system.connection_errors import explain, explain_or_kind

REFUSED = "[Errno 111] Connection refused"
UNKNOWN = "Failed to resolve 'a.example' ([Errno -2] Name or service not known)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"connection failed: connection to server at \"::1\", port 1 failed: {REFUSED}", "listens"),
        (f"Max retries exceeded (Caused by NewConnectionError(\"{REFUSED}\"))", "listens"),
        ("KafkaConnectionError: 111 ECONNREFUSED", "listens"),
        (f"Connection error caused by: NameResolutionError({UNKNOWN})", "by that name"),
        ("failed to resolve host 'a.example': [Errno -2] Name or service not known", "by that name"),
        ('FATAL:  password authentication failed for user "anna"', "accept the login"),
        ('FATAL:  role "anna" does not exist', "know the user"),
        ('FATAL:  database "links" does not exist', "no database"),
        ("FATAL:  sorry, too many clients already", "too many connections"),
        ("FATAL:  the database system is starting up", "just starting"),
        ("server does not support SSL, but SSL was required", "TLS"),
        ("SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)')", "TLS"),
        ("SSLError([SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed)", "not trusted"),
        ("Connection timed out", "in time"),
        ("KafkaTimeoutError: Timeout after waiting for 10 secs.", "in time"),
        ("[Errno 113] No route to host", "no way"),
    ],
)  # fmt: skip
def test_what_a_client_says_is_told_in_words_that_name_nobody(said, words):
    told = explain(OSError(said))
    assert words in told
    assert not {"anna", "links", "a.example"} & set(told.split())


def test_what_nobody_has_heard_yet_is_told_by_its_kind():
    assert explain(ValueError("odd")) == ""
    assert explain_or_kind(ValueError("odd")) == "ValueError"
