"""The JSON shapes of docs/cli.md, made from the schemas of the API, which have the same ones.

That json_shapes.py and the schemas agree is a test (tests/unit/test_schema_fields.py), so no list of fields
is kept here by hand; only what no route returns is spelt out in reference.py.
"""

from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from web.api.schemas.cookies import CookieImportOut, SiteCookiesOut
from web.api.schemas.imports import ImportOut, RowOut
from web.api.schemas.jobs import DeadOut, JobsOut
from web.api.schemas.links import AddedOut, LinkFields, LinkOut
from web.api.schemas.provenance import ProvenanceOut, ShownLinkOut
from web.api.schemas.search import HitOut, PageOut
from web.api.schemas.sites import ChangedSiteRuleOut, SiteRuleOut, SiteViewOut
from web.api.schemas.snapshots import SnapshotOut
from web.api.schemas.tags import TagOut
from web.api.schemas.watches import WatchOut

NOUNS: dict[str, type[BaseModel]] = {
    "link": LinkFields,
    "link-with-visits": LinkOut,
    "visit": SnapshotOut,
    "provenance": ProvenanceOut,
    "hit": HitOut,
    "tag": TagOut,
    "watch": WatchOut,
    "site-rule": SiteRuleOut,
    "site-cookies": SiteCookiesOut,
    "import-row": RowOut,
    "dead-letter": DeadOut,
}
"""Name in the page → what has it; a noun inside another is named there, not spelt out again."""
COMMANDS = (
    ("`add`", True, AddedOut),
    ("`snapshot`", True, LinkOut),
    ("`show`", False, ShownLinkOut),
    ("`list`, `search`", False, PageOut),
    ("`snapshots`", True, SnapshotOut),
    ("`jobs`", False, JobsOut),
    ("`import`", False, ImportOut),
    ("`tag ls`", True, TagOut),
    ("`watch ls`", True, WatchOut),
    ("`site ls`", True, SiteRuleOut),
    ("`site show`", False, SiteViewOut),
    ("`site set`, `site rm`", False, ChangedSiteRuleOut),
    ("`cookies ls`", True, SiteCookiesOut),
    ("`cookies import`", False, CookieImportOut),
    ("`trash ls`", True, LinkFields),
    ("`dead ls`", True, DeadOut),
)
"""Command, whether it prints a list of them, and what."""


def noun_rows() -> Iterator[str]:
    """The rows of the table of nouns."""
    for name, schema in NOUNS.items():
        yield f"| `{name}` | `{_fields(schema)}` |"


def command_rows() -> Iterator[str]:
    """The rows of the table of commands."""
    for command, listed, schema in COMMANDS:
        shape = _noun(schema) or _fields(schema)
        printed = f'{{"items": [{shape}]}}' if listed else shape
        yield f"| {command} | `{printed}` |"


def _noun(schema: type[BaseModel]) -> str:
    """The noun's name; empty when it has none."""
    return next((name for name, one in NOUNS.items() if one is schema), "")


def _fields(schema: type[BaseModel]) -> str:
    """`{"…", "…"}`; fields of a noun that it extends are named by that noun."""
    nouns = tuple(NOUNS.values())
    bases = (one for one in schema.__mro__[1:] if issubclass(one, BaseModel) and one in nouns)
    above = next(bases, None)
    known = above.model_fields if above else {}
    begins = [_noun(above)] if above else []
    own = [
        _field(name, field.annotation)
        for name, field in schema.model_fields.items()
        if name not in known
    ]
    return f"{{{', '.join(begins + own)}}}"


def _field(name: str, hint: Any) -> str:
    inner = _inner(hint)
    return f'"{name}": {inner}' if inner else f'"{name}"'


def _inner(hint: Any) -> str:
    """The shape of a value that is an object or holds some; empty for plain ones."""
    origin, args = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return _noun(hint) or _fields(hint)
    if origin is UnionType:
        return next(filter(None, map(_inner, args)), "")
    if origin is list:
        inside = _inner(args[0])
        return f"[{inside}]" if inside else ""
    if origin is dict:
        return f"{{…: {_inner(args[1]) or '…'}}}"
    return ""
