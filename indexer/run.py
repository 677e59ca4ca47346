"""How do changed links become findable? Receive, build, apply in bulk, settle; for ever."""

import logging
import threading
from collections import OrderedDict

from indexer.document import documents
from linkshot.app import App
from linkshot.dead import bury
from linkshot.errors import InvalidMessage, Unavailable
from linkshot.failpoints import failpoint
from linkshot.messages import LINKS, LinkChanged
from linkshot.ports import Delivery, IndexChange, Subscription

logger = logging.getLogger(__name__)

GROUP = "index"
TAKE_S = 0.5
PAUSE_MIN_S, PAUSE_MAX_S = 0.5, 30.0
CACHE_CHARS = 20_000_000


def run_index(app: App, stop: threading.Event) -> None:
    """Work until `stop` is set; while index or store do not answer, wait and try again."""
    indexer = Indexer(app)
    pause = PAUSE_MIN_S
    try:
        while not stop.is_set():
            try:
                indexer.work_once(TAKE_S)
                pause = PAUSE_MIN_S
            except Unavailable as exc:
                logger.warning(
                    "Indexing waits for a part that does not answer",
                    extra={"action": "index_waits", "code": exc.code, "pause_s": pause},
                )
                stop.wait(pause)
                pause = min(pause * 2, PAUSE_MAX_S)
        indexer.work_once(0.0)
    except Unavailable:
        logger.warning("The last changes are indexed at the next start")
    finally:
        indexer.close()


class Indexer:
    """One member of the group `index`."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.texts = Texts(app)
        self._subscription: Subscription | None = None

    def work_once(self, timeout_s: float) -> int:
        """Index what has come; how many messages. Unavailable gives them all back."""
        subscription = self._open()
        deliveries = subscription.take(timeout_s)
        if not deliveries:
            return 0
        try:
            self._index(deliveries)
        except Unavailable:
            for delivery in deliveries:
                subscription.give_back(delivery)
            raise
        failpoint("index-applied")
        for delivery in deliveries:
            subscription.settle(delivery)
        return len(deliveries)

    def close(self) -> None:
        """Leave the group. Repeatable."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def _open(self) -> Subscription:
        if self._subscription is None:
            batch = self.app.settings.index_batch
            self._subscription = self.app.queue.subscribe([LINKS], GROUP, batch)
        return self._subscription

    def _index(self, deliveries: list[Delivery]) -> None:
        changes: list[IndexChange] = []
        for delivery in deliveries:
            try:
                message = LinkChanged.decode(delivery.value)
            except InvalidMessage as exc:
                bury(self.app.queue, delivery, exc.code, exc.message)
                continue
            changes += documents(message, self.texts.get)
        failpoint("index-built")
        if changes:
            self.app.index.apply(changes)


class Texts:
    """Texts by store key; the last ones are remembered, because edits repeat them."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._chars = 0

    def get(self, key: str) -> str:
        """The text under this key; "" and a warning when it is missing."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            limit = self.app.settings.index_text_bytes
            text = self.app.store.open(key, 0, limit).decode("utf-8", "ignore")
        except KeyError:
            logger.warning("A text is not in the store", extra={"key": key})
            return ""
        self._remember(key, text)
        return text

    def _remember(self, key: str, text: str) -> None:
        self._kept[key] = text
        self._chars += len(text)
        while self._chars > CACHE_CHARS:
            self._chars -= len(self._kept.popitem(last=False)[1])
