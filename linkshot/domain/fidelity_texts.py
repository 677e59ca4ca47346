"""Sentences for how well a snapshot shows its page again. (pure)"""

from collections.abc import Iterator, Mapping

from linkshot.domain.fidelity import Fidelity, RenderingScore, is_unjudged
from linkshot.domain.language import Language


def _(message: str) -> str:
    """Marks a message for extraction; it is translated when it is said."""
    return message


NOT_CHECKED = _("not checked: nobody has compared it with the page as it was visited")
UNJUDGED: Mapping[str, str] = {
    "time": _("could not be checked in time"),
    "crash": _("could not be checked: the browser ended"),
    "browser": _("could not be checked: the browser refused it"),
}
"""Why the check itself failed → in words."""
SAVED_PAGE, ARCHIVE = _("the saved page"), _("the web archive")


def fidelity_text(checked: Fidelity | None, language: Language) -> str:
    """How what is stored compares with the visit, on one line."""
    if checked is None:
        return language.gettext(NOT_CHECKED)
    scores = ((SAVED_PAGE, checked.page), (ARCHIVE, checked.archive))
    parts = (
        language.gettext(
            "%(what)s: %(score)s", what=language.gettext(name), score=_score(score, language)
        )
        for name, score in scores
        if score is not None
    )
    return language.gettext("; ").join(parts)


def _score(score: RenderingScore, language: Language) -> str:
    if is_unjudged(score):
        return language.gettext(UNJUDGED.get(score.failed, UNJUDGED["browser"]))
    if score.failed:
        return language.gettext("could not be shown")
    return language.gettext(", ").join(_figures(score, language))


def _figures(score: RenderingScore, language: Language) -> Iterator[str]:
    if score.pixels is not None:
        yield language.gettext("%(share)s of the picture differ", share=f"{score.pixels:.1%}")
    if score.text is not None:
        yield language.gettext("%(share)s of the words are there", share=f"{score.text:.1%}")
    if score.missing:
        yield language.ngettext(
            "one request has no answer", "%(n)s requests have no answer", score.missing
        )
    if score.leaks:
        yield language.ngettext(
            "one attempt to reach the network",
            "%(n)s attempts to reach the network",
            score.leaks,
        )
    if score.pixels is None and score.text is None:
        yield language.gettext("nothing to compare")
