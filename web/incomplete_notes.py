"""Translated notes on why search results may be incomplete, and what to start or repair."""

from collections.abc import Iterator

from linkshot.system.config import Settings
from linkshot.use_cases.index_completeness import COUNT_LIMIT, Completeness
from linkshot.use_cases.running_roles import start_commands
from web.language import Translator


def sentence(found: Completeness, translator: Translator, settings: Settings) -> str:
    """All notes in one paragraph; empty when results are complete."""
    return ("" if translator.tag == "zh-CN" else " ").join(_sentences(found, translator, settings))


def what_to_start(roles: tuple[str, ...], translator: Translator, settings: Settings) -> str:
    """Tells which command starts the roles that are not running."""
    commands = ", ".join(start_commands(roles, settings))
    return translator.gettext("Nobody is at work on it: start “%(commands)s”.", commands=commands)


def _sentences(found: Completeness, translator: Translator, settings: Settings) -> Iterator[str]:
    if found.empty:
        yield translator.gettext("No link is kept yet: paste one into the box above.")
    if found.rebuilding:
        yield translator.gettext(
            "The search index is being made again; some links may be missing here."
        )
    if found.unvisited:
        yield translator.gettext(
            "Not visited yet: %(links)s. The words of their pages cannot be found before that.",
            links=_links(found.unvisited, translator),
        )
    if found.unindexed is None:
        yield translator.gettext(
            "The queue does not answer: how much the search index lacks is not known."
        )
    elif found.unindexed:
        yield translator.gettext(
            "Not in the search index yet: %(changes)s.",
            changes=_changes(found.unindexed, translator),
        )
    if found.unreadable:
        yield translator.ngettext(
            "A text of %(n)s link is damaged in the store; its words cannot be found.",
            "Texts of %(n)s links are damaged in the store; their words cannot be found.",
            found.unreadable,
        )
    if found.not_running:
        yield what_to_start(found.not_running, translator, settings)


def _links(number: int, translator: Translator) -> str:
    if number > COUNT_LIMIT:
        return translator.gettext("more than %(n)s links", n=translator.number(COUNT_LIMIT))
    return translator.ngettext("%(n)s link", "%(n)s links", number)


def _changes(number: int, translator: Translator) -> str:
    if number > COUNT_LIMIT:
        return translator.gettext("more than %(n)s changes", n=translator.number(COUNT_LIMIT))
    return translator.ngettext("%(n)s change", "%(n)s changes", number)
