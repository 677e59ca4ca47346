"""Tags and their counts."""

from typing import Self

from pydantic import BaseModel

from linkshot import json_shapes
from linkshot.domain import model


class TagOut(BaseModel):
    """A tag and how many links it has."""

    tag_id: str
    name: str
    parent_id: str | None
    count: int
    """Links that carry the tag or one below it, each once."""
    own: int
    """Links that carry the tag itself."""

    @classmethod
    def of(cls, tag: model.Tag) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.tag(tag))


class TagsOut(BaseModel):
    """Some tags in order of their names."""

    items: list[TagOut]
