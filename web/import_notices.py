"""Translates the notices of an import for the pages."""

from linkshot.domain.import_notices import NOTICES
from web.language import Translator


def notice_message(code: str, translator: Translator) -> str:
    """The translated message of a code; the code itself where it is unknown."""
    known = NOTICES.get(code)
    return translator.gettext(known) if known else code
