"""Parses typed tag names into paths, and refuses names that cannot be tags. (pure)"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.errors import InvalidTag

MAX_CHARS = 100
"""Characters of one level of a path."""
MAX_DEPTH = 50
"""Levels of a path."""
MAX_KEY_BYTES = 2000
"""Of the whole path's key in UTF-8: PostgreSQL's index rows end at 2,704 bytes."""
MAX_TAGS = 100
"""Tags on one link."""

TRIMMED = " \t,\u3000"
"""Dropped around a name and its levels: people type `a, b`. So is `#` before it, not after: `c#`."""
HASH = f"#{TRIMMED}"


@dataclass(frozen=True, kw_only=True)
class TagPath:
    """A tag's name from its root, as typed and as compared."""

    names: tuple[str, ...]
    """Each level as shown, NFC."""
    keys: tuple[str, ...]
    """Each level under NFKC and casefold; never contains `/`."""

    @cached_property
    def name(self) -> str:
        """The full name, `ai/编译器`."""
        return "/".join(self.names)

    @cached_property
    def key(self) -> str:
        """Identity: equal keys are one tag."""
        return "/".join(self.keys)

    def up_to(self, depth: int) -> "TagPath":
        """The ancestor at this depth."""
        return TagPath(names=self.names[:depth], keys=self.keys[:depth])

    @cached_property
    def ancestors(self) -> "tuple[TagPath, ...]":
        """From the root down, itself included."""
        return tuple(self.up_to(depth) for depth in range(1, len(self.names) + 1))


@lru_cache(maxsize=4096)
def tag_path(raw: str) -> TagPath:
    """The path a typed name means; raises InvalidTag with codes `tag.*`."""
    _refuse_controls(raw)
    pairs: list[tuple[str, str]] = []
    for level in raw.replace("／", "/").split("/"):
        # the name that comes out must mean the same tag when it is given again: no # before it
        name, key = _level(level.strip(TRIMMED) if pairs else level.lstrip(HASH).strip(TRIMMED))
        if key:
            pairs.append((name, key))
    if not pairs:
        raise InvalidTag("A tag needs at least one character.", code="tag.empty", field="tags")
    path = TagPath(names=tuple(n for n, _ in pairs), keys=tuple(k for _, k in pairs))
    _refuse_long(path)
    return path


def tag_paths(raw: Sequence[str]) -> tuple[TagPath, ...]:
    """Each tag once, in order; InvalidTag also for more than MAX_TAGS."""
    found: dict[str, TagPath] = {}
    for name in raw:
        path = tag_path(name)
        found.setdefault(path.key, path)
    if len(found) > MAX_TAGS:
        raise InvalidTag(
            f"A link carries at most {MAX_TAGS} tags, these are {len(found)}.",
            code="tags.too_many",
            field="tags",
        )
    return tuple(found.values())


@lru_cache(maxsize=4096)
def truncated_path(levels: tuple[str, ...]) -> tuple[TagPath | None, tuple[str, ...]]:
    """A folder path truncated to the limits, and codes of what was cut; None when nothing is left."""
    notices = []
    kept = []
    for level in levels:
        seen = "".join(char for char in level if unicodedata.category(char) not in ("Cc", "Cs"))
        # A slash in the name of a folder does not part levels: it becomes its look-alike U+2215.
        if clean := seen.replace("/", "∕").strip(TRIMMED):
            kept.append(clean)
    if any("/" in level for level in levels):
        notices.append("tag.slash")
    if len(kept) > MAX_DEPTH:
        notices.append("tag.too_deep")
    cut = [_cut(level) for level in kept[:MAX_DEPTH]]
    if cut != kept[:MAX_DEPTH]:
        notices.append("tag.cut")
    while cut:
        try:
            return tag_path("/".join(cut)), tuple(notices)
        except InvalidTag:
            cut.pop()
            notices.append("tag.too_deep")
    return None, tuple(dict.fromkeys(notices))


def _level(raw: str) -> tuple[str, str]:
    """One level as shown and as compared (Unicode TR15 NFKC, then full case folding)."""
    name = unicodedata.normalize("NFC", raw)
    # NFKC makes a `/` of some characters (℀ is a/c), and in a key that would part levels.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw).casefold())
    return name, folded.strip(TRIMMED).replace("/", "∕")


def _refuse_controls(raw: str) -> None:
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in raw):
        raise InvalidTag(
            ERROR_MESSAGES["tag.control_char"],
            code="tag.control_char",
            field="tags",
        )


def _refuse_long(path: TagPath) -> None:
    too_long = any(len(name) > MAX_CHARS for name in path.names) or any(
        len(key) > 2 * MAX_CHARS for key in path.keys
    )
    if too_long or len(path.names) > MAX_DEPTH or len(path.key.encode()) > MAX_KEY_BYTES:
        raise InvalidTag(
            f"A tag has at most {MAX_CHARS} characters at each of at most {MAX_DEPTH} levels.",
            code="tag.too_long",
            field="tags",
        )


def _cut(level: str) -> str:
    """Truncates to MAX_CHARS characters, both in composed and in compared form."""
    text = unicodedata.normalize("NFC", level)[:MAX_CHARS]
    while len(_level(text)[1]) > 2 * MAX_CHARS:
        text = text[:-1]
    return text.strip(TRIMMED)
