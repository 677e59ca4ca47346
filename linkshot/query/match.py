"""Matches a document against a query in memory; the reference for both search indexes (pure)."""

from linkshot.domain.model import WITHOUT_DOUBT, IndexDocument, Verdict
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
    Status,
    TagIds,
    TagName,
    Text,
)
from linkshot.text.tokens import contains_phrase, phrase_variants, tokens


def matches(query: Query, document: IndexDocument) -> bool:
    """Whether a document is an answer; a link document without At, a version document with At.

    Tag leaves must have been resolved to ids.
    """
    if isinstance(query, And):
        return all(matches(child, document) for child in query.children)
    if isinstance(query, Or):
        return any(matches(child, document) for child in query.children)
    if isinstance(query, Not):
        return not matches(query.child, document)
    return _leaf(query, document)


def site_suffixes(host: str) -> list[str]:
    """The host and every host above it: what `site:` may name to find it."""
    labels = host.rstrip(".").split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def language_matches(wanted: str, language: str) -> bool:
    """`zh` finds zh and zh-TW."""
    return language.lower() == wanted or language.lower().startswith(wanted + "-")


def _leaf(query: Query, document: IndexDocument) -> bool:
    match query:
        case All():
            return True
        case Text(text, field, prefix):
            wanted = phrase_variants(text, prefix)
            texts = [
                tokens(getattr(document, name)) for name in ((field,) if field else TEXT_FIELDS)
            ]
            return any(contains_phrase(words, one) for words in texts for one in wanted)
        case TagIds(ids):
            return not ids.isdisjoint(document.tag_ids)
        case TagName():
            raise TypeError("tag names are resolved to ids before a search")
        case Site(host):
            return host in site_suffixes(document.site)
        case Between(what, start, end):
            at = _time(what, document)
            # 0 and below: no snapshot, or a page that never changed
            return start <= at < end and (what == "added" or at > 0)
        case At(start, end):
            return document.version and document.seen_from < end and document.seen_to >= start
        case Language(tag):
            return language_matches(tag, document.language)
        case Status(code):
            return document.http_status == code
        case Is(what):
            return _is(what, document)
        case HasNote():
            return bool(document.note)
    raise TypeError(f"{type(query).__name__} is not a leaf")


def _time(what: str, document: IndexDocument) -> int:
    times = {
        "added": document.by_added,
        "snapshot": document.taken_at,
        "changed": document.by_changed,
    }
    return times[what]


def _is(what: str, document: IndexDocument) -> bool:
    if what == "untagged":
        return not document.tag_ids
    if what == "partial":
        return document.verdict == Verdict.PARTIAL.value
    if what == "doubtful":
        return document.verdict not in WITHOUT_DOUBT
    if what == "unread":
        return document.unread
    if what == "watched":
        return document.watched
    return document.state == what
