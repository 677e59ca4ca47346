"""Runs a test over the rows of a long table as one test, which costs a fraction of a parametrized one.

All rows are tried; those that fail are raised together, each with a note that names the row.
"""

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import TypeVar

T = TypeVar("T")


def every_row(
    rows: Iterable[T], name: Callable[[T], str] = ascii
) -> Callable[[Callable[[T], None]], Callable[[], None]]:
    """Decorates a test of one row; a table without rows is a mistake."""
    table = list(rows)
    assert table

    def over_all(check: Callable[[T], None]) -> Callable[[], None]:
        def test() -> None:
            failed = [wrong for row in table if (wrong := _failure(check, row, name))]
            if failed:
                raise ExceptionGroup(f"{len(failed)} of {len(table)} rows fail", failed)

        update_wrapper(test, check)
        del test.__wrapped__  # type: ignore[attr-defined]  # pytest would ask it for its arguments
        return test

    return over_all


def _failure(check: Callable[[T], None], row: T, name: Callable[[T], str]) -> Exception | None:
    try:
        check(row)
    except Exception as wrong:
        wrong.add_note(f"row: {name(row)}")
        return wrong
    return None
