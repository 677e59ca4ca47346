"""Which schema do the tables need, and how does an older one get there?"""

from pathlib import Path

import sqlalchemy as sa

HEAD = "0003"
"""The newest revision; known without loading alembic, so that opening stays quick."""


def upgrade(conn: sa.Connection) -> None:
    """Run what is missing inside the transaction of `conn`."""
    import logging

    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
