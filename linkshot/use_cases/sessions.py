"""Web sessions, shared by all processes and kept over restarts.

A session ends at its expiry, at logout, or when the password changes. The catalogue holds a salted hash
of the current password and the hashes of the session ids. A process that starts with another password
stores a new verifier and deletes all sessions of the one before.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from uuid_utils import uuid7

from linkshot.app import App
from linkshot.catalogue.clock import MICROSECOND, to_us
from linkshot.catalogue.meta import get_meta, set_meta
from linkshot.catalogue.sessions import logins
from linkshot.errors import CatalogueUnavailable

SESSION_LIFETIME = timedelta(days=14)
MAX_SESSIONS = 1000
"""Logins at a time; the one that ends first makes room."""
SCRYPT = {"n": 2**14, "r": 8, "p": 1}
"""OWASP Password Storage Cheat Sheet, scrypt with 16 MiB."""
VERIFIER_KEY = "door"
"""Key in the catalogue's meta: the door in use."""
ATTEMPTS = 5

c = logins.c


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordVerifier:
    """A password, without the password."""

    door_id: str
    salt: str
    """32 hex digits."""
    scrypt: str
    """128 hex digits."""

    def verify(self, password: str) -> bool:
        """Whether this is the password; takes some 50 ms, by intention."""
        return hmac.compare_digest(_scrypt(password, self.salt), self.scrypt)


def password_verifier(app: App, password: str) -> PasswordVerifier:
    """The door of this password; a new one ends all logins through the one before."""
    for _ in range(ATTEMPTS):
        with app.catalogue.read() as conn:
            said = get_meta(conn, VERIFIER_KEY)
        if said is not None and (kept := PasswordVerifier(**json.loads(said))).verify(password):
            return kept
        salt = secrets.token_hex(16)
        made = PasswordVerifier(door_id=str(uuid7()), salt=salt, scrypt=_scrypt(password, salt))
        if _replace(app, said, made):
            return made
        # Another process was first; usually it has the same password, and its door is this one's too.
    raise CatalogueUnavailable("Several processes set different passwords at the same time.")


def begin(app: App, through: PasswordVerifier) -> str:
    """The id of a new session: 256 random bits, for the cookie and for nobody else."""
    session = secrets.token_urlsafe(32)
    now = to_us(app.now())
    row = {
        "id_sha256": _digest(session),
        "door": through.door_id,
        "ends_at": now + SESSION_LIFETIME // MICROSECOND,
    }
    # One place is kept free for the row that follows.
    last = sa.select(c.id_sha256).order_by(c.ends_at.desc()).offset(MAX_SESSIONS - 1)
    with app.catalogue.write() as conn:
        conn.execute(logins.delete().where((c.ends_at <= now) | c.id_sha256.in_(last)))
        conn.execute(logins.insert().values(**row))
    return session


def is_valid(app: App, through: PasswordVerifier, session: str) -> bool:
    """Whether somebody logged in through this door under this id, and is still."""
    query = sa.select(c.ends_at).where(
        c.id_sha256 == _digest(session), c.door == through.door_id, c.ends_at > to_us(app.now())
    )
    with app.catalogue.read() as conn:
        return conn.execute(query).first() is not None


def end(app: App, session: str) -> None:
    """Log out, everywhere. Repeatable."""
    with app.catalogue.write() as conn:
        conn.execute(logins.delete().where(c.id_sha256 == _digest(session)))


def _replace(app: App, before: str | None, made: PasswordVerifier) -> bool:
    """Put the new door in the place of this one; False when another process did so first."""
    with app.catalogue.edit() as conn:
        if get_meta(conn, VERIFIER_KEY) != before:  # scrypt took its time outside the transaction
            return False
        values = {"door_id": made.door_id, "salt": made.salt, "scrypt": made.scrypt}
        set_meta(conn, VERIFIER_KEY, json.dumps(values))
        conn.execute(logins.delete())
        return True


def _scrypt(password: str, salt: str) -> str:
    raw = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=bytes.fromhex(salt), **SCRYPT).hex()


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()
