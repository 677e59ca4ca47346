"""Runs our scripts in a page, in a JavaScript world that the page's own scripts cannot reach."""

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


class ScriptError(Exception):
    """Our script threw, because the page removed something it needs."""


class IsolatedWorld:
    """An isolated world of the main frame: it shares the DOM with the page, but no globals.

    A page that replaces `document.querySelector` or freezes `Array.prototype` so cannot falsify
    what is captured.
    """

    def __init__(self, cdp: CDPSession, frame_id: str) -> None:
        self.cdp = cdp
        self.frame_id = frame_id
        self._context: int | None = None

    async def run(self, name: str, **arguments: Any) -> Any:
        """The script's result; run once more when the page navigated away under it, since the world
        goes with its document."""
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
            raise ScriptError(str(answer["exceptionDetails"].get("text", ""))[:200])
        return answer["result"].get("value")
