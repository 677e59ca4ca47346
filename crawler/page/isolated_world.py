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
    """An isolated world of one frame: it shares the DOM with the page, but no globals.

    A page that replaces `document.querySelector` or freezes `Array.prototype` so cannot falsify
    what is captured.
    """

    def __init__(self, cdp: CDPSession, frame_id: str, name: str = "linkshot") -> None:
        self.cdp = cdp
        self.frame_id = frame_id
        self.name = name
        self._context: int | None = None

    async def run(self, name: str, *, look: str = "", timeout_ms: int = 0, **arguments: Any) -> Any:
        """The result of one of our scripts; `look` is an expression that gives a function which the script
        calls itself, because a round trip of its own costs milliseconds."""
        more = f", {look}" if look else ""
        source = f"({script(name)})({json.dumps(arguments)}{more})"
        return await self.evaluate(source, timeout_ms=timeout_ms)

    async def evaluate(self, source: str, *, timeout_ms: int = 0) -> Any:
        """The value of an expression; promises are awaited.

        Evaluated once more when the page navigated away under it, since the world goes with its
        document. `timeout_ms`: what keeps the page busy for longer is terminated, event handlers that the
        expression has called too; 0 = no limit.
        """
        how = {"awaitPromise": True, "returnByValue": True}
        limit = {"timeout": timeout_ms} if timeout_ms else {}
        try:
            answer = await self._evaluate(source, **how, **limit)
        except PlaywrightError as exc:
            if "context" not in str(exc).lower():
                raise
            self._context = None
            answer = await self._evaluate(source, **how, **limit)
        if "exceptionDetails" in answer:
            raise ScriptError(str(answer["exceptionDetails"].get("text", ""))[:200])
        return answer["result"].get("value")

    async def frame_of(self, source: str) -> str:
        """The id of the frame of an <iframe> that an expression gives; "" when it has none."""
        found = (await self._evaluate(source))["result"]
        if "objectId" not in found:
            return ""
        described = await self.cdp.send("DOM.describeNode", {"objectId": found["objectId"]})
        return str(described["node"].get("frameId", ""))

    async def _evaluate(self, source: str, **how: int) -> Any:
        if self._context is None:
            made = await self.cdp.send(
                "Page.createIsolatedWorld", {"frameId": self.frame_id, "worldName": self.name}
            )
            self._context = made["executionContextId"]
        asked = {"expression": source, "contextId": self._context, **how}
        return await self.cdp.send("Runtime.evaluate", asked)
