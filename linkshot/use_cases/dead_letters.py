"""Publishes unprocessable messages to the dead-letter topic, with the reason.

Every consumer sends a message here and acknowledges its delivery afterwards. A letter never exceeds
what all brokers and our own consumers accept: a larger message is cut, the letter says so, and the
whole message is put into the store. A letter that the queue refuses although it answers is written
to the store instead, so that one message cannot stop a consumer.
"""

import base64
import hashlib
import json
import logging
import re
import time
from contextlib import suppress
from dataclasses import replace

import uuid_utils

from linkshot.app import App
from linkshot.domain.messages import DEAD, MAX_BYTES, TOPICS, DeadLetter
from linkshot.domain.storage_layout import SKIP_PREFIX, dead_message_key, skip_key, skipped_key
from linkshot.errors import (
    Damaged,
    InvalidInput,
    LinkshotError,
    QueueUnavailable,
    StoreUnavailable,
)
from linkshot.ports import Delivery, Message
from linkshot.system.log_config import ThrottledLog

logger = logging.getLogger(__name__)

MAX_KEY, MAX_DETAIL = 200, 500
"""Characters of a message's key and of the reason in words that a letter repeats."""
ORIGINAL_FIELD_BYTES = 200
"""Room for the field that says where the whole message lies."""
SKIP_POLL_S = 5.0
"""Between two looks for messages that an operator wants skipped."""
SKIP_VALID_S = 86_400.0
"""A request that met no delivery for so long is void: offsets begin anew on a topic that was deleted."""
DELIVERY_PLACE = re.compile(r"(?P<topic>[a-z0-9._-]{1,100})(/\d{1,9})?@\d{1,19}")
"""Delivery.where: `linkshot.requests/3@1742` on Kafka, `linkshot.requests@1742` in SQLite."""


def make_letter(delivery: Delivery, reason: str, detail: str, attempts: int = 0) -> DeadLetter:
    """The letter about a delivery, cut to MAX_BYTES as encoded. (pure)"""
    value = delivery.value
    envelope = DeadLetter(
        topic=delivery.topic,
        where=delivery.where,
        key=_truncate(delivery.key, MAX_KEY),
        reason=reason,
        detail=_truncate(detail, MAX_DETAIL),
        value_base64="",
        attempts=attempts,
        bytes=len(value),
        sha256=hashlib.sha256(value).hexdigest(),
        cut=True,
    )
    # base64 makes four characters of three bytes.
    room = (MAX_BYTES - len(envelope.encode()) - ORIGINAL_FIELD_BYTES) // 4 * 3
    kept = base64.b64encode(value[:room]).decode("ascii")
    return replace(envelope, value_base64=kept, cut=len(value) > room)


class DeadLetterQueue:
    """Where one reader's messages go that it cannot work on."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._tries: dict[str, int] = {}
        self._requested: dict[str, str] = {}
        self._polled_at = float("-inf")
        self._throttled_log = ThrottledLog()

    def send(self, delivery: Delivery, reason: str, detail: str, attempts: int = 0) -> None:
        """Set it aside, durable on return; the caller acknowledges the delivery afterwards.

        QueueUnavailable when the queue does not answer, MessageRefused when it answers and does not
        take the letter: the caller returns the delivery (nack). After `dead_letter_tries` refusals the letter goes to the
        store alone and the delivery counts as set aside.
        """
        letter = self.letter_about(delivery, reason, detail, attempts)
        try:
            self.app.queue.publish(DEAD, [Message(key=letter.key, value=letter.encode())])
        except QueueUnavailable as exc:
            if not self._is_refused(delivery, exc):
                raise
            self._store_letter(letter, exc)
        else:
            facts = {"action": "dead_letter", "topic": delivery.topic, "where": delivery.where}
            facts |= {"reason": reason, "key": letter.key}
            logger.warning("A message cannot be worked on and was set aside", extra=facts)
        self._tries.pop(delivery.where, None)

    def letter_about(
        self, delivery: Delivery, reason: str, detail: str, attempts: int = 0
    ) -> DeadLetter:
        """The letter about a delivery; of one that is too large for it the whole message is in the store
        before anybody can read the letter that names it."""
        letter = replace(make_letter(delivery, reason, detail, attempts), at=self.app.now())
        if letter.cut:
            letter = replace(letter, original=self._keep_original(delivery, letter))
        return letter

    def reject(self, delivery: Delivery, exc: LinkshotError) -> None:
        """Set a refused message aside; one that bears no signature of ours is only logged.

        Anybody writes those, and so does an older linkshot while a newer one is put in its place:
        everything that our own messages say is sent again from the catalogue.
        """
        if exc.code != "message.unsigned":
            self.send(delivery, exc.code, exc.message)
            return
        self._throttled_log.warn(
            logger,
            "A message that no role of this linkshot signed counts for nothing",
            f"{delivery.topic}: {exc.message}",
            action="message_unsigned",
            where=delivery.where,
            key=_truncate(delivery.key, MAX_KEY),
        )

    def skip_if_requested(self, delivery: Delivery) -> bool:
        """Whether an operator wanted this delivery skipped and it was set aside for that reason."""
        self._poll_skip_requests()
        because = self._requested.get(delivery.where)
        if because is None:
            return False
        self.send(delivery, "skipped", because)
        # After the letter: killed in between, the delivery is redelivered and the request is still there.
        self.app.store.delete([skip_key(delivery.where)])
        self._requested.pop(delivery.where, None)
        return True

    def _poll_skip_requests(self) -> None:
        """While the store does not answer, those that are known count."""
        now = time.monotonic()
        if now - self._polled_at > SKIP_POLL_S:
            self._polled_at = now
            with suppress(StoreUnavailable):
                self._requested = _requested_skips(self.app)

    def _is_refused(self, delivery: Delivery, exc: QueueUnavailable) -> bool:
        """Whether the queue answers and has refused this letter often enough."""
        try:
            if delivery.topic not in self.app.queue.topic_ids([delivery.topic]):
                return False
        except QueueUnavailable:
            return False
        self._tries[delivery.where] = self._tries.get(delivery.where, 0) + 1
        logger.warning(
            "A dead letter is refused by the queue",
            extra={"where": delivery.where, "tries": self._tries[delivery.where], "why": str(exc)},
        )
        return self._tries[delivery.where] >= self.app.settings.dead_letter_tries

    def _store_letter(self, letter: DeadLetter, exc: QueueUnavailable) -> None:
        """Keep the letter in the store, where dispatch finds it for the catalogue."""
        key = skipped_key(str(uuid_utils.uuid7()))
        self.app.store.put(key, letter.encode(), "application/json")
        facts = {"action": "message_skipped", "where": letter.where, "reason": letter.reason}
        logger.error(
            "A message can neither be worked on nor be set aside on the queue; it is skipped and "
            "kept in the store",
            extra={**facts, "key": key, "why": exc.message},
        )

    def _keep_original(self, delivery: Delivery, letter: DeadLetter) -> str | None:
        """Key of the whole message in the store, None while that does not answer."""
        key = dead_message_key(letter.sha256 or "")
        try:
            self.app.store.put(key, delivery.value, "application/octet-stream")
        except StoreUnavailable as exc:
            if not self._is_there(key, len(delivery.value)):
                logger.warning("A large message is only kept in part", extra={"why": exc.message})
                return None
        return key

    def _is_there(self, key: str, size: int) -> bool:
        """Whether another role has just stored the same message: a server may refuse one of two writers."""
        try:
            stat = self.app.store.stat(key)
        except (StoreUnavailable, Damaged):
            return False
        return stat is not None and stat.bytes == size


def request_skip(app: App, where: str, because: str) -> None:
    """Ask the readers to set this delivery aside unread; they look every SKIP_POLL_S.

    InvalidInput for what is no place of a delivery on one of our topics.
    """
    found = DELIVERY_PLACE.fullmatch(where)
    if found is None or found["topic"] not in TOPICS:
        raise InvalidInput(
            f"{where[:80]!r} is no place of a message; the log and `dead ls` name it as "
            "linkshot.requests/3@1742 (on Kafka) or linkshot.requests@1742",
            code="dead.where",
            field="where",
        )
    request = {"where": where, "because": because[:MAX_DETAIL], "at": app.now().isoformat()}
    app.store.put(skip_key(where), json.dumps(request).encode(), "application/json")


def _requested_skips(app: App) -> dict[str, str]:
    """Where → why, of what an operator wants skipped and nobody has met yet."""
    found: dict[str, str] = {}
    oldest_us = (app.now().timestamp() - SKIP_VALID_S) * 1_000_000
    for stat in app.store.list(SKIP_PREFIX):
        if stat.modified_us < oldest_us:
            app.store.delete([stat.key])
            continue
        try:
            request = json.loads(app.store.read(stat.key))
            found[str(request["where"])] = str(request["because"])
        except (KeyError, ValueError, TypeError):
            continue  # gone meanwhile, or not written by request_skip()
    return found


def _truncate(text: str, most: int) -> str:
    """At most so many characters, `…` at the end of what was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
