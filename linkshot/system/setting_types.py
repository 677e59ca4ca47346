"""Types and limits of settings, and parsing of their values. (pure)"""

from collections.abc import Sequence
from dataclasses import MISSING, Field
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]

LIMITS = {"ge": "at least", "gt": "more than", "le": "at most"}
"""Limit of a number → its wording."""
KINDS = {
    "`int`": "a whole number", "`float`": "a number", "`bool`": "true or false", "`str`": "text",
    "`array`": "a list",
}  # fmt: skip
"""msgspec's name of a kind → what a person would write."""


ROBOTS_REASONS = ("add", "import", "schedule", "manual")
"""Reasons of visits (domain.model.Reason); a retry goes by the visit that it repeats."""
YES, NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


def default_of(spec: Field[Any]) -> Any:
    """The default of a setting."""
    return spec.default if spec.default_factory is MISSING else spec.default_factory()


def limits(spec: Field[Any]) -> list[tuple[str, float]]:
    """The limits of a setting: wording and numbers."""
    given = [meta for meta in get_args(spec.type) if isinstance(meta, Meta)]
    found = [(said, getattr(meta, name)) for meta in given for name, said in LIMITS.items()]
    return [(said, limit) for said, limit in found if limit is not None]


def parse_value(spec: Field[Any], given: object) -> Any:
    """A value of the setting's kind within its limits; ValueError says what it must be.

    Texts stand for numbers and truths, as in the environment; a list's are separated by commas.
    """
    if spec.type == tuple[str, ...] and isinstance(given, str):
        given = [part.strip() for part in given.split(",") if part.strip()]
    try:
        value = msgspec.convert(given, spec.type, strict=False, dec_hook=_path)
        for text in value if isinstance(value, tuple) else (value,):
            str(text).encode()  # half a character: bytes of the environment that are not UTF-8
    except UnicodeEncodeError:
        raise ValueError("Expected UTF-8") from None
    except msgspec.ValidationError as exc:
        # What is expected; not what was given, which may be a secret, nor where in a list.
        said = str(exc).partition(", got ")[0].partition(" - at ")[0]
        for kind, words in KINDS.items():
            said = said.replace(kind, words)
        raise ValueError(said) from None
    return value


def robots_reasons(given: Sequence[str]) -> tuple[str, ...]:
    """The reasons in the setting `robots`, which was true or false before; ValueError for another word."""
    words = [word.lower() for word in given]
    if len(words) == 1 and words[0] in (*YES, *NO):
        return ROBOTS_REASONS if words[0] in YES else ()
    if not set(words) <= set(ROBOTS_REASONS):
        raise ValueError(f"Expected true, false or some of {', '.join(ROBOTS_REASONS)}")
    return tuple(reason for reason in ROBOTS_REASONS if reason in words)


def _path(kind: type, given: object) -> Path:
    if kind is not Path or not isinstance(given, str | Path):
        raise ValueError("Expected a path")
    return Path(given)
