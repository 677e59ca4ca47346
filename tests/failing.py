"""Ports and statements that fail, or let something else happen first, when a test says so.

They stand where the real ones stand, at the edge of our code, so that no test patches its inside.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from linkshot.app import App, Openers


def with_parts(app: App, **given: Any) -> App:
    """An App with these parts; all others are those of `app`, which closes them."""

    def part(name: str) -> Callable[[], Any]:
        return lambda: given[name] if name in given else getattr(app, name)

    names = ("catalogue", "queue", "store", "index")
    return App(
        settings=app.settings, openers=Openers(**{name: part(name) for name in names}), now=app.now
    )


class Before:
    """A port that calls `hook` with the method's name and arguments before each call of one."""

    def __init__(self, port: object, hook: Callable[..., None]) -> None:
        self._port, self._hook = port, hook

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*given: Any, **named: Any) -> Any:
            self._hook(name, *given)
            return method(*given, **named)

        return call


@contextmanager
def failing_statement(app: App, beginning: str, error: Exception, nth: int = 1) -> Iterator[None]:
    """The catalogue refuses the nth statement that begins like this, and all such after it."""
    seen: list[str] = []

    def refuse(_conn: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(beginning):
            seen.append(statement)
            if len(seen) >= nth:
                raise error

    engine = app.catalogue.engine
    event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", refuse)
    assert len(seen) >= nth, f"{len(seen)} statements began with {beginning!r}"
