"""How do our scripts run in a page, out of its reach?"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

FOLDER = Path(__file__).parent / "scripts"


@cache
def script(name: str) -> str:
    """The source of one of our scripts: a JavaScript function."""
    return (FOLDER / f"{name}.js").read_text("utf-8")


class ScriptFailed(Exception):
    """Our script threw; the page took something away that it needs."""


class World:
    """A JavaScript world of our own in the main frame: the page can neither see nor patch it."""

    def __init__(self, cdp: CDPSession, frame_id: str) -> None:
        self.cdp = cdp
        self.frame_id = frame_id
        self._context: int | None = None

    async def run(self, name: str, **arguments: Any) -> Any:
        """What the script gives back; once more when the page navigated away under it."""
        source = f"({script(name)})({json.dumps(arguments)})"
        try:
            return await self.evaluate(source)
        except PlaywrightError as exc:
            if "context" not in str(exc).lower():
                raise
            self._context = None
            return await self.evaluate(source)

    async def evaluate(self, source: str) -> Any:
        """The value of an expression; promises are awaited."""
        if self._context is None:
            made = await self.cdp.send(
                "Page.createIsolatedWorld", {"frameId": self.frame_id, "worldName": "linkshot"}
            )
            self._context = made["executionContextId"]
        answer = await self.cdp.send(
            "Runtime.evaluate",
            {
                "expression": source,
                "contextId": self._context,
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        if "exceptionDetails" in answer:
            raise ScriptFailed(str(answer["exceptionDetails"].get("text", ""))[:200])
        return answer["result"].get("value")
