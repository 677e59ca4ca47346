"""Checks a date that was found in a page against where it is written (pure).

Finders of dates take the year of a copyright line for the 1st of January, and dates of an infobox for that
of the page. A date counts when its year, month and day stand in the page outside of such places.
"""

import re
from copy import deepcopy
from datetime import date

from lxml.html import HtmlElement

ELSEWHERE = (
    "//footer|//*[contains(@class,'infobox') or contains(@class,'copyright') or contains(@id,'copyright')"
    " or contains(@class,'footer') or contains(@id,'footer')]"
)
COPYRIGHT = re.compile(r"©|\(c\)|copyright|版权|版權", re.IGNORECASE)
MONTHS = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
OTHER_LANGUAGES = re.compile(r"\b\d{1,2}\.? (?!\d)[^\W\d]{3,12}\.?(?: de)? \d{4}")
"""A day, a month in words and a year, as `2 mars 2024`."""


def is_date_of_page(found: str, page: HtmlElement, html: str) -> bool:
    """Whether a date in ISO form is written in the page where dates of pages are; `html` is its source."""
    try:
        day = date.fromisoformat(found[:10])
    except ValueError:
        return False
    rest = deepcopy(page)
    for element in rest.xpath(ELSEWHERE):
        if element.getparent() is not None:
            element.drop_tree()
    text = "".join(_without_copyright(piece) for piece in rest.itertext())
    head = html[: html.find("<body")] if "<body" in html else ""
    attributes = " ".join(rest.xpath("//time/@datetime|//meta/@content|//abbr/@title|//link/@href"))
    written = _forms(day)
    if any(written.search(one) for one in (head, attributes, text)):
        return True
    words = [one for one in OTHER_LANGUAGES.findall(text) if str(day.year) in one]
    return any(re.match(rf"0?{day.day}\b", one) for one in words)


def _without_copyright(text: str) -> str:
    """The lines of a text node that are no copyright lines."""
    if not COPYRIGHT.search(text):
        return text
    return "\n".join(line for line in text.splitlines() if not COPYRIGHT.search(line))


def _forms(day: date) -> re.Pattern[str]:
    """The ways in which the date is written."""
    month, year = MONTHS[day.month - 1], day.year
    m, d = rf"0?{day.month}", rf"0?{day.day}"
    return re.compile(
        rf"\b{year}\s*[-/.年]\s*{m}\s*[-/.月]\s*{d}(?!\d)|{year}{day.month:02}{day.day:02}"
        rf"|\b(?:{d}[-/.]{m}|{m}[-/.]{d})[-/.](?:{year}|{year % 100:02})\b"
        rf"|\b{d}(?:st|nd|rd|th)?\.?\s+(?:of\s+)?{month}\b\.?,?\s+{year}|\b{month}\b\.?\s+{d}(?:st|nd|rd|th)?,?\s+{year}",
        re.IGNORECASE,
    )
