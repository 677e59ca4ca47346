"""Notes on what search results may lack and what to start, one sentence each."""

from collections.abc import Iterator

from linkshot.domain.language import Language
from linkshot.system.config import Settings
from linkshot.use_cases.index_completeness import COUNT_LIMIT, Completeness
from linkshot.use_cases.running_roles import start_commands


def sentences(
    found: Completeness, language: Language, settings: Settings, how_to_add: str
) -> Iterator[str]:
    """One for each thing that is missing; none when results are complete.

    `how_to_add` is the clause in which the front end says how a first link is added.
    """
    if found.empty:
        yield language.gettext("No link is kept yet: %(how_to_add)s", how_to_add=how_to_add)
    if found.rebuilding:
        yield language.gettext(
            "The search index is being made again; some links may be missing here."
        )
    if found.unvisited:
        yield language.gettext(
            "Links not visited yet: %(n)s. The words of their pages cannot be found before that.",
            n=_count(found.unvisited, language),
        )
    if found.unindexed is None:
        yield index_unknown(language)
    elif found.unindexed:
        yield language.gettext(
            "Changes not in the search index yet: %(n)s.", n=_count(found.unindexed, language)
        )
    if found.unreadable:
        yield language.ngettext(
            "A text of %(n)s link is damaged in the store; its words cannot be found. "
            "“linkshot verify” names it.",
            "Texts of %(n)s links are damaged in the store; their words cannot be found. "
            "“linkshot verify” names them.",
            found.unreadable,
        )
    if found.not_running:
        yield what_to_start(found.not_running, language, settings)


def what_to_start(roles: tuple[str, ...], language: Language, settings: Settings) -> str:
    """Tells which commands start the roles that are not running."""
    commands = "”, “".join(start_commands(roles, settings))
    return language.gettext("Nobody is at work on it: start “%(commands)s”.", commands=commands)


def waiting_changes(unindexed: int, language: Language, *, indexer_runs: bool) -> str:
    """Tells how many changes the search index lacks, and whether they are on their way."""
    if indexer_runs:
        return language.ngettext(
            "%(n)s change on its way to the search index",
            "%(n)s changes on their way to the search index",
            unindexed,
        )
    return language.ngettext(
        "%(n)s change waits for the search index: no indexer is running",
        "%(n)s changes wait for the search index: no indexer is running",
        unindexed,
    )


def index_unknown(language: Language) -> str:
    """Tells that nobody knows what the search index lacks."""
    return language.gettext(
        "The queue does not answer: how much the search index lacks is not known."
    )


def _count(number: int, language: Language) -> str:
    if number > COUNT_LIMIT:
        return language.gettext("more than %(n)s", n=language.number(COUNT_LIMIT))
    return language.number(number)
