"""Reads a catalogue of translations (.po) of the pages, for a terminal in another language than English.

Not gettext and Babel: compiling the catalogue takes ten times as long, more than most commands. What the
catalogue of the pages uses of the format is read (GNU gettext manual, "The Format of PO Files"):
msgid, msgid_plural, msgstr and msgstr[0], as strings over one or more lines, and comments.
"""

import json
import re
from pathlib import Path

ENTRY = re.compile(
    r'^msgid ((?:"[^\n]*"\n)+)(?:msgid_plural (?:"[^\n]*"\n)+)?msgstr(?:\[0\])? ((?:"[^\n]*"(?:\n|\Z))+)',
    re.MULTILINE,
)


def read_po(file: Path) -> dict[str, str]:
    """Message id → translation; of plurals the singular's id and the first form."""
    return {
        _joined(message): _joined(translation)
        for message, translation in ENTRY.findall(file.read_text("utf-8"))
    }


def _joined(lines: str) -> str:
    """The text of quoted lines; their escapes (\\n, \\t, \\", \\\\) are those of JSON."""
    return "".join(str(json.loads(line)) for line in lines.splitlines())
