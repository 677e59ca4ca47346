"""Limits password attempts for each address. Counted in the catalogue, so for all processes together."""

from datetime import timedelta

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import MICROSECOND, to_us
from linkshot.catalogue.sessions import login_tries
from linkshot.errors import Forbidden

MAX_ATTEMPTS, WINDOW = 5, timedelta(seconds=60)
"""Wrong passwords of one address in that time."""
MAX_ROWS = 10_000
"""Tries that are kept at a time, of all addresses; the oldest makes room."""

c = login_tries.c


def record(app: App, address: str) -> None:
    """One more try, kept before it is known how it ends; Forbidden when there were too many.

    One that is refused does not count, and changes nothing.
    """
    now = to_us(app.now())
    with app.catalogue.read() as conn:  # who is refused makes no writer wait
        _refuse_too_many(conn, address, now)
    with app.catalogue.edit() as conn:
        conn.execute(login_tries.delete().where(_is_outside_window(now)))
        oldest = sa.select(c.tried_at).order_by(c.tried_at.desc()).offset(MAX_ROWS - 1).limit(1)
        if (at := conn.scalar(oldest)) is not None:
            conn.execute(login_tries.delete().where(c.tried_at <= at))
        _refuse_too_many(conn, address, now)  # again: others may have tried since
        last = conn.scalar(sa.select(sa.func.max(c.tried_at)).where(c.address == address)) or 0
        conn.execute(login_tries.insert().values(address=address, tried_at=max(now, last + 1)))


def reset(app: App, address: str) -> None:
    """The password was right: what went before does not matter. Repeatable."""
    with app.catalogue.write() as conn:
        conn.execute(login_tries.delete().where(c.address == address))


def _refuse_too_many(conn: sa.Connection, address: str, now: int) -> None:
    counts = (c.address == address, sa.not_(_is_outside_window(now)))
    if (conn.scalar(sa.select(sa.func.count()).where(*counts)) or 0) >= MAX_ATTEMPTS:
        raise Forbidden(
            "Too many wrong passwords; wait a minute and try again.", code="login.too_many"
        )


def _is_outside_window(now: int) -> sa.ColumnElement[bool]:
    """What counts no more, or was noted by a clock that is wrong."""
    span = WINDOW // MICROSECOND
    return (c.tried_at <= now - span) | (c.tried_at > now + span)
