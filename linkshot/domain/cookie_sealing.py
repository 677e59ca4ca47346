"""Seals the cookies of a site for the workers: who has the public key can store them, not read them.

HPKE in base mode (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305; its `info` is the site, so that what
was sealed for one site does not open as another's. The form is the encapsulated key with the ciphertext.
"""

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.errors import InvalidInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.hpke import Suite

KEY_BYTES = 32
KEY_ID_DIGITS = 16


def seal(key: "X25519PublicKey", site: str, data: bytes) -> bytes:
    """The data, to be opened with the private key of `key` and for this site only."""
    return _suite().encrypt(data, key, _info(site))


def open_sealed(key: "X25519PrivateKey", site: str, sealed: bytes) -> bytes:
    """What was sealed; InvalidInput when the key or the site is another, or the bytes have changed."""
    from cryptography.exceptions import InvalidTag

    try:
        return _suite().decrypt(sealed, key, _info(site))
    except (InvalidTag, ValueError):
        raise InvalidInput(ERROR_MESSAGES["cookies.sealed"], code="cookies.sealed") from None


def key_id(key: "X25519PublicKey") -> str:
    """Names a public key: the beginning of its SHA-256, KEY_ID_DIGITS hex digits."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:KEY_ID_DIGITS]


def private_key(text: str) -> "X25519PrivateKey":
    """The private key in a setting or file; ValueError for what is none."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(_raw(text))


def public_key(text: str) -> "X25519PublicKey":
    """The public key in a setting; ValueError for what is none."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    return X25519PublicKey.from_public_bytes(_raw(text))


def key_text(key: "X25519PrivateKey | X25519PublicKey") -> str:
    """A key as settings and files have it: 43 characters of base64url (RFC 4648 §5)."""
    # both kinds hand out their raw bytes under a name of their own
    raw = key.public_bytes_raw() if hasattr(key, "public_bytes_raw") else key.private_bytes_raw()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def new_key() -> "X25519PrivateKey":
    """A private key that nobody had before."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.generate()


def _raw(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip() + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not a key") from None
    if len(raw) != KEY_BYTES:
        raise ValueError("not a key")
    return raw


def _suite() -> "Suite":
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _info(site: str) -> bytes:
    return f"linkshot cookies 1 {site}".encode()
