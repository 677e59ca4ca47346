"""The file name under which a stored file is downloaded: title and date of its snapshot. (pure)"""

import re
import unicodedata
from datetime import UTC, datetime

MAX_TITLE = 80
"""Characters of the title in a name."""
MAX_TITLE_BYTES = 180
"""In UTF-8: file systems take 255 bytes, and date and ending need their part."""
BARE = re.compile(r"(?:page|original|text|screenshot|archive)(\.\w+)", re.ASCII)
"""Names that say no more than their ending."""
OURS = re.compile(r"(?:reader|thumb|meta|icon|links|manifest|screenshot-\d+)\.\w+", re.ASCII)
"""Other names that linkshot gives."""
RESERVED = re.compile(r'[\\/:*?"<>|%~]+')
"""Signs that some file system or shell refuses or expands."""


def download_name(title: str, at: datetime, artifact: str) -> str:
    """`机器学习编译器-2026-11-20.html`; of the reader view `….reader.html`. A name that the file brought
    itself stays."""
    bare = BARE.fullmatch(artifact)
    if bare is None and OURS.fullmatch(artifact) is None:
        return artifact
    suffix = bare[1] if bare else f".{artifact}"
    name = clean(title) or "linkshot"
    return f"{name}-{at.astimezone(UTC):%Y-%m-%d}{suffix}"


def clean(title: str) -> str:
    """The title as part of a file name on every system: no signs that part paths or turn the direction of
    writing, not hidden, not too long; a character is never cut in two."""
    kept = "".join(
        " " if unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cc") else char
        for char in RESERVED.sub(" ", title)
        if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn")
    )
    short = " ".join(kept.split())[:MAX_TITLE]
    fits = short.encode()[:MAX_TITLE_BYTES].decode("utf-8", "ignore")
    return fits.strip(" .-_")
