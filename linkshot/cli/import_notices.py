"""Says the notices of an import on a terminal."""

from linkshot.cli.language import terminal_language
from linkshot.cli.user_texts import is_chinese
from linkshot.domain.import_notices import NOTICES
from linkshot.domain.import_notices import notice_message as sentence

ADVICE = {
    "date.kept": ("; --take-dates takes the earlier one", "；加上 --take-dates 则改用更早的时间"),
    "title.kept": (": linkshot edit LINK --title TEXT", "：linkshot edit LINK --title TEXT"),
}
"""Code → what only the command line can do about it, in English and Chinese."""


def notice_message(code: str) -> str:
    """The message in the terminal's language, to stand inside a line; the code itself where it is unknown."""
    if code not in NOTICES:
        return code
    chinese = is_chinese()
    text = sentence(code, terminal_language()).rstrip(".。")
    start = text[0] if chinese or text[1].isupper() else text[0].lower()
    return f"{start}{text[1:]}{ADVICE.get(code, ('', ''))[chinese]}"
