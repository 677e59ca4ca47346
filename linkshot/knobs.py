"""What may the value of a setting be, and how is it read from text? (pure)"""

import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, field
from pathlib import Path
from typing import Any

LIMITS = {"ge": "at least", "gt": "more than", "le": "at most"}
"""Limit of a number → how it is said."""
TRUE, FALSE = {"1", "true", "t", "yes", "y", "on"}, {"0", "false", "f", "no", "n", "off"}


def knob(
    default: Any,
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    pattern: str = "",
    secret: bool = False,
) -> Any:
    """A field of Settings with limits; `pattern` has to fit the whole text."""
    limits = {
        name: limit for name, limit in (("ge", ge), ("gt", gt), ("le", le)) if limit is not None
    }
    return field(default=default, repr=not secret, metadata={"limits": limits, "pattern": pattern})


def initial(spec: Field[Any]) -> Any:
    """The value of a setting that nobody gave."""
    return spec.default if spec.default_factory is MISSING else spec.default_factory()


def limits(spec: Field[Any]) -> list[tuple[str, float]]:
    """How the limits of a setting are said, and their numbers."""
    return [(LIMITS[name], limit) for name, limit in spec.metadata.get("limits", {}).items()]


def read(spec: Field[Any], given: object) -> Any:
    """A value of the setting's kind within its limits; ValueError says what it must be."""
    value = READERS[spec.type](given)
    for name, limit in spec.metadata.get("limits", {}).items():
        if not _holds(name, value, limit):
            raise ValueError(f"must be {LIMITS[name]} {limit}")
    pattern = spec.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        raise ValueError(f"must fit {pattern}")
    return value


def _holds(name: str, value: float, limit: float) -> bool:
    """False for what is no number at all, too."""
    return {"ge": value >= limit, "gt": value > limit, "le": value <= limit}[name]


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError("must be text")  # noqa: TRY004  # one kind of refusal for all
    try:
        given.encode()
    except UnicodeEncodeError:
        raise ValueError("must be UTF-8") from None
    return given


def _path(given: object) -> Path:
    return given if isinstance(given, Path) else Path(_text(given))


def _integer(given: object) -> int:
    if isinstance(given, str | int) and not isinstance(given, bool):
        try:
            return int(given)
        except ValueError:
            pass
    raise ValueError("must be a whole number")


def _number(given: object) -> float:
    if isinstance(given, str | int | float) and not isinstance(given, bool):
        try:
            return float(given)
        except (ValueError, OverflowError):
            pass
    raise ValueError("must be a number")


def _truth(given: object) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).lower()
    if word not in TRUE | FALSE:
        raise ValueError("must be true or false")
    return word in TRUE


def _texts(given: object) -> tuple[str, ...]:
    """Text is separated by commas; its empty parts say nothing."""
    if isinstance(given, str):
        return tuple(part.strip() for part in _text(given).split(",") if part.strip())
    if not isinstance(given, Iterable):
        raise ValueError("must be a list")  # noqa: TRY004  # one kind of refusal for all
    return tuple(map(_text, given))


READERS: dict[object, Callable[[object], Any]] = {
    Path: _path,
    str: _text,
    int: _integer,
    float: _number,
    bool: _truth,
    tuple[str, ...]: _texts,
}
"""Kind of a setting → how a value of it is read from the environment, a TOML file or a flag."""
