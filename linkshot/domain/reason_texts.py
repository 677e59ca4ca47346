"""Sentences for the codes of failures, remarks and dead letters. (pure)

Codes are for programs; logs, command line and pages say these words. They are the message ids of the
catalogue of translations: tests/integration/web_messages.py finds them here.
"""

import re
from collections.abc import Iterable

from linkshot.domain import failure_details
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.failures import FAILURES
from linkshot.domain.language import ENGLISH, Language


def _(message: str) -> str:
    """Marks words for the catalogue; they are translated when they are said."""
    return message


NETWORK = {
    "ERR_NAME_NOT_RESOLVED": _("the name has no address, or no name server answered"),
    "ERR_CONNECTION_REFUSED": _("the connection was refused"),
    "ERR_CONNECTION_RESET": _("the connection was cut off"),
    "ERR_CONNECTION_ABORTED": _("the connection was cut off"),
    "ERR_CONNECTION_CLOSED": _("the connection ended without an answer"),
    "ERR_EMPTY_RESPONSE": _("the connection ended without an answer"),
    "ERR_CONNECTION_TIMED_OUT": _("no answer came in time"),
    "ERR_TIMED_OUT": _("no answer came in time"),
    "ERR_ADDRESS_UNREACHABLE": _("the network knows no way there"),
    "ERR_INTERNET_DISCONNECTED": _("this machine has no network"),
    "ERR_NETWORK_CHANGED": _("the network of this machine changed meanwhile"),
    "ERR_CONTENT_LENGTH_MISMATCH": _("the answer broke off"),
    "ERR_INCOMPLETE_CHUNKED_ENCODING": _("the answer broke off"),
    "ERR_CONTENT_DECODING_FAILED": _("the answer could not be unpacked"),
    "ERR_INVALID_HTTP_RESPONSE": _("what came is not HTTP"),
    "ERR_HTTP2_PROTOCOL_ERROR": _("the answer broke the rules of HTTP/2"),
    "ERR_RESPONSE_HEADERS_TOO_BIG": _("the head of the answer is too large"),
    "ERR_CERT_DATE_INVALID": _("the certificate has expired or is not valid yet"),
    "ERR_CERT_COMMON_NAME_INVALID": _("the certificate belongs to another site"),
    "ERR_CERT_AUTHORITY_INVALID": _("the certificate was not issued by a trusted authority"),
    "ERR_CERT_REVOKED": _("the certificate was revoked"),
    "ERR_SSL_PROTOCOL_ERROR": _("the encryption could not be agreed on"),
    "ERR_SSL_VERSION_OR_CIPHER_MISMATCH": _("the site offers only encryption that is not safe"),
    "ERR_BAD_SSL_CLIENT_AUTH_CERT": _("the site asks its visitors for a certificate"),
    "ERR_UNSAFE_PORT": _("browsers do not open this port"),
}
"""Chromium's code of a network error → what happened, as part of a sentence, where that says more than
the kind of the failure; other codes are for programs only."""
_NETWORK_DETAIL = re.compile(r"(?:(\S+:\d+)(?: |$))?(ERR_[A-Z0-9_]+)?")
_NETWORK_CODE = re.compile(r"\bERR_[A-Z0-9_]+")
_REFUSED = re.compile(r"(url\.[a-z_]+): ")
"""Begins the detail of an address that was refused, before its error's own sentence."""

REMARKS = {
    "load": _("some parts of the page did not load in time"),
    "quiet": _("the page went on loading and was not waited for any longer"),
    "settle": _("the page was still moving when it was taken"),
    "freed": _("a part that never came was given up"),
    "scroll": _("the page was not scrolled to its end; pictures further down may be missing"),
    "scrolled_away": _(
        "the page takes parts away when it is scrolled: %(n)s texts that were seen are not in the snapshot"
    ),
    "inner_scroll": _(
        "the page scrolls inside a box whose content is %(n)s pixels high; the screenshot shows its beginning"
    ),
    "script": _("a script kept the page busy"),
    "unrendered": _("the browser could not show the page; what was kept is the answer of the site"),
    "scripts_off": _("the page ended the browser, and is shown without its scripts"),
    "first_screen": _("the screenshot shows only the first screen"),
    "requests": _("the page asked for more files than are loaded; the rest is missing"),
    **{kind: FAILURES[kind].sentence for kind in ("timeout", "memory", "crash")},
    "dialogs": _("the page opened dialogs again and again"),
    "screenshot": _("the screenshot could not be made"),
    "thumbnail": _("the preview could not be made"),
    "html": _("the page could not be read whole"),
    "dom": _("the text was read in a simpler way and may hold words that nobody sees"),
    "freeze": _("the page was saved in a simpler way and may look different"),
    "mhtml": _("the saved page was made of the browser's own archive of the page (page.mhtml)"),
    "frames_left_out": _("%(n)s frames are missing from the saved page"),
    "styles": _("some style sheets are missing"),
    "favicon": _("the icon of the site is missing"),
    "parts": _("some pictures or fonts are missing from the saved page"),
    "bytes": _("the page sent more than is taken; the rest was cut off"),
    "navigations": _("the page led on again and again"),
    "login": _("a part of the page asks for a login"),
    "body": _("the end is missing"),
    "body_limit": _(
        "the answer is longer than is taken, or never ends: its first %(n)s bytes are kept"
    ),
    "body_time": _("the answer did not end in its time; what had come of it is kept"),
    "end": _("the page breaks off without its closing tag; its end may be missing"),
    "meta": _("title and details could not be read"),
    "page": _("the page could not be made ready for viewing"),
    "reader": _("the article could not be taken out of the page"),
    "text": _("the text could not be read"),
    "original": _("the file could not be kept"),
    "parts_left_out": _("%(n)s pictures or fonts are missing from the saved page"),
    "wacz": _("the web archive could not be made"),
    "pdf": _("the PDF could not be made"),
    "mobile": _("the mobile view could not be made"),
    "archive_cut": _("%(n)s files of the page are too large to be whole in the web archive"),
    "archive_left_out": _("%(n)s requests of the page are missing from the web archive"),
    "answers_withheld": _(
        "the browser withheld %(n)s answers of other sites from the page; they are not in the web archive"
    ),
    "screenshot_height": _("the screenshot ends before the page, which is %(n)s pixels high"),
    "screenshot_width": _("the screenshot ends before the page, which is %(n)s pixels wide"),
    "pdf_pages": _("the text holds only the first pages of %(n)s"),
    "text_length": _("the text was cut off, because it is too long"),
    "uploaded": _("uploaded from your browser, not visited by linkshot"),
    "cookies_used": _("visited with your cookies for %(n)s"),
    "cookies_expired": _(
        "the cookies for %(n)s may have expired: log in with your browser, export them anew and import them"
    ),
    "cookies_redacted": _("%(n)s places that repeated a value of your cookies were blacked out"),
    "uploaded_archive": _("shown from an uploaded web archive, not visited by linkshot"),
    "archive_missing": _("%(n)s pictures, sheets or scripts are missing from the web archive"),
    "archive_digests": _(
        "%(n)s records of the web archive are not what their digests say; they were used all the same"
    ),
    "archive_broken": _(
        "the web archive is damaged or breaks off; what could be read until there was used"
    ),
    "certificate": _("the certificate of the site is not valid"),
    "certificate_hop": _("the certificate of %(n)s, which led to the page, is not valid"),
    "browser_error_page": _("what came was the browser's own error page"),
    "bot_wall": _("the site wants proof that a person is reading"),
    "needs_javascript": _("the page shows nothing without its scripts"),
    "no_text": _("there is no text on the page"),
    "no_content": _("nothing came"),
    "soft_404": _("the page says that there is no such page"),
    "login_form": _("the page is a login form"),
    "soft_error": _("the page says that the site has an error"),
    "turned_away": _("the page says that it is not shown to this visitor"),
    "login_first": _("the page says that one has to log in first"),
    "consent": _("a box that asks for consent covers the page"),
    "consent_rejected": _("the box that asked for consent was answered with a refusal (%(n)s)"),
    "consent_closed": _("the box that asked for consent was closed without an answer (%(n)s)"),
    "consent_gone": _(
        "the box that asked for consent went away; whether it was answered is not known (%(n)s)"
    ),
    "consent_hidden": _("the box that asked for consent was hidden (%(n)s)"),
    "charset": _("the text looks as if it was read in a wrong charset"),
    "page_differs": _("the saved page looks different from the page, or lacks words of it"),
    "page_leaks": _("the saved page asks the network for parts of it"),
    "archive_differs": _("shown from the web archive, the page looks different or lacks words"),
}
"""Reason of a verdict, or what was cut short → in words; `n` stands after a colon (`pdf_pages:501`)."""

DEAD = {
    "message.undecodable": _("it is no message of linkshot's"),
    "message.version": _("it was written by a newer version of linkshot"),
    "message.too_large": _("it is larger than any message of linkshot's"),
    "message.unsigned": _("no linkshot of this store has signed it"),
    "message.forged": _("its signature does not fit what it says"),
    "visit.lost": _("visiting it ended the worker again and again"),
    "index.failed": _("it could not be written into the search index"),
    "internal": _("linkshot itself stumbled over it"),
    "skipped": _("somebody asked for it to be skipped"),
}
"""Reason of a dead letter → in words."""


def remark(word: str, language: Language) -> str:
    """A reason of a verdict in words; a reason of a newer worker stands for itself."""
    code, colon, n = word.partition(":")
    if code not in REMARKS or bool(colon) != ("%(n)s" in REMARKS[code]):
        return word.replace("http_", "HTTP ")
    if not colon:
        return language.gettext(REMARKS[code])
    count = language.number(int(n)) if n.isdecimal() and len(n) < 20 else n
    return language.gettext(REMARKS[code], n=count)


def remarks(words: Iterable[str], language: Language) -> str:
    """All reasons of a verdict on one line."""
    return language.gettext("; ").join(remark(word, language) for word in words)


def detail(text: str, language: Language) -> str:
    """The detail of a failure for people; empty when the kind of the failure says it all.

    A code of the browser becomes its words in NETWORK, or nothing. What linkshot wrote is translated,
    the words of other programs stay as they are: quoted where the language is another than theirs.
    """
    plain = _NETWORK_DETAIL.fullmatch(text)
    if plain is not None:
        where, code = re.sub(r":(?:80|443)$", "", plain[1] or ""), plain[2] or ""
        return what_and_why(where, _network(code, language), language)
    refused = _REFUSED.match(text)
    if refused is not None and refused[1] in ERROR_MESSAGES:
        return language.gettext(ERROR_MESSAGES[refused[1]]).rstrip(".。")
    inside = _NETWORK_CODE.search(text)
    if inside is not None:
        return _network(inside[0], language)
    return translated_or_quoted(text, language)


def translated_or_quoted(text: str, language: Language) -> str:
    """A detail that linkshot wrote in this language; another one as a quotation where English is foreign."""
    ours = failure_details.translated(text, language)
    return language.gettext("%(foreign)s", foreign=text) if ours is None and text else ours or ""


def _network(code: str, language: Language) -> str:
    known = NETWORK.get(code)
    return language.gettext(known) if known else ""


def what_and_why(what: str, why: str, language: Language) -> str:
    """Two parts of an explanation on one line; either may be empty."""
    if what and why:
        return language.gettext("%(what)s: %(why)s", what=what, why=why)
    return what or why


def reason(kind: str, language: Language = ENGLISH) -> str:
    """Why a visit failed, as part of a sentence; a kind of a newer worker stands for itself."""
    known = FAILURES.get(kind)
    if known is None:
        return language.gettext("it failed (%(kind)s)", kind=kind)
    return language.gettext(known.sentence)
