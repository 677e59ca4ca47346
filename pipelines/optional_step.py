"""What happens when one kept form cannot be made? The snapshot lives without it, and says so."""

import asyncio
import logging
from collections.abc import Callable

from linkshot.domain.model import Capture
from pipelines.item import SnapshotItem

logger = logging.getLogger(__name__)


async def attempt(
    item: SnapshotItem, form: str, work: Callable[[SnapshotItem, Capture], None]
) -> None:
    """Run `work` on what was captured, in a thread; when it raises, `form` is noted as partial."""
    if item.capture is None:
        return
    try:
        await asyncio.to_thread(work, item, item.capture)
    except Exception:
        logger.exception(
            "A part of a snapshot could not be made",
            extra={"action": "form_failed", "form": form, "link_id": item.request.link_id},
        )
        item.partial.append(form)
