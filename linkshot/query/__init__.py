"""The query language: text → Query tree; matches(document); errors with position (pure)."""

from linkshot.query.match import language_matches, matches, site_suffixes
from linkshot.query.parser import parse
from linkshot.query.tag_terms import tag_term
from linkshot.query.tree import (
    TEXT_FIELDS,
    All,
    And,
    At,
    Between,
    HasNote,
    Is,
    Language,
    Not,
    Or,
    Query,
    Site,
    Sort,
    Status,
    TagIds,
    TagName,
    Text,
)
from linkshot.query.walk import (
    at_range,
    has_words,
    needs_visit,
    phrases,
    resolve_tags,
    tag_names,
)

__all__ = [
    "TEXT_FIELDS",
    "All",
    "And",
    "At",
    "Between",
    "HasNote",
    "Is",
    "Language",
    "Not",
    "Or",
    "Query",
    "Site",
    "Sort",
    "Status",
    "TagIds",
    "TagName",
    "Text",
    "at_range",
    "has_words",
    "language_matches",
    "matches",
    "needs_visit",
    "parse",
    "phrases",
    "resolve_tags",
    "site_suffixes",
    "tag_names",
    "tag_term",
]
