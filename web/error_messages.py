"""Error messages for people: one translated sentence for each error code."""

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.errors import LinkshotError, PageNotChosen, QuerySyntax, TooMany
from web.language import Translator


def error_message(error: LinkshotError, translator: Translator) -> str:
    """The translated message of an error; the error's own English one where its code is unknown."""
    if isinstance(error, QuerySyntax) and error.code != "query.too_broad":
        return translator.gettext(
            "The search cannot be read from character %(place)s on: %(why)s.",
            place=error.position + 1,
            why=translator.gettext(error.template, **error.values),
        )
    known = ERROR_MESSAGES.get(error.code)
    if isinstance(error, TooMany) and known:
        return translator.gettext(known, limit=error.limit)
    if isinstance(error, PageNotChosen) and known:
        pages = " ".join(error.pages)
        return translator.gettext("%(what)s: %(why)s", what=translator.gettext(known), why=pages)
    return translator.gettext(known) if known else error.message


def message_of_code(code: str, detail: str, translator: Translator) -> str:
    """The translated message of a code; `detail` where the code is unknown."""
    known = ERROR_MESSAGES.get(code)
    return translator.gettext(known) if known else detail
