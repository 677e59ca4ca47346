"""What does the index role do? Index what changes, and make the index again when it must be."""

import logging
import threading
import time
from collections.abc import Callable

from linkshot.app import App
from linkshot.catalogue.care import get_meta, set_meta
from linkshot.damages import recheck
from linkshot.errors import Unavailable

logger = logging.getLogger(__name__)

CHECK_S, CHECK_MAX_S = 1.0, 30.0
"""Between looks whether the index must be made again; longer while that cannot be done."""
RECHECK_S = 60.0
"""Between looks at objects that were found damaged: who restored one finds it soon after."""
REBUILD_ASKED, REBUILD_DONE = "rebuild_asked", "rebuild_done"
"""Keys in the catalogue's meta: the id of the newest wish; that id and the documents made."""
JOIN_S = 10.0


def run_index_role(
    app: App, stop: threading.Event, beat: Callable[[], None] = lambda: None
) -> None:
    """Work until `stop` is set; `beat` is called after each round."""
    from indexer.run import run_index

    _look_for_it(app, stop)
    asked = threading.Thread(target=_rebuild_when_asked, args=(app, stop), name="rebuild")
    asked.daemon = True
    asked.start()
    run_index(app, stop, beat)
    asked.join(JOIN_S)


def ask_if_lost(app: App) -> bool:
    """Wish for a rebuild when the index was deleted."""
    from linkshot.rebuild import index_is_lost

    if not index_is_lost(app):
        return False
    logger.warning("The search index is gone", extra={"action": "index_lost"})
    if not is_wished(app):
        wish(app)
    return True


def wish(app: App) -> str:
    """Ask for a rebuild, in the catalogue so that it outlives us; the id of the wish."""
    asked = f"{time.time_ns()}"
    with app.catalogue.write() as conn:
        set_meta(conn, REBUILD_ASKED, asked)
    return asked


def is_wished(app: App) -> bool:
    """Whether there is a wish for a rebuild that nobody has fulfilled yet."""
    asked, answered = _wishes(app)
    return asked != answered


def rebuild_if_asked(app: App) -> bool:
    """Make the index again when it says so itself, or the catalogue holds an unanswered wish."""
    asked, answered = _wishes(app)
    if asked == answered and not app.index.needs_rebuild:
        return False
    logger.info("The search index is made again", extra={"action": "rebuild"})
    from indexer.document import documents
    from linkshot.rebuild import rebuild_index

    made = rebuild_index(app, documents, lambda _what, _count: None)
    with app.catalogue.write() as conn:
        set_meta(conn, REBUILD_DONE, f"{asked} {made.documents}")
    return True


def _look_for_it(app: App, stop: threading.Event) -> None:
    """Before anything is written: only then does an index that was lost look like one."""
    while not stop.is_set():
        try:
            ask_if_lost(app)
        except Unavailable as exc:
            logger.warning("The index cannot be looked at", extra={"why": exc.message})
            stop.wait(CHECK_S)
        else:
            return


def _rebuild_when_asked(app: App, stop: threading.Event) -> None:
    """`linkshot rebuild` of another process asks through the catalogue: we have the index open.

    Damaged objects are looked at again here too: reading one can take an S3 server seconds, and
    indexing must not wait for that.
    """
    pause, rechecked = CHECK_S, time.monotonic()
    while not stop.wait(pause):
        try:
            rebuild_if_asked(app)
            if time.monotonic() - rechecked >= RECHECK_S:
                recheck(app)
                rechecked = time.monotonic()
            pause = CHECK_S
        except Unavailable as exc:
            logger.warning("A rebuild must wait", extra={"why": exc.message, "pause_s": pause})
            pause = min(pause * 2, CHECK_MAX_S)


def _wishes(app: App) -> tuple[str, str]:
    """Id of the newest wish for a rebuild, and of the one answered last."""
    with app.catalogue.read() as conn:
        answer = get_meta(conn, REBUILD_DONE) or "0"
        return get_meta(conn, REBUILD_ASKED) or "0", answer.split(" ")[0]
