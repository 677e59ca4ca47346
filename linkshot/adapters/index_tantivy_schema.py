"""The tantivy schema, and documents and terms in it."""

from functools import cache

import tantivy
from tantivy import FieldType, Occur, Query

from linkshot.adapters.index_terms import TOMBSTONE, VERSION, fields_of, tombstone_of
from linkshot.domain.model import IndexDocument
from linkshot.ports import FACETS, Removal, Trim
from linkshot.query import TEXT_FIELDS

INTEGERS = ("kind", "rev", "by_added", "by_changed", "taken_at", "seen_from", "seen_to")
MAX_INTEGER = 2**62


@cache
def schema() -> tantivy.Schema:
    """Text by position, names as they are, numbers signed (Document stores Python's int so)."""
    builder = tantivy.SchemaBuilder()
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field(
            prefix_field(name), tokenizer_name="whitespace", index_option="basic"
        )
    for name in ("id", "link"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("suffix", "lang", "flag"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(f"f_{name}", fast=True, tokenizer_name="raw", index_option="basic")
    for name in INTEGERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_bytes_field("raw", stored=True)
    return builder.build()


def document(source: IndexDocument, text_bytes: int) -> tantivy.Document:
    """A link's document or a version's."""
    fields = fields_of(source, text_bytes)
    made = _named(source.id, source.link_id, fields.kind, source.rev)
    for name, stream in fields.streams.items():
        made.add_text(name, stream)
        # each first character once: the field tells whether there is one, not where
        made.add_text(prefix_field(name), " ".join({token[0] for token in stream.split()}))
    made.add_bytes("raw", fields.text.encode("utf-8", "replace"))
    several = {"suffix": fields.suffixes, "lang": fields.languages, "flag": fields.flags}
    several |= {f"f_{name}": values for name, values in fields.facets.items()}
    for name, values in several.items():
        for value in values:
            made.add_text(name, value)
    for name in INTEGERS[2:]:
        made.add_integer(name, getattr(source, name))
    return made


def tombstone(change: Removal | Trim) -> tantivy.Document:
    """Hidden; stays beside documents of the same link that are newer."""
    return _named(tombstone_of(change), change.link_id, TOMBSTONE, change.rev)


def prefix_field(name: str) -> str:
    """The field with the first characters of a text field's tokens.

    A single Han character is the beginning of thousands of tokens, and here one term.
    """
    return f"{name}_start"


def term(name: str, value: str | int) -> Query:
    """Documents with exactly this value."""
    return Query.term_query(schema(), name, value, "basic")


def between(name: str, start: int, end: int) -> Query:
    """`start <= value < end`."""
    if start >= end:
        return Query.empty_query()
    return Query.range_query(
        schema(), name, FieldType.Integer, start, end, include_lower=True, include_upper=False
    )


def both(*queries: Query) -> Query:
    """All of them."""
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def outdated_by(change: Removal | Trim) -> Query:
    """Everything of the link up to this revision; its versions below this revision."""
    mine = term("link", change.link_id)
    if isinstance(change, Removal):
        return both(mine, between("rev", -MAX_INTEGER, change.rev + 1))
    return both(mine, term("kind", VERSION), between("rev", -MAX_INTEGER, change.rev))


def _named(document_id: str, link_id: str, kind: int, rev: int) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("id", document_id)
    made.add_text("link", link_id)
    made.add_integer("kind", kind)
    made.add_integer("rev", rev)
    return made
