"""How is it kept who is logged in to the web interface?"""

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
got with, see linkshot/logins.py. `ends_at`: µs since 1970."""
