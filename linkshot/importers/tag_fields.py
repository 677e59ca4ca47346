"""Makes tags of the names and folders of a file, cut to what a tag can be. (pure)"""

from collections.abc import Iterable
from functools import lru_cache

from linkshot.domain.tag_paths import fitting

ARCHIVED = "linkding:bookmarks.archived"


def tags_of(
    names: Iterable[str], folders: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Full tag names, each once, the path of folders first; and codes of what was cut."""
    folder, cut = fitting(folders)
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
    path, cut = fitting(("archived",) if name == ARCHIVED else tuple(given.split("/")))
    return path.name if path else "", ("nul.removed", *cut) if "\0" in given else cut
