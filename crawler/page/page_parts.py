"""What the browser contributes to the Capture of a page, step by step."""

from dataclasses import dataclass, field

from linkshot.domain.model import FrozenPage, Picture


@dataclass(slots=True, kw_only=True)
class PageParts:
    """What the browser contributes to a Capture; what is missing stays empty."""

    html: str = ""
    title: str = ""
    favicon_url: str = ""
    favicon: bytes = b""
    screenshot: Picture | None = None
    first_screen: Picture | None = None
    """Stands in for the screenshot when that cannot be made."""
    screenshot_tiles: tuple[Picture, ...] = ()
    thumbnail: Picture | None = None
    dom: dict[str, object] = field(default_factory=dict)
    frozen: FrozenPage | None = None
    mhtml: bytes = b""
    """Only where the page could not be frozen."""
