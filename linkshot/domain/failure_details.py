"""Details of failures that linkshot itself writes: one English source each, read back for translation. (pure)

A failure carries its detail as an English string (`error.detail` in REST, in messages and in manifests).
Each string is made of a template here, and read back by the same template: the whole of it has to
match, and what fills its places is of a narrow form, so that words of other programs are not taken for
ours. Results that an older worker stored are read alike.
"""

import re
from functools import cache

from linkshot.domain.language import Language


def _(message: str) -> str:
    """Marks a message for extraction; it is translated when it is said."""
    return message


DETAILS = {
    "answered": _("the server answered %(status)s"),
    "answer.none": _("no answer came for the page itself"),
    "answer.late": _("the server did not begin to answer in time"),
    "answer.broke_off": _("the answer broke off before anything of it came"),
    "page.too_large": _("the page has over %(bytes)s bytes"),
    "page.left": _("the page left for an address that is not kept"),
    "page.silent": _("script: the page did not answer any more"),
    "page.process_ended": _("the page's process ended"),
    "redirect.scheme": _("the page redirects to %(scheme)s:"),
    "robots.forbids": _("robots.txt does not allow this page"),
    "robots.answered": _("robots.txt: the server answered %(status)s"),
    "robots.unread": _("robots.txt: %(error)s"),
    "browser.ended": _("the browser ended again and again"),
    "browser.killed": _("its browser had to be killed"),
    "visit.deadline": _("the whole visit took longer than its deadline"),
    "visit.silent": _("nothing was heard of the visit"),
    "visit.lost": _("the visit was lost %(losses)s times while it was alone in the worker"),
    "visit.expired": _("its turn came after not_after"),
    "cookies.no_key": _("the worker has no key for cookies"),
    "cookies.other_key": _("they were sealed for another key; import them again"),
    "cookies.gone": _("they were removed or replaced meanwhile"),
    "cookies.damaged": _("the sealed cookies are damaged; import them again"),
    "cookies.not_set": _("the browser does not take them; import them again"),
    "result.refused": _("the queue refuses its result"),
    "stage.dropped": _("dropped by %(stage)s"),
    "page.timeout": _("the page did not answer within %(seconds)s s"),
}
"""Code → English with places for values; as part of a sentence."""
FORMS = {
    "status": "[1-9][0-9]{2}",
    "bytes": "[0-9]{1,15}",
    "losses": "[0-9]{1,6}",
    "scheme": "[A-Za-z][A-Za-z0-9+.-]{0,30}",
    "error": "[A-Z][A-Za-z0-9]{0,60}",
    "seconds": "[0-9]{1,6}",
    "stage": "[a-z][a-z_.]{0,80}",
}
"""Name of a place → the form of what may stand in it."""
COUNTS = ("bytes", "losses", "seconds")
"""Places whose number is written as the reader writes numbers."""
_TIMEOUT = re.compile(r"(?:[A-Z][A-Za-z]*\.[a-z_]+: )?Timeout ([0-9]{1,9})ms exceeded\.(?: .*)?")
"""Playwright's own words for a time limit of ours."""


def detail_text(code: str, **values: object) -> str:
    """The detail with this code, in English."""
    return DETAILS[code] % values


def translated(text: str, language: Language) -> str | None:
    """A detail in this language; None when linkshot did not write it."""
    timeout = _TIMEOUT.fullmatch(text)
    if timeout is not None:
        text = detail_text("page.timeout", seconds=round(int(timeout[1]) / 1000))
    for code, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return language.gettext(DETAILS[code], **_values(found.groupdict(), language))
    return None


def _values(given: dict[str, str], language: Language) -> dict[str, object]:
    return {
        name: language.number(int(value)) if name in COUNTS else value
        for name, value in given.items()
    }


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((code, re.compile(_pattern(template))) for code, template in DETAILS.items())


def _pattern(template: str) -> str:
    """The regular expression of a template: its words as they are, each place in its form."""
    words = re.split(r"%\((\w+)\)s", template)
    return "".join(
        f"(?P<{part}>{FORMS[part]})" if place else re.escape(part)
        for part, place in zip(words, [n % 2 for n in range(len(words))], strict=True)
    )
