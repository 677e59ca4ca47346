"""Request bodies of the API; unknown fields and wrong types are rejected."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from linkshot.domain import model

MAX_BATCH = 100
"""Links in one call; more is an import."""


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LinkIn(_In):
    """A link to keep."""

    url: str
    tags: list[str] = []
    note: str = ""
    title: str = ""
    unread: bool = False

    def new(self) -> model.NewLink:
        """The same as a value of the core."""
        return model.NewLink(
            url=self.url,
            tags=tuple(self.tags),
            note=self.note,
            title=self.title,
            unread=self.unread,
        )


class BatchIn(_In):
    """Several links to keep, at most 100."""

    items: list[LinkIn]


class LinkEdit(_In):
    """What to change; absent fields stay."""

    title: str | None = None
    note: str | None = None
    unread: bool | None = None
    tags: list[str] | None = None


class RefsIn(_In):
    """Some links, by id, unique beginning of an id, or URL."""

    links: Annotated[list[str], Field(min_length=1, max_length=1000)]


class TagIn(_In):
    """A tag's full name, `ai/编译器`."""

    name: str


class WatchIn(_In):
    """How often to visit again: `12h`, `1d`, `2w`."""

    every: str


class DeadIn(_In):
    """Dead letters to send again."""

    ids: Annotated[list[str], Field(min_length=1, max_length=1000)]
