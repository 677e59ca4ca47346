"""Creates the schema of the catalogue and upgrades an older one, with alembic."""

from pathlib import Path

import sqlalchemy as sa

from linkshot.errors import CatalogueUnavailable

HEAD = "0018"
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
    """Run what is missing inside the transaction of `conn`, up to a revision.

    CatalogueUnavailable for a catalogue of a newer linkshot.
    """
    import logging

    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    try:
        command.upgrade(config, to)
    except CommandError as error:  # the revision it has is not among ours
        raise CatalogueUnavailable(
            "The catalogue was made by a newer linkshot; use that one."
        ) from error
