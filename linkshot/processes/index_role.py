"""The index role: indexes changed links, and rebuilds the index when asked or when it was lost."""

import logging
import threading
import time
from collections.abc import Callable

from linkshot.app import App
from linkshot.catalogue.meta import set_meta
from linkshot.errors import Unavailable
from linkshot.system.backoff import Backoff
from linkshot.use_cases.damaged_objects import recheck
from linkshot.use_cases.index_rebuild import REBUILD_DONE, request_rebuild_if_lost, requests

logger = logging.getLogger(__name__)

CHECK_S, CHECK_MAX_S = 1.0, 30.0
"""Between looks whether the index must be made again; longer while that cannot be done."""
RECHECK_S = 60.0
"""Between looks at objects that were found damaged: who restored one finds it soon after."""
JOIN_TIMEOUT_S = 10.0


def run_index_role(
    app: App, stop: threading.Event, beat: Callable[[], None] = lambda: None
) -> None:
    """Work until `stop` is set; `beat` is called after each round."""
    from indexer.run import run_index

    _detect_lost_index(app, stop)
    asked = threading.Thread(target=_rebuild_on_request, args=(app, stop), name="rebuild")
    asked.daemon = True
    asked.start()
    run_index(app, stop, beat)
    asked.join(JOIN_TIMEOUT_S)


def rebuild_if_requested(app: App) -> bool:
    """Make the index again when it says so itself, or the catalogue holds an unanswered request."""
    asked, answered = requests(app)
    if asked == answered and not app.index.needs_rebuild:
        return False
    logger.info("The search index is made again", extra={"action": "rebuild"})
    from indexer.document import documents
    from linkshot.maintenance.rebuild import rebuild_index

    made = rebuild_index(app, documents, lambda _what, _count: None)
    with app.catalogue.write() as conn:
        set_meta(conn, REBUILD_DONE, f"{asked} {made}")
    return True


def _detect_lost_index(app: App, stop: threading.Event) -> None:
    """Before anything is written: only then does an index that was lost look like one."""
    while not stop.is_set():
        try:
            request_rebuild_if_lost(app)
        except Unavailable as exc:
            logger.warning("The index cannot be looked at", extra={"why": exc.message})
            stop.wait(CHECK_S)
        else:
            return


def _rebuild_on_request(app: App, stop: threading.Event) -> None:
    """`linkshot rebuild` of another process asks through the catalogue: we have the index open.

    Damaged objects are looked at again here too: reading one can take an S3 server seconds, and
    indexing must not wait for that.
    """
    backoff, rechecked = Backoff(CHECK_S, CHECK_MAX_S), time.monotonic()
    pause_s = backoff.next()
    while not stop.wait(pause_s):
        try:
            rebuild_if_requested(app)
            if time.monotonic() - rechecked >= RECHECK_S:
                recheck(app)
                rechecked = time.monotonic()
            backoff.reset()
            pause_s = backoff.next()
        except Unavailable as exc:
            pause_s = backoff.next()
            logger.warning("A rebuild must wait", extra={"why": exc.message, "pause_s": pause_s})
