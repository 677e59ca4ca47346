"""Records which parts of a page asked for a login; none is ever given."""

from typing import Any

from linkshot.domain.urls import without_credentials

MAX_RECORDED = 20
MAX_URL, MAX_REALM = 2048, 200


class AuthChallenges:
    """What a visitor without a login does not see, for the notes of the snapshot."""

    def __init__(self) -> None:
        self.recorded: list[dict[str, str]] = []
        """The first of them: `part` (`page`, `frame`, `img`, `script`, …), `url`, `realm`."""
        self.frames = 0
        """Documents inside the page that asked; their content is missing."""

    def add_document(self, event: dict[str, Any], main_frame: str) -> None:
        """A document asked: the page itself, or one of its frames (Fetch.authRequired)."""
        part = "page" if event.get("frameId") == main_frame else "frame"
        self.frames += part == "frame"
        realm = str(event["authChallenge"].get("realm", ""))
        self._record(part, event["request"]["url"], realm=realm[:MAX_REALM])

    def add_resources(self, parts: list[dict[str, str]]) -> None:
        """Pictures, scripts and the like that were answered with 401 (scripts/read.js)."""
        for part in parts:
            self._record(part["part"][:20], part["url"])

    def _record(self, part: str, url: str, **more: str) -> None:
        if len(self.recorded) < MAX_RECORDED:
            self.recorded.append({"part": part, "url": without_credentials(url)[:MAX_URL], **more})
