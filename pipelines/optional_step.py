"""Runs pipeline steps whose failure must not fail the snapshot.

The artifact is then missing and its name is listed in the manifest's `partial`.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from linkshot.domain.model import OUT_OF_TIME, Capture
from pipelines.item import SnapshotItem

logger = logging.getLogger(__name__)


async def run_optional(
    item: SnapshotItem, form: str, work: Callable[[SnapshotItem, Capture], None]
) -> None:
    """Runs `work` on the capture in a thread; if it raises, or time is up, `form` is added to `partial`."""
    if item.capture is None:
        return
    if time.monotonic() > item.optional_until:
        item.partial += (form, OUT_OF_TIME)
        return
    try:
        await asyncio.to_thread(work, item, item.capture)
    except Exception:  # parsers of hostile pages raise anything; the snapshot goes on without
        logger.exception(
            "An artifact could not be made",
            extra={"action": "form_failed", "form": form, "link_id": item.request.link_id},
        )
        item.partial.append(form)
