"""The query language: text → Query tree; matches(document); errors with position (pure)."""

from linkshot.query.tree import (
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

__all__ = [
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
]
