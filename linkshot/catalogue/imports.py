"""The tables of imports and of their ledgers, one row for each source row."""

import sqlalchemy as sa

from linkshot.catalogue.schema import metadata

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("import_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("format", sa.String(20), nullable=False),
    sa.Column("charset", sa.String(40), nullable=False, server_default=""),
    sa.Column("file_sha256", sa.String(64), nullable=False),
    sa.Column("options_sha256", sa.String(64), nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("finished_at", sa.BigInteger),
    sa.Column("last_row", sa.Integer, nullable=False, server_default="0"),
    sa.Column("accepted", sa.Integer, nullable=False, server_default="0"),
    sa.Column("duplicate", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rejected", sa.Integer, nullable=False, server_default="0"),
    sa.Column("notices", sa.Integer, nullable=False, server_default="0"),
)
"""`last_row` is committed with the rows: a killed import goes on after it. `options_sha256` covers
format, charset and tags: the same file with the same options is the same import while it is
unfinished."""

sa.Index(None, imports.c.file_sha256)

import_rows = sa.Table(
    "import_rows",
    metadata,
    sa.Column(
        "import_id",
        sa.String(36),
        sa.ForeignKey("imports.import_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False, server_default=""),
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("code", sa.String(40)),
    sa.Column("reason", sa.Text),
    sa.Column("notices", sa.Text),
    sa.Column("link_id", sa.String(32)),
)
"""The ledger: `outcome` is accepted, duplicate or rejected; `notices` codes joined by spaces."""
