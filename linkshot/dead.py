"""How is a message laid to rest that nobody can work on?"""

import base64
from datetime import UTC, datetime

from linkshot.messages import DEAD, DeadLetter
from linkshot.ports import Delivery, Message, Queue

MAX_KEPT = 600_000
"""Bytes of a dead message that are kept; base64 of it still fits one message."""


def bury(queue: Queue, delivery: Delivery, reason: str, detail: str, attempts: int = 0) -> None:
    """Publish it on linkshot.dead with the reason; settle the delivery only after this returns."""
    letter = DeadLetter(
        topic=delivery.topic,
        where=delivery.where,
        key=delivery.key,
        reason=reason,
        detail=detail[:500],
        value_base64=base64.b64encode(delivery.value[:MAX_KEPT]).decode(),
        attempts=attempts,
        at=datetime.now(UTC),
    )
    queue.publish(DEAD, [Message(key=delivery.key, value=letter.encode())])
