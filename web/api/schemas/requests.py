"""Request bodies of the API; unknown fields and wrong types are rejected."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from linkshot.domain import model
from linkshot.domain.site_rules import Viewport

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


class ViewportIn(_In):
    """The size of a window in CSS pixels."""

    width: int
    height: int


class SiteRuleIn(_In):
    """What a rule says about its site; null or left out: nothing."""

    snapshot: bool | None = None
    delay_s: float | None = None
    user_agent: str | None = None
    consent: str | None = None
    viewport: ViewportIn | None = None
    robots: str | None = None

    def values(self) -> dict[str, Any]:
        """The same as values of the core."""
        size = self.viewport
        return {
            "snapshot": self.snapshot,
            "delay_s": self.delay_s,
            "user_agent": self.user_agent,
            "consent": self.consent,
            "viewport": Viewport(width=size.width, height=size.height) if size else None,
            "robots": self.robots,
        }


class DeadIn(_In):
    """Dead letters to send again."""

    ids: Annotated[list[str], Field(min_length=1, max_length=1000)]
