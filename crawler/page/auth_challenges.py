"""Which parts of a page asked for a login and were given none?"""

from typing import Any

from linkshot.domain.urls import without_credentials

MOST = 20
MAX_URL, MAX_REALM = 2048, 200


class Logins:
    """What a visitor without a login did not get to see, for the notes of the snapshot."""

    def __init__(self) -> None:
        self.noted: list[dict[str, str]] = []
        """The first of them: `part` (`page`, `frame`, `img`, `script`, …), `url`, `realm`."""
        self.frames = 0
        """How many documents inside the page asked: what was in them is missing."""

    def asked(self, event: dict[str, Any], main_frame: str) -> None:
        """A document asked: the page itself, or one of its frames (Fetch.authRequired)."""
        part = "page" if event.get("frameId") == main_frame else "frame"
        self.frames += part == "frame"
        realm = str(event["authChallenge"].get("realm", ""))
        self._note(part, event["request"]["url"], realm=realm[:MAX_REALM])

    def refused(self, parts: list[dict[str, str]]) -> None:
        """Pictures, scripts and the like that were answered with 401 (scripts/read.js)."""
        for part in parts:
            self._note(part["part"][:20], part["url"])

    def _note(self, part: str, url: str, **more: str) -> None:
        if len(self.noted) < MOST:
            self.noted.append({"part": part, "url": without_credentials(url)[:MAX_URL], **more})
