"""Waits until a page has loaded and stands still.

Every wait has a cap, and what does not come in time is recorded and left out: one image that never
arrives must not cost the snapshot.
"""

from typing import Any

from playwright.async_api import Error as PlaywrightError

from crawler.page import page_capture
from crawler.page.consent import answer_box, answer_late_box, look_for_box
from crawler.page.dialog_guard import MAX_DIALOGS
from crawler.page.page_session import OpenPage, PageSession

RESPONSIVE_TIMEOUT_S = 5.0
"""A page that answers nothing for this long is considered to run an endless script."""
FIRST_PAINT = "firstPaint"
"""Chromium's lifecycle event for the first pixel of a document."""
FIRST_CONTENTFUL_PAINT = "firstContentfulPaint"
"""The same for the first text or picture."""
MAX_ABORTS, ABORT_WAIT_S = 5, 1.0
"""Rounds of aborting hanging requests, since one may lead to the next, and the pause after each."""
DOCUMENT_TIMEOUT_S = 5.0
"""Limit for a document that was requested before further navigations were refused."""
SETTLE_MS = 3000
SETTLE_QUIET_MS = 300
SCROLL_STEPS = 50
SCROLL_PX = 32_000
"""How far down a page is walked at least, however much of it is photographed: the saved page and the
text have all of it."""
SCREEN_PATIENCE_MS = 450
"""The longest wait on one screen for parts that load some time after scrolling has stopped: loaders
debounce by 100 to 300 ms."""
SCROLL_EVENTS = frozenset(("scroll", "wheel", "touchmove"))


async def wait_until_settled(session: OpenPage, *, look_first: bool = False) -> None:
    """Load, network idle, consent, scroll, layout stable; each within its cap.

    With `look_first` a picture of the first screen is taken as soon as something is painted.
    """
    steps, lifecycle, settings = session.steps, session.lifecycle, session.settings
    if look_first:
        painted = lifecycle.until(FIRST_CONTENTFUL_PAINT, "load")
        await steps.run("paint", painted, settings.load_timeout_s, promised=False)
        await page_capture.photograph_first_screen(session)
    await steps.run("load", lifecycle.until("load"), settings.load_timeout_s)
    if "load" in steps.partial and FIRST_PAINT not in lifecycle.reached:
        await abort_hanging_requests(session)
    if not session.dialog_guard.stopped:
        await steps.run("quiet", lifecycle.until_quiet(), settings.quiet_timeout_s)
    if not await is_responsive(session):
        return
    await scroll_through(session)
    asked = await wait_until_still(session)
    if not session.consent:
        if await answer_late_box(session, asked):
            # it has kept the page from being scrolled
            await scroll_through(session)
        if session.consent:
            await wait_until_still(session)
    # what scrolling has brought in may be an endless script
    await is_responsive(session, is_suspect="consent" in steps.seconds)


async def wait_until_still(session: OpenPage) -> dict[str, Any] | None:
    """Waits until fonts and images are there and the document does not change any more; what is then seen of
    a box that asks for consent."""
    steps, look = session.steps, look_for_box(session)
    # the script ends by itself after SETTLE_MS; the two seconds are for its answer
    settling = session.world.run("settle", look=look, ms=SETTLE_MS, quiet=SETTLE_QUIET_MS)
    settled: dict[str, Any] = await steps.run("settle", settling, SETTLE_MS / 1000 + 2) or {}
    for late in settled.get("late", ()):
        steps.mark_partial(str(late))
    session.nodes = int(settled.get("nodes", 0))
    return settled.get("asked")


async def freeze_navigation(session: PageSession) -> None:
    """Refuse further navigations; a document that is already on its way arrives first.

    All parts of a capture have to show the same document, and pages that reload themselves every
    second would otherwise replace it between two of them.
    """
    steps = session.steps
    session.main_document.frozen = True
    idle = session.main_document.idle()
    await steps.run("arriving", idle, DOCUMENT_TIMEOUT_S, promised=False)
    if not session.dialog_guard.stopped:
        parsed = session.lifecycle.until("DOMContentLoaded", "load", FIRST_CONTENTFUL_PAINT)
        await steps.run("parsing", parsed, DOCUMENT_TIMEOUT_S, promised=False)


async def abort_hanging_requests(session: OpenPage) -> None:
    """Close the page's connections when a script or style sheet that never ends blocks its paint.

    Chromium paints nothing while one of those in the head is pending; once its connection fails,
    it goes on with the rest of the page.
    """
    for _ in range(MAX_ABORTS):
        session.meter.cut_connections()
        painted = session.lifecycle.until(FIRST_PAINT, "load")
        await session.steps.run("freed", painted, ABORT_WAIT_S)
        if not session.lifecycle.reached.isdisjoint((FIRST_PAINT, "load")):
            return


async def scroll_through(session: OpenPage) -> None:
    """Scroll down the page step by step, so that lazily loaded parts are requested.

    A box that asks for consent is answered before, since it may keep the page from being scrolled.
    """
    settings = session.settings
    if not settings.scroll_timeout_s:
        return
    limits: dict[str, Any] = {
        "ms": int(settings.scroll_timeout_s * 1000),
        "px": max(settings.screenshot_px, SCROLL_PX),
        "steps": SCROLL_STEPS,
        "listens": await handles_scrolling(session),
        "patience": SCREEN_PATIENCE_MS,
    }
    cap = settings.scroll_timeout_s + 2
    scrolling = session.world.run("scroll", look=look_for_box(session), **limits)
    scrolled = await session.steps.run("scroll", scrolling, cap)
    if scrolled and "asked" in scrolled:
        await answer_box(session)
        if not await is_responsive(session, is_suspect=True):
            return
        scrolled = await session.steps.run("scroll", session.world.run("scroll", **limits), cap)
    if not scrolled:
        return
    session.steps.seconds["scroll_waits"] = scrolled.get("waited", 0) / 1000
    if scrolled.get("limit"):
        session.steps.mark_partial("scroll")
    if gone := scrolled.get("gone"):
        session.steps.mark_partial(f"scrolled_away:{int(gone)}")
    if height := scrolled.get("inner"):
        session.steps.mark_partial(f"inner_scroll:{int(height)}")


async def handles_scrolling(session: OpenPage) -> bool:
    """Whether the page's own scripts listen to scrolling on the window, the document or its body."""
    cdp = session.cdp
    try:
        for target in ("window", "document", "document.body"):
            # in the page's own world, since listeners are listed by world; `window` and `document`
            # cannot be replaced by the page (Web IDL, LegacyUnforgeable)
            found = (await cdp.send("Runtime.evaluate", {"expression": target}))["result"]
            if "objectId" not in found:
                continue
            asked = {"objectId": found["objectId"]}
            listed = await cdp.send("DOMDebugger.getEventListeners", asked)
            if any(one["type"] in SCROLL_EVENTS for one in listed["listeners"]):
                return True
    except PlaywrightError:
        return False
    return False


async def is_responsive(session: OpenPage, *, is_suspect: bool = False) -> bool:
    """Whether the page still answers; an endless script is stopped, and the page captured as it is.

    A page whose steps were all in time is not asked: the round trip is for suspects only.
    """
    steps, guard = session.steps, session.dialog_guard
    if not steps.partial and not guard.stopped and not is_suspect:
        return True
    alive = await steps.run("script", session.world.evaluate("true"), RESPONSIVE_TIMEOUT_S)
    if not alive:
        await guard.stop_scripts()
    if guard.stopped and not guard.never_ran:
        steps.mark_partial("dialogs" if guard.dialog_count > MAX_DIALOGS else "script")
    return not guard.stopped
