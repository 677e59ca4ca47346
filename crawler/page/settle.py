"""When has a page loaded? Each wait has a cap; a stuck image never fails a page."""

from crawler.page.dialog_guard import MAX_DIALOGS
from crawler.page.page_session import Opened
from linkshot.system.config import Settings

PROBE_S = 5.0
"""A page that does not answer for so long runs an endless script."""
SHOWN = "firstPaint"
"""Chromium's name for the moment when something of a document is seen for the first time."""
SEEN = "firstContentfulPaint"
"""The same for words or pictures."""
CHAIN, FREED_S = 5, 1.0
"""So many things that hang one after the other are cut off, and the page has so long after each."""
ARRIVE_S = 5.0
"""So long may a document take to arrive whose request went out before navigations were refused."""
SETTLE_MS = 3000
SETTLE_QUIET_MS = 300
SCROLL_STEPS = 50


async def wait(opened: Opened, settings: Settings) -> None:
    """Load, quiet, scroll, settle; what does not come in time is noted and left out."""
    steps, lifecycle = opened.steps, opened.lifecycle
    await steps.do("load", lifecycle.until("load"), settings.load_timeout_s)
    if "load" in steps.partial and SHOWN not in lifecycle.reached:
        await free(opened)
    if not opened.guards.stopped:
        await steps.do("quiet", lifecycle.until_quiet(), settings.quiet_timeout_s)
    if not await answers(opened):
        return
    await scroll(opened, settings)
    settling = opened.world.run("settle", ms=SETTLE_MS, quiet=SETTLE_QUIET_MS)
    settled = await steps.do("settle", settling, SETTLE_MS / 1000 + 2)
    for late in (settled or {}).get("late", ()):
        steps.cut(str(late))
    await answers(opened)


async def hold(opened: Opened) -> None:
    """Refuse further navigations; a document that is already on its way arrives first."""
    documents, steps = opened.documents, opened.steps
    documents.held = True
    await steps.do("arriving", documents.idle(), ARRIVE_S, promised=False)
    if not opened.guards.stopped:
        parsed = opened.lifecycle.until("DOMContentLoaded", "load", SEEN)
        await steps.do("parsing", parsed, ARRIVE_S, promised=False)


async def free(opened: Opened) -> None:
    """A script or a style sheet that never ends keeps the whole page from being shown: cut it off."""
    for _ in range(CHAIN):
        opened.account.cut_connections()
        await opened.steps.do("freed", opened.lifecycle.until(SHOWN, "load"), FREED_S)
        if not opened.lifecycle.reached.isdisjoint((SHOWN, "load")):
            return


async def scroll(opened: Opened, settings: Settings) -> None:
    """Walk down the page, so that its lazy parts load."""
    if not settings.scroll_timeout_s:
        return
    limits = {
        "ms": int(settings.scroll_timeout_s * 1000),
        "px": settings.screenshot_px * 2,
        "steps": SCROLL_STEPS,
    }
    walking = opened.world.run("scroll", **limits)
    walked = await opened.steps.do("scroll", walking, settings.scroll_timeout_s + 2)
    if walked and walked.get("limit"):
        opened.steps.cut("scroll")


async def answers(opened: Opened) -> bool:
    """Whether the page still answers; an endless script is ended, and the page taken as it is."""
    steps, guards = opened.steps, opened.guards
    if not steps.partial and not guards.stopped:
        return True
    alive = await steps.do("script", opened.world.evaluate("true"), PROBE_S)
    if not alive:
        await guards.stop_scripts()
    if guards.stopped:
        steps.cut("dialogs" if guards.dialog_count > MAX_DIALOGS else "script")
    return not guards.stopped
