"""Freezes a page: every document of it as a value, with what scripts made of it.

scripts/freeze.js runs in an isolated world of each frame. Closed shadow roots, which no script can
reach, are found through the DOM domain and handed to it; canvases that scripts may not read are
photographed.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.page.isolated_world import ScriptError, script
from crawler.page.steps import is_gone
from linkshot.domain.model import FrozenFrame, FrozenPage, FrozenSheet

logger = logging.getLogger(__name__)

MAX_FRAMES, MAX_DEPTH = 100, 8
"""Documents of one page, and how deep they may lie in each other."""
FRAME_TIMEOUT_S = 10.0
LIMITS = {
    "nodes": 200_000,
    "chars": 30_000_000,
    "depth": 1000,
    "blob": 10_000_000,
    "blobs": 200,
    "ms": 3000,
    "placed": 2000,
}
"""Of one document: nodes, characters of its markup and sheets, depth; bytes of a blob:, how many, and
the time for reading them; elements in a scrolled box that are looked at."""
MAX_PAINTED = 20
"""Canvases of one document that are photographed."""
MAX_CLOSED_ROOTS = 2000
WORLD = "linkshot-freezer"


class Freezer:
    """Freezes one page, whose DOM snapshot (DOMSnapshot.captureSnapshot) is at hand."""

    def __init__(self, cdp: CDPSession, dom: Mapping[str, Any]) -> None:
        self._cdp = cdp
        self._has_closed_roots = has_closed_roots(dom)
        self._closed_roots: dict[str, list[tuple[int, int]]] = {}
        self._frames = 0
        self._left_out = 0

    async def freeze(self, frame_id: str) -> FrozenPage:
        """The page with this main frame. Raises ScriptError when it is too large."""
        if self._has_closed_roots:
            # a whole tree costs more than the script itself, so it is asked for only then
            tree = await self._cdp.send("DOM.getDocument", {"depth": -1, "pierce": True})
            self._closed_roots = closed_roots(tree["root"], frame_id)
            await self._cdp.send("DOM.disable")
        main = await self._document(frame_id, depth=0)
        return FrozenPage(main=main, frames_left_out=self._left_out)

    async def _document(self, frame_id: str, depth: int) -> FrozenFrame:
        self._frames += 1
        made = await self._cdp.send(
            "Page.createIsolatedWorld", {"frameId": frame_id, "worldName": WORLD}
        )
        context = int(made["executionContextId"])
        read = await self._run(context, frame_id)
        painted = [await self._photograph(context, n) for n in range(read["painted"])]
        frames = [await self._frame(context, n, depth + 1) for n in range(read["frames"])]
        return FrozenFrame(
            url=read["url"],
            base=read["base"],
            doctype=read["doctype"],
            markup=read["markup"],
            is_quirks=read["quirks"],
            sheets=tuple(
                FrozenSheet(
                    address=sheet["address"],
                    base=sheet["base"],
                    chunks=tuple(sheet["chunks"]),
                    is_recorded=sheet["recorded"],
                )
                for sheet in read["sheets"]
            ),
            blobs=read["blobs"],
            painted=tuple(painted),
            frames=tuple(frames),
        )

    async def _run(self, context: int, frame_id: str) -> dict[str, Any]:
        roots = [
            {"objectId": await self._resolve(context, node)}
            for pair in self._closed_roots.get(frame_id, ())[:MAX_CLOSED_ROOTS]
            for node in pair
        ]
        answer = await self._cdp.send(
            "Runtime.callFunctionOn",
            {
                "functionDeclaration": script("freeze"),
                "executionContextId": context,
                "arguments": [{"value": LIMITS}, *roots],
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"].get("exception", {}).get("description", "")
            raise ScriptError(str(thrown)[:200])
        value: dict[str, Any] = answer["result"]["value"]
        return value

    async def _resolve(self, context: int, node: int) -> str:
        answer = await self._cdp.send(
            "DOM.resolveNode", {"backendNodeId": node, "executionContextId": context}
        )
        return str(answer["object"]["objectId"])

    async def _element(self, context: int, kind: str, n: int) -> str:
        """The handle of an element that the script set aside."""
        answer = await self._cdp.send(
            "Runtime.evaluate",
            {"expression": f"linkshotElements.{kind}[{n}]", "contextId": context},
        )
        return str(answer["result"]["objectId"])

    async def _frame(self, context: int, n: int, depth: int) -> FrozenFrame | None:
        """The document in a frame; None, and counted, when it cannot be had."""
        if depth > MAX_DEPTH or self._frames >= MAX_FRAMES:
            self._left_out += 1
            return None
        try:
            async with asyncio.timeout(FRAME_TIMEOUT_S):
                element = await self._element(context, "frames", n)
                described = await self._cdp.send("DOM.describeNode", {"objectId": element})
                frame_id = described["node"].get("frameId")
                # a frame that was never given a document has none to show
                return await self._document(str(frame_id), depth) if frame_id else None
        except (PlaywrightError, ScriptError, TimeoutError, KeyError) as exc:
            if is_gone(exc):
                raise
            logger.debug("A frame could not be frozen", extra={"reason": str(exc)[:200]})
            self._left_out += 1
            return None

    async def _photograph(self, context: int, n: int) -> str:
        """A canvas that scripts may not read, as it is seen; "" when it cannot be."""
        if n >= MAX_PAINTED:
            return ""
        try:
            element = await self._element(context, "painted", n)
            model = (await self._cdp.send("DOM.getBoxModel", {"objectId": element}))["model"]
            page = (await self._cdp.send("Page.getLayoutMetrics"))["cssVisualViewport"]
            left, top = model["content"][:2]
            clip = {
                "x": left + page["pageX"],
                "y": top + page["pageY"],
                "width": model["content"][2] - left,
                "height": model["content"][5] - top,
                "scale": 1,
            }
            shot = await self._cdp.send(
                "Page.captureScreenshot",
                {"format": "png", "captureBeyondViewport": True, "clip": clip},
            )
        except (PlaywrightError, KeyError) as exc:
            if is_gone(exc):
                raise
            return ""
        return f"data:image/png;base64,{shot['data']}" if shot["data"] else ""


def has_closed_roots(dom: Mapping[str, Any]) -> bool:
    """Whether any node of a DOM snapshot is inside a closed shadow root. (pure)"""
    strings = dom.get("strings", ())
    kinds = (document["nodes"].get("shadowRootType", {}) for document in dom.get("documents", ()))
    return any(strings[kind] == "closed" for found in kinds for kind in found.get("value", ()))


def closed_roots(root: dict[str, Any], frame_id: str) -> dict[str, list[tuple[int, int]]]:
    """Frame → backend ids of the hosts and roots of its closed shadow trees, from a tree of the DOM
    domain. (pure)"""
    found: dict[str, list[tuple[int, int]]] = {}
    waiting = [(root, frame_id)]
    while waiting:
        node, frame = waiting.pop()
        for inner in node.get("shadowRoots", ()):
            if inner.get("shadowRootType") == "closed":
                pair = (node["backendNodeId"], inner["backendNodeId"])
                found.setdefault(frame, []).append(pair)
        below = [*node.get("shadowRoots", ()), *node.get("children", ())]
        waiting += [(child, frame) for child in below]
        if document := node.get("contentDocument"):
            waiting.append((document, node.get("frameId", frame)))
    return found
