"""Which schema do the tables need, and how does an older one get there?"""

from pathlib import Path

import sqlalchemy as sa

HEAD = "0003"
"""The newest revision; known without loading alembic, so that opening stays quick."""


def create(conn: sa.Connection) -> None:
    """All tables of an empty database at once, without alembic: it is heavy to load."""
    from linkshot.catalogue.tables import metadata

    metadata.create_all(conn, checkfirst=False)
    version = sa.Table(
        "alembic_version",
        sa.MetaData(),
        sa.Column("version_num", sa.String(32), primary_key=True),
    )
    version.create(conn)
    conn.execute(version.insert().values(version_num=HEAD))


def upgrade(conn: sa.Connection, to: str = "head") -> None:
    """Run what is missing inside the transaction of `conn`, up to a revision."""
    import logging

    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, to)
