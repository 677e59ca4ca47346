"""What an answer cannot have found yet, in the reader's words, with what to do about it."""

from collections.abc import Iterator

from linkshot.system.config import Settings
from linkshot.use_cases.index_completeness import COUNTED, Gaps
from web.language import Tongue


def sentence(found: Gaps, tongue: Tongue, settings: Settings) -> str:
    """Everything in one paragraph; empty when nothing is missing."""
    return ("" if tongue.tag == "zh-CN" else " ").join(_sentences(found, tongue, settings))


def what_to_start(roles: tuple[str, ...], tongue: Tongue, settings: Settings) -> str:
    """That nobody does these roles, and how somebody does."""
    names = ("up",) if settings.is_embedded("queue") else roles
    commands = ", ".join(f"linkshot {name}" for name in names)
    return tongue.say("Nobody is at work on it: start “%(commands)s”.", commands=commands)


def _sentences(found: Gaps, tongue: Tongue, settings: Settings) -> Iterator[str]:
    if found.empty:
        yield tongue.say("No link is kept yet: paste one into the box above.")
    if found.rebuilding:
        yield tongue.say("The search index is being made again; some links may be missing here.")
    if found.unvisited:
        yield tongue.say(
            "Not visited yet: %(links)s. The words of their pages cannot be found before that.",
            links=_links(found.unvisited, tongue),
        )
    if found.unindexed is None:
        yield tongue.say("The queue does not answer: how much the search index lacks is not known.")
    elif found.unindexed:
        yield tongue.say(
            "Not in the search index yet: %(changes)s.",
            changes=_changes(found.unindexed, tongue),
        )
    if found.unreadable:
        yield tongue.count(
            "A text of %(n)s link is damaged in the store; its words cannot be found.",
            "Texts of %(n)s links are damaged in the store; their words cannot be found.",
            found.unreadable,
        )
    if found.not_running:
        yield what_to_start(found.not_running, tongue, settings)


def _links(number: int, tongue: Tongue) -> str:
    if number > COUNTED:
        return tongue.say("more than %(n)s links", n=tongue.number(COUNTED))
    return tongue.count("%(n)s link", "%(n)s links", number)


def _changes(number: int, tongue: Tongue) -> str:
    if number > COUNTED:
        return tongue.say("more than %(n)s changes", n=tongue.number(COUNTED))
    return tongue.count("%(n)s change", "%(n)s changes", number)
