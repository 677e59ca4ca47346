"""Dead letters in the catalogue, where people list them and send them again."""

import base64
import binascii

import sqlalchemy as sa
import uuid_utils

from linkshot.app import App
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.dead_letters import dead_letters
from linkshot.catalogue.meta import get_meta, set_meta
from linkshot.catalogue.schema import insert_into, storable
from linkshot.domain.messages import DeadLetter
from linkshot.domain.storage_layout import SKIPPED_PREFIX
from linkshot.errors import InvalidMessage

LAST_RECORDED = "skipped_seen"
"""Key in the catalogue's meta: the last letter in the store that was copied."""
MOST_ATTEMPTS = 1_000_000


def read_letter(value: bytes) -> DeadLetter:
    """The letter in a message; InvalidMessage when it is none, or its message is no base64."""
    letter = DeadLetter.decode(value)
    try:
        base64.b64decode(letter.value_base64, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InvalidMessage("message.value_base64 is not base64") from exc
    return letter


def record(app: App, letter: DeadLetter) -> None:
    """List the letter, once. Whoever wrote it, what it says fits the columns.

    Places of deliveries begin anew on a topic that was deleted: the same place with another message
    is another letter.
    """
    row = _row(app, letter)
    with app.catalogue.write() as conn:
        before = sa.select(dead_letters.c.sha256).where(dead_letters.c.origin == row["origin"])
        known = conn.execute(before).first()
        if known is not None and known.sha256 != row["sha256"]:
            row["origin"] = f"{row['origin']}#{str(row['sha256'])[:12]}"
        fresh = insert_into(conn, dead_letters).values(**row)
        conn.execute(fresh.on_conflict_do_nothing(index_elements=["origin"]))


def record_skipped(app: App) -> int:
    """List the letters that the queue refused and readers left in the store; how many."""
    with app.catalogue.read() as conn:
        seen = get_meta(conn, LAST_RECORDED) or ""
    # Their names are UUIDs of version 7, so the order of keys is that of time.
    found = [stat.key for stat in app.store.list(SKIPPED_PREFIX) if stat.key > seen]
    for key in found:
        try:
            record(app, read_letter(app.store.read(key)))
        except (InvalidMessage, KeyError):  # it stays in the store and does not hold up the others
            continue
    if found:
        with app.catalogue.write() as conn:
            set_meta(conn, LAST_RECORDED, found[-1])
    return len(found)


def _row(app: App, letter: DeadLetter) -> dict[str, object]:
    return {
        "dead_id": str(uuid_utils.uuid7()),
        "topic": storable(letter.topic[:100]),
        "origin": storable(letter.where[:180]),
        "key": storable(letter.key),
        "reason": storable(letter.reason[:60]),
        "detail": storable(letter.detail),
        "value_base64": letter.value_base64,
        "attempts": min(max(letter.attempts, 0), MOST_ATTEMPTS),
        "at": to_us(letter.at or app.now()),
        "bytes": letter.bytes if letter.bytes is None else min(max(letter.bytes, 0), 2**62),
        "sha256": letter.sha256 and storable(letter.sha256[:64]),
        "cut": letter.cut,
        "original": letter.original and storable(letter.original[:200]),
    }
