"""Makes tags of the tag names and folders in a file, truncated to the limits of tags. (pure)"""

from collections.abc import Iterable
from functools import lru_cache

from linkshot.domain.tag_paths import truncated_path

ARCHIVED = "linkding:bookmarks.archived"


def tags_of(
    names: Iterable[str], folders: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Full tag names, each once, the path of folders first; and codes of what was cut."""
    folder, cut = truncated_path(folders)
    found: dict[str, None] = {} if folder is None else {folder.name: None}
    notices = dict.fromkeys(cut)
    for name in names:
        tag, cut = _one_tag(name)
        if tag:
            found[tag] = None
        if cut:
            notices |= dict.fromkeys(cut)
    return tuple(found), tuple(notices)


@lru_cache(maxsize=4096)
def _one_tag(given: str) -> tuple[str, tuple[str, ...]]:
    """Full name, empty for none, and codes of what was cut."""
    name = given.strip()
    if not name:
        return "", ()
    path, cut = truncated_path(("archived",) if name == ARCHIVED else tuple(given.split("/")))
    return path.name if path else "", ("nul.removed", *cut) if "\0" in given else cut
