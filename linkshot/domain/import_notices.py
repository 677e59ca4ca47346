"""Notices of an import: what was changed about a row that was accepted, as one sentence for each code. (pure)

The sentences are message ids of the catalogue of translations.
"""

from linkshot.domain.language import Language


def _(message: str) -> str:
    """Marks a message for extraction; it is translated when it is rendered."""
    return message


NOTICES = {
    "address.guessed": _("Where the address ends was guessed; please check it."),
    "archived.dropped": _(
        "The file says it is archived; linkshot has no archive, so it is in the list."
    ),
    "charset.guessed": _(
        "The line is not in the charset of the file; its words were read in the likely one. Please check them."
    ),
    "columns.dropped": _(
        "The row has more columns than the header; what stands behind them was left out."
    ),
    "comment.dropped": _("A comment (<!-- … -->) in or behind its title or note was left out."),
    "credentials_removed": _("A name or password in the address was not kept."),
    "date.clamped": _("The date lies in the future; today is kept."),
    "date.invalid": _("The date cannot be read."),
    "date.kept": _("The link was here before and keeps the date it was added."),
    "favorite.dropped": _(
        "The file says it is a favourite; linkshot has no mark for that, a tag can do."
    ),
    "folder_end.guessed": _(
        "The title or note holds </dl>, which ends a folder; whether it ends there was guessed."
    ),
    "folder_note.dropped": _(
        "The folder above it has a description, which was left out; linkshot keeps notes of links only."
    ),
    "fragment.dropped": _(
        "The address differs from that of a link that is here only behind #; that part was left out."
    ),
    "mixed_script": _("The name of the site mixes scripts, as look-alikes do."),
    "note.cut": _("The note was too long and was cut."),
    "note.dropped": _(
        "The link has a note, and with this one it would be too long; this one was left out."
    ),
    "note.joined": _("The link had a note; this one was added below it."),
    "nul.removed": _("NUL characters were taken out of the words."),
    "quote.unclosed": _(
        "A quotation mark in the row never ends; only its first line was taken. Please check it."
    ),
    "restored": _("The link was in the trash and is back."),
    "scheme_added": _("https:// was put before the address."),
    "site.no_snapshot": _(
        "The link is kept without a snapshot: a rule for its site says that its pages are not visited."
    ),
    "tag.cut": _("A tag was too long and was cut."),
    "tag.slash": _(
        "A slash inside a folder's name became ∕, because / stands between a tag and its child."
    ),
    "tag.too_deep": _("A folder had too many levels; the deepest are left out."),
    "tags.guessed": _(
        "Quotation marks stand astray in the tags; where one tag ends was guessed. Please check them."
    ),
    "tags.cut": _("There were too many tags; the first 100 are kept."),
    "title.cut": _("The title was too long and was cut."),
    "title.kept": _("The link has another title, which stays; edit the link to change it."),
    "trash.kept": _("The link is in the trash and stays there; nothing of this row was taken."),
    "words.dropped": _(
        "Words behind the bookmark are neither its title nor a note and were left out."
    ),
    "whitespace_removed": _("Line breaks inside the address were taken out."),
}
"""Code → English."""


def notice_message(code: str, language: Language) -> str:
    """The message of a code in this language; the code itself where it is unknown."""
    known = NOTICES.get(code)
    return language.gettext(known) if known else code
