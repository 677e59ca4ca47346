"""Server-sent events with the status of the links on an open page.

The only asynchronous loop of web: blocking calls run in a thread, and a stream ends when the client
disconnects or the server stops.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from linkshot.app import App
from linkshot.domain.model import Link, LinkId
from linkshot.domain.visit_stage import VisitProgress
from linkshot.errors import LinkshotError
from linkshot.use_cases import links, visit_status
from web import status_text
from web.language import Translator

POLL_S = 1.0
STOP_CHECK_S = 0.2
COUNT_ROUNDS = 3
HEARTBEAT_S = 15.0
MAX_STREAMS = 64
MAX_IDS = 200


@dataclass(slots=True)
class Streams:
    """The open streams of one server."""

    stopping: threading.Event
    open: int = 0


@dataclass(slots=True)
class StatusFeed:
    """The links of one client and what was sent to it last."""

    app: App
    ids: Sequence[LinkId]
    translator: Translator
    sent: dict[str, dict[str, object]] = field(default_factory=dict)
    working: tuple[int, str] = (-1, "")
    rounds: int = 0

    def changes(self) -> list[str]:
        """Events for what changed since the last call; blocks on the catalogue."""
        events = [event("link", state) for state in self._changed_links()]
        if self.rounds % COUNT_ROUNDS == 0:
            events += self._working()
        self.rounds += 1
        return events

    def _working(self) -> list[str]:
        """The number of links in progress, when it changed; counting reads every link."""
        working = links.counts(self.app)["working"]
        text = working_text(self.app, working, self.translator)
        if (working, text) == self.working:
            return []
        self.working = working, text
        return [event("working", {"count": working, "text": text})]

    def _changed_links(self) -> list[dict[str, object]]:
        found = links.by_ids(self.app, self.ids) if self.ids else []
        standing = visit_status.of_links(self.app, found)
        states = [self._state(link, standing.get(link.link_id)) for link in found]
        fresh = [s for s in states if self.sent.get(str(s["link_id"])) != s]
        self.sent |= {str(state["link_id"]): state for state in states}
        return fresh

    def _state(self, link: Link, standing: VisitProgress | None) -> dict[str, object]:
        state = status_text.of_link(link, self.translator, self.app.now(), standing)
        return {
            "link_id": link.link_id,
            "tone": state.tone,
            "text": state.text,
            "why": state.why,
            "title": link.title,
            "icon": link.icon or "",
            "snapshot_id": link.current.snapshot_id if link.current else "",
        }


def working_text(app: App, count: int, translator: Translator) -> str:
    """The page's progress note for a number of links that are due or sent."""
    if not count:
        return ""
    if app.liveness.runs("crawl") is False:
        return translator.ngettext(
            "%(n)s waiting, no worker is running", "%(n)s waiting, no worker is running", count
        )
    return translator.ngettext("%(n)s working", "%(n)s working", count)


def event(name: str, data: object) -> str:
    """One event on the wire (WHATWG HTML §9.2.5)."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def stream(watcher: StatusFeed, streams: Streams) -> AsyncIterator[str]:
    """Yields events until the server stops; the caller cancels it when the client disconnects."""
    loop = asyncio.get_running_loop()
    streams.open += 1
    try:
        yield "retry: 3000\n\n"
        last = loop.time()
        while not streams.stopping.is_set():
            if news := await run_in_threadpool(_changes, watcher):
                yield "".join(news)
                last = loop.time()
            if loop.time() - last > HEARTBEAT_S:
                yield ": still here\n\n"
                last = loop.time()
            # the event is set by a thread, so the loop cannot wait for it and looks often
            until = loop.time() + POLL_S
            while not streams.stopping.is_set() and loop.time() < until:  # noqa: ASYNC110
                await asyncio.sleep(STOP_CHECK_S)
    finally:
        streams.open -= 1


def _changes(watcher: StatusFeed) -> list[str]:
    """What changed; an unavailable backend counts as no change."""
    try:
        return watcher.changes()
    except LinkshotError:
        return []
