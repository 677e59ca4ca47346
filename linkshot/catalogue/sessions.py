"""The tables of web sessions and of password attempts."""

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

logins = sa.Table(
    "logins",
    metadata,
    sa.Column("id_sha256", sa.String(64), primary_key=True),
    sa.Column("door", sa.String(36), nullable=False),
    sa.Column("ends_at", sa.BigInteger, nullable=False),
)
"""`id_sha256`: of the id in the cookie, which itself is nowhere kept. `door`: the password it was
got with, see linkshot/use_cases/sessions.py. `ends_at`: µs since 1970."""

login_tries = sa.Table(
    "login_tries",
    metadata,
    sa.Column("address", sa.String(64), primary_key=True),
    sa.Column("tried_at", sa.BigInteger, primary_key=True),
)
"""`address`: where a password came from. `tried_at`: µs since 1970. See linkshot/use_cases/login_throttle.py."""
