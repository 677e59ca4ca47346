"""Translates connection errors, without leaking host or credentials."""

import re

HINTS = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"certificate.verify.failed", "its certificate is not trusted"),
        (r"password authentication failed|no pg_hba\.conf entry", "it does not accept the login"),
        (r'role ".*" does not exist', "it does not know the user"),
        (r'database ".*" does not exist', "it has no database of that name"),
        (r"too many (clients|connections)", "it has too many connections already"),
        (r"starting up|not yet accepting", "it is just starting"),
        (r"does not support SSL|wrong.version.number|record layer", "it does not speak TLS there"),
        (r"refused", "nobody listens there"),
        (r"resolve|name or service not known", "its host is not known by that name"),
        (r"timed? ?out", "it did not answer in time"),
        (r"no route to host|network is unreachable", "there is no way to its host"),
    )
)
"""Patterns of psycopg 3.3, urllib3 2, elastic-transport 9, kafka-python 3.0 and OpenSSL 3."""


def explain(error: BaseException) -> str:
    """Part of a sentence; empty for an unknown error."""
    said = str(error)
    return next((words for pattern, words in HINTS if pattern.search(said)), "")


def explain_or_kind(error: BaseException) -> str:
    """As explain(), with the class name of an unknown error."""
    return explain(error) or type(error).__name__
