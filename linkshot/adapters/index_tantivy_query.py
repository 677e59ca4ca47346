"""Query trees as queries of tantivy."""

import re
from collections.abc import Iterable, Sequence

import tantivy
from tantivy import Occur, Query

from linkshot.adapters import index_tantivy_schema as docs
from linkshot.adapters.index_terms import FLAGS, TIMES, TITLE_WEIGHT
from linkshot.query import (
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
    Site,
    Status,
    TagIds,
    Text,
)
from linkshot.query import Query as Tree
from linkshot.text.tokens import TokenPhrase, phrase_variants

FEW_WAYS, MOST_WAYS = 64, 16_000
"""tantivy's pattern query tries up to 16,384 terms in each segment."""
FEW_VALUES = 50


def constant_score(query: Query) -> Query:
    """Matches the same and adds nothing to the score."""
    return Query.const_score_query(query, 0.0)


class Translation:
    """Trees as tantivy's queries, against one state of the index."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    def of(self, tree: Tree) -> Query:
        """What is no text adds nothing to the score."""
        if isinstance(tree, And):
            return self._all(tree.children)
        if isinstance(tree, Or):
            return _any(self.of(child) for child in tree.children)
        if isinstance(tree, Not):
            return self._all((tree,))
        if isinstance(tree, Text):
            wanted = [one for one in phrase_variants(tree.text, tree.prefix) if one.tokens]
            names = (tree.field,) if tree.field else TEXT_FIELDS
            return _any(self._in_field(name, one) for name in names for one in wanted)
        return constant_score(_filter(tree))

    def _all(self, children: Sequence[Tree]) -> Query:
        """A query of nothing but exclusions matches everything else."""
        parts = [
            (Occur.MustNot, self.of(child.child))
            if isinstance(child, Not)
            else (Occur.Must, self.of(child))
            for child in children
        ]
        if all(occur == Occur.MustNot for occur, _ in parts):
            parts.append((Occur.Must, constant_score(Query.all_query())))
        return Query.boolean_query(parts)

    def _in_field(self, name: str, wanted: TokenPhrase) -> Query:
        query = (
            self._prefix(name, wanted.tokens)
            if wanted.prefix
            else _phrase_query(name, wanted.tokens)
        )
        return Query.boost_query(query, TITLE_WEIGHT) if name == "title" else query

    def _prefix(self, name: str, tokens: Sequence[str]) -> Query:
        """Every way the last token goes on, after the others in a row.

        tantivy's phrase-prefix query stops at 50 ways. A few ways are tried one by one, many by
        its pattern query, which refuses more than it can expand.
        """
        *head, tail = tokens
        if not head and len(tail) == 1:
            return Query.const_score_query(docs.term(docs.prefix_field(name), tail), 1.0)
        if not head:
            return Query.regex_query(docs.schema(), name, re.escape(tail) + ".*")
        within = docs.both(_phrase_query(name, head), docs.term(docs.prefix_field(name), tail[0]))
        # Looked for in documents that hold the rest already: most ways a token goes on are not in these.
        ends = [end for end, count in self._searcher.terms_with_prefix(name, tail, within) if count]
        if len(ends) > FEW_WAYS and len(self._searcher.terms_with_prefix(name, tail)) <= MOST_WAYS:
            patterns: list[str | tuple[int, str]] = [re.escape(token) for token in head]
            patterns.append(re.escape(tail) + ".*")
            return Query.regex_phrase_query(docs.schema(), name, patterns)
        return _any(_phrase_query(name, (*head, end)) for end in ends)


def _any(parts: Iterable[Query]) -> Query:
    given = [(Occur.Should, part) for part in parts]
    return Query.boolean_query(given) if given else Query.empty_query()


def _phrase_query(name: str, tokens: Sequence[str]) -> Query:
    """The tokens one after the other."""
    if len(tokens) == 1:
        return Query.term_query(docs.schema(), name, tokens[0], "freq")
    return Query.phrase_query(docs.schema(), name, list(tokens))


def _filter(tree: Tree) -> Query:
    match tree:
        case All():
            return Query.all_query()
        case TagIds(ids):
            return any_of("f_tag", sorted(ids))
        case Site(host):
            return docs.term("suffix", host)
        case Between(what, start, end):
            # A time that is not known is 0, the key of a link that has not changed lies below it.
            first = start if what == "added" else max(start, 1)
            return docs.between(TIMES[what], first, end)
        case At(start, end):
            seen = (
                docs.between("seen_from", 0, end),
                docs.between("seen_to", start, docs.MAX_INTEGER),
            )
            return docs.both(*seen)
        case Language(tag):
            return docs.term("lang", tag)
        case Status(code):
            return docs.term("f_status", str(code))
        case HasNote():
            return docs.term("flag", "note")
        case Is(what):
            return docs.term("flag" if what in FLAGS else "f_state", what)
    raise TypeError(f"{type(tree).__name__} cannot be searched")


def any_of(name: str, values: Sequence[str] | Sequence[int]) -> Query:
    """Documents with one of these values."""
    if not values:
        return Query.empty_query()
    return Query.term_set_query(docs.schema(), name, values)


def one_of(name: str, values: Sequence[str]) -> str:
    """any_of() in the words of tantivy's query language, which is how its aggregations filter; for
    at most FEW_VALUES, beyond them a search of its own is quicker."""
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return " OR ".join(f"{name}:{value}" for value in quoted)
