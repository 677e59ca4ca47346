"""Keeps dialogs, popups and endless scripts from holding up a visit."""

import asyncio
import logging
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Dialog, Page
from playwright.async_api import Error as PlaywrightError

logger = logging.getLogger(__name__)

MAX_DIALOGS = 10
MAX_POPUPS = 20
MAX_RECORDED_DIALOGS = 5


class DialogGuard:
    """Closes what a page opens, and stops its scripts past MAX_DIALOGS or MAX_POPUPS."""

    def __init__(self, page: Page, context: BrowserContext, cdp: CDPSession) -> None:
        self.page = page
        self.cdp = cdp
        self.dialogs: list[str] = []
        self.dialog_count = 0
        self.popups: list[str] = []
        self.popup_count = 0
        self.stopped = False
        """Whether the page's scripts do not run any more."""
        self.never_ran = False
        """Whether they were off from the start."""
        self.crashed = asyncio.Event()
        page.on("dialog", self._dialog)
        page.on("crash", lambda _: self.crashed.set())
        context.on("page", self._popup)

    def scripts_are_off(self) -> None:
        """The context was made without scripts."""
        self.stopped = self.never_ran = True

    async def stop_scripts(self) -> None:
        """Terminate the running script and disable the page's scripts for good.

        Disabling alone does not end one that runs; terminating alone lets the next timer start.
        """
        if self.stopped:
            return
        self.stopped = True
        await asyncio.gather(
            _try(self.cdp, "Emulation.setScriptExecutionDisabled", {"value": True}),
            _try(self.cdp, "Runtime.terminateExecution", {}),
        )

    async def _stop_after(self, count: int, most: int) -> None:
        if count > most:
            await self.stop_scripts()

    async def _dialog(self, dialog: Dialog) -> None:
        self.dialog_count += 1
        if len(self.dialogs) < MAX_RECORDED_DIALOGS:
            self.dialogs.append(f"{dialog.type}: {dialog.message[:200]}")
        try:
            await asyncio.gather(self._stop_after(self.dialog_count, MAX_DIALOGS), dialog.dismiss())
        except PlaywrightError as exc:
            logger.debug("A dialog was already gone", extra={"reason": str(exc)[:200]})

    async def _popup(self, popup: Page) -> None:
        if popup is self.page:
            return
        self.popup_count += 1
        if len(self.popups) < MAX_POPUPS:
            self.popups.append(popup.url[:2048])
        try:
            await asyncio.gather(self._stop_after(self.popup_count, MAX_POPUPS), popup.close())
        except PlaywrightError as exc:
            logger.debug("A popup was already gone", extra={"reason": str(exc)[:200]})


async def _try(cdp: CDPSession, method: str, params: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(5):
            await cdp.send(method, params)
    except (PlaywrightError, TimeoutError) as exc:
        logger.debug("A page did not react", extra={"method": method, "reason": str(exc)[:200]})
