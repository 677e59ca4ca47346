"""What tests of the catalogue's use cases share: an App on SQLite or, when given, PostgreSQL."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event

from linkshot.app import App
from linkshot.catalogue.engine import Catalogue
from linkshot.catalogue.tables import metadata
from linkshot.system.config import load_settings
from linkshot.wiring import open_app

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def open_on(folder: Path, url: str, clock: Clock) -> App:
    """An App with its catalogue there, everything else embedded and not opened."""
    settings = load_settings(data=folder, allow_networks="127.0.0.0/8")
    app = open_app(settings, now=clock)
    app.openers = replace(app.openers, catalogue=lambda: Catalogue.open(url))
    return app


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """A URL whose tables nobody else uses: an empty PostgreSQL database made for this."""
    name = f"test_{uuid.uuid4().hex}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as conn:
            conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


def empty(url: str) -> None:
    """Remove every row of a PostgreSQL catalogue."""
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        conn.exec_driver_sql(f"TRUNCATE {names} CASCADE")
    engine.dispose()


@contextmanager
def counted(app: App) -> Iterator[list[str]]:
    """The statements that are executed inside, without BEGIN."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    engine = app.catalogue.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
