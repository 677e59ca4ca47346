"""Opens the catalogue and its transactions, on SQLite and on PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from linkshot.catalogue.clock import lock_clock
from linkshot.errors import CatalogueUnavailable, ConfigError
from linkshot.system import connection_errors, disk, secret_files
from linkshot.system.sqlite_wal import switch_to_wal

BUSY_TIMEOUT_S = 10.0
"""How long a transaction waits for its turn before it gives up, in seconds."""
SQLITE = "sqlite:///"
CONNECT_TIMEOUT_S = 5
"""How long opening a connection to a server may take, in seconds."""

Statement = TypeVar("Statement", bound=sa.Select[Any])


class Catalogue:
    """An open catalogue; safe to use from several threads and processes."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.dialect: str = engine.dialect.name
        """`sqlite` or `postgresql`."""
        self._writer_lock = threading.Lock()
        # One pool seen twice, for reading and for writing.
        if self.dialect == "sqlite":
            self._reads, self._writes = engine, engine.execution_options(linkshot_write=True)
        else:
            # In REPEATABLE READ all statements of a read() see the same state.
            self._reads = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._writes = engine.execution_options(isolation_level="READ COMMITTED")

    @classmethod
    def open(cls, url: str) -> "Catalogue":
        """Connect and bring the schema up to date.

        CatalogueUnavailable when it does not answer, ConfigError when the URL cannot work.
        """
        catalogue = cls(_make_engine(url))
        try:
            catalogue.migrate()
        except BaseException:
            catalogue.close()
            raise
        return catalogue

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent view of everything; changes nothing."""
        with _translate_errors(self.engine.url), self._reads.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction, durable when the block ends, undone when it raises.

        SQLite: one writer at a time (BEGIN IMMEDIATE). PostgreSQL: a transaction that mints
        with `unique_us` does so before it touches any other row; that keeps writers in one order.
        Never nested.
        """
        with self._writing(self._writes) as conn:
            yield conn

    @contextmanager
    def _writing(self, writes: sa.Engine) -> Iterator[sa.Connection]:
        with (
            _translate_errors(self.engine.url),
            self._writer_turn(),
            writes.connect() as conn,
            conn.begin(),
        ):
            yield conn

    @contextmanager
    def edit(self) -> Iterator[sa.Connection]:
        """A write() that comes wholly before or wholly after every other edit."""
        with self.write() as conn:
            if self.dialect != "sqlite":  # there BEGIN IMMEDIATE has done it
                lock_clock(conn, "rev")
            yield conn

    @contextmanager
    def _writer_turn(self) -> Iterator[None]:
        """Threads of one process take turns in order; SQLite's own waiting is a lottery."""
        if self.dialect != "sqlite":
            yield
            return
        if not self._writer_lock.acquire(timeout=BUSY_TIMEOUT_S):
            raise CatalogueUnavailable("The catalogue is busy with another change; try again.")
        try:
            yield
        finally:
            self._writer_lock.release()

    def migrate(self) -> None:
        """Bring the schema to the newest form, once, whoever else starts at the same time."""
        from linkshot.catalogue import migrations

        with self.read() as conn:  # the usual start waits for no writer
            if _schema_of(conn) == migrations.HEAD:
                return
        with self._schema_change() as conn:
            if self.dialect == "postgresql":
                # Any number will do that nobody else locks; it is free again after the commit.
                conn.execute(sa.select(sa.func.pg_advisory_xact_lock(0x11C5)))
            found = _schema_of(conn)  # again: another process may have been first
            if found is None:
                migrations.create(conn)
            elif found != migrations.HEAD:
                migrations.upgrade(conn)

    @contextmanager
    def _schema_change(self) -> Iterator[sa.Connection]:
        """A write() in which SQLite's tables can be made again without losing what refers to them.

        https://sqlite.org/lang_altertable.html#otheralter: references are not followed meanwhile
        and are checked before the end.
        """
        if self.dialect != "sqlite":
            with self.write() as conn:
                yield conn
            return
        writes = self._writes.execution_options(linkshot_unchecked=True)
        try:
            with self._writing(writes) as conn:
                yield conn
                broken = conn.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise CatalogueUnavailable(
                        f"The catalogue cannot be made over: its {broken[0]} refer to {broken[2]} that"
                        " are gone. It stays as it was; put an older copy in its place, or move it away"
                        " and make it again with `linkshot rebuild`."
                    )
        finally:
            # foreign_keys=OFF outlives the transaction, so no connection goes back to the pool.
            self.engine.dispose()

    def close(self) -> None:
        """Close every connection. Repeatable."""
        self.engine.dispose()


def skip_locked(statement: Statement) -> Statement:
    """Lock the rows that are read and leave out those somebody else holds.

    PostgreSQL: FOR UPDATE SKIP LOCKED. SQLite needs nothing: writers are alone.
    """
    return statement.with_for_update(skip_locked=True)


def _make_engine(raw: str) -> sa.Engine:
    if raw.startswith(SQLITE):  # the rest is the name of a file, `?` and `%41` in it are letters
        return _sqlite(URL.create("sqlite", database=raw.removeprefix(SQLITE)))
    try:
        url = make_url(raw)
    except exc.ArgumentError:
        raise ConfigError(
            "setting catalogue: not a URL; sqlite:///FILE or postgresql+psycopg://…",
            field="catalogue",
        ) from None
    if url.drivername == "sqlite":
        return _sqlite(url)
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return _postgresql(_with_password(url.set(drivername="postgresql+psycopg")))
    raise ConfigError(
        f"setting catalogue: {url.drivername} is not supported; sqlite or postgresql+psycopg",
        field="catalogue",
    )


def _with_password(url: URL) -> URL:
    """The password is in a file when the option password_file names one."""
    file = url.query.get("password_file")
    if not isinstance(file, str):
        return url
    secret = secret_files.read_secret("password_file", file, "catalogue")
    return url.set(password=secret).difference_update_query(["password_file"])


def _sqlite(url: URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigError("setting catalogue: SQLite needs a file", field="catalogue")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogueUnavailable(
            f"The folder of the catalogue cannot be used: {error.strerror}."
        ) from error
    engine = sa.create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        pool_size=8,
        max_overflow=56,
        pool_timeout=BUSY_TIMEOUT_S,
    )
    file = Path(url.database)

    def prepare(dbapi: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        _prepare_sqlite(dbapi, file)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi: sqlite3.Connection, file: Path) -> None:
    """We begin ourselves; every commit is on the disk when it returns."""
    dbapi.isolation_level = None
    switch_to_wal(dbapi, file, BUSY_TIMEOUT_S)
    dbapi.execute("PRAGMA synchronous=FULL")
    dbapi.execute("PRAGMA foreign_keys=ON")
    dbapi.execute("PRAGMA cache_size=-16000")  # KiB
    # Pages: a page of an index that commit after commit writes goes to the file once for all of them.
    dbapi.execute("PRAGMA wal_autocheckpoint=16000")


def _begin_sqlite(conn: sa.Connection) -> None:
    options = conn.get_execution_options()
    how = "IMMEDIATE" if options.get("linkshot_write") else "DEFERRED"
    if options.get("linkshot_unchecked"):  # SQLite ignores this pragma inside a transaction
        conn.exec_driver_sql("PRAGMA foreign_keys=OFF")
    conn.exec_driver_sql(f"BEGIN {how}")


def _postgresql(url: URL) -> sa.Engine:
    options = f"-c lock_timeout={int(BUSY_TIMEOUT_S * 1000)} -c timezone=UTC"
    return sa.create_engine(
        url,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "options": options},
        pool_pre_ping=True,  # the server may have been started anew since
        pool_size=8,
        max_overflow=24,
        pool_timeout=BUSY_TIMEOUT_S,
    )


@contextmanager
def _translate_errors(url: URL) -> Iterator[None]:
    """What the database itself cannot do becomes CatalogueUnavailable; broken rules stay."""
    ours = (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError)
    try:
        yield
    except ours:
        raise
    except (exc.DBAPIError, exc.TimeoutError) as error:
        if url.drivername == "sqlite" and url.database:
            wrong = disk.write_problem(Path(url.database))
        else:
            # SQLAlchemy puts the statement and its values behind the words, the driver does not.
            wrong = connection_errors.explain(getattr(error, "orig", None) or error)
        said = f"The catalogue cannot be used, nothing was changed: {wrong}." if wrong else None
        raise CatalogueUnavailable(said) from error


def _schema_of(conn: sa.Connection) -> str | None:
    """The revision of the tables as they are, None in an empty database."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
