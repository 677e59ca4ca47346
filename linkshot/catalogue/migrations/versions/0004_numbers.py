"""Links and tags have numbers of their own, and pairs of them are kept by number."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IDS = {"links": ("link_no", "link_id"), "tags": ("tag_no", "tag_id")}
REFERRING = {"snapshots": None, "versions": None, "watches": "CASCADE"}
"""Tables that refer to links, with what is done to their rows when the link's goes."""

FACETS = ["state", "language", "http_status", "by_added", "host", "purged", "deleted_at", "link_no"]


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in IDS:
        (_again if on_sqlite else _number)(table)
    if not on_sqlite:
        op.drop_index("ix_links_facets", "links")
    there = sa.text("deleted_at IS NULL")
    op.create_index(
        "ix_links_facets", "links", FACETS, sqlite_where=there, postgresql_where=there
    )
    _pair_by_number()


def _again(table: str) -> None:
    """SQLite cannot exchange a primary key: the table is made again, its rows in their order."""
    number, name = IDS[table]
    seen = sa.inspect(op.get_bind())
    columns = seen.get_columns(table)
    indexes = [index for index in seen.get_indexes(table) if index["name"] != "ix_links_facets"]
    keys = {key["column_names"][0] for key in seen.get_unique_constraints(table)} | {name}
    op.create_table(
        f"new_{table}",
        sa.Column(number, sa.Integer, nullable=False),
        *(_copied(column) for column in columns),
        sa.PrimaryKeyConstraint(number, name=f"pk_{table}"),
        *(sa.UniqueConstraint(key, name=f"uq_{table}_{key}") for key in sorted(keys)),
        *(
            sa.ForeignKeyConstraint(
                key["constrained_columns"],
                [f"{key['referred_table']}.{one}" for one in key["referred_columns"]],
                name=key["name"],
            )
            for key in seen.get_foreign_keys(table)
        ),
    )
    listed = ", ".join(column["name"] for column in columns)
    op.execute(f"INSERT INTO new_{table} ({listed}) SELECT {listed} FROM {table} ORDER BY rowid")
    op.drop_table(table)
    op.rename_table(f"new_{table}", table)
    for index in indexes:
        where = index.get("dialect_options", {}).get("sqlite_where")
        names = [name for name in index["column_names"] if name]
        op.create_index(index["name"], table, names, sqlite_where=where)


def _copied(column: sa.engine.interfaces.ReflectedColumn) -> sa.Column[Any]:
    default = column["default"]
    return sa.Column(
        column["name"],
        column["type"],
        nullable=column["nullable"],
        server_default=None if default is None else sa.text(default),
    )


def _number(table: str) -> None:
    """PostgreSQL: the references let go, the key changes, they come back."""
    number, name = IDS[table]
    references = REFERRING if table == "links" else {"tags": None}
    column = "link_id" if table == "links" else "parent_id"
    for one in references:
        op.drop_constraint(f"fk_{one}_{column}", one, type_="foreignkey")
    op.drop_constraint(f"pk_{table}", table, type_="primary")
    op.execute(f"ALTER TABLE {table} ADD COLUMN {number} BIGSERIAL CONSTRAINT pk_{table} PRIMARY KEY")
    op.create_unique_constraint(f"uq_{table}_{name}", table, [name])
    for one, on_delete in references.items():
        op.create_foreign_key(
            f"fk_{one}_{column}", one, table, [column], [name], ondelete=on_delete
        )


def _pair_by_number() -> None:
    op.execute(
        "CREATE TABLE pairs AS SELECT link_no, tag_no FROM link_tags"
        " JOIN links ON links.link_id = link_tags.link_id"
        " JOIN tags ON tags.tag_id = link_tags.tag_id"
    )
    op.drop_table("link_tags")
    op.create_table(
        "link_tags",
        sa.Column("link_no", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("tag_no", sa.BigInteger, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("link_no", "tag_no", name="pk_link_tags"),
    )
    op.execute("INSERT INTO link_tags SELECT link_no, tag_no FROM pairs ORDER BY link_no, tag_no")
    op.drop_table("pairs")
    op.create_index("ix_link_tags_tag_no", "link_tags", ["tag_no"])


def downgrade() -> None:
    raise NotImplementedError("go back to an older linkshot with an older copy of the catalogue")
