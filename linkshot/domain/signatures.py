"""Anonymous signatures over a hash, in the form of wacz-auth 0.1.0. (pure)

ECDSA on P-384 with SHA-256 over the text `sha256:<64 hex digits>`; the signature is r and s side by side
(IEEE P1363, what WebCrypto makes), the public key SubjectPublicKeyInfo in DER, both in base64
(https://specs.webrecorder.net/wacz-auth/0.1.0/). A signature proves that whoever had the private key
signed this hash, not who that is.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from linkshot.domain.rfc3339 import rfc3339
from linkshot.errors import Damaged

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey

VERSION = "0.1.0"
NUMBER_BYTES = 48
"""Length of r and of s on P-384."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs hashes with one private key."""

    key: "EllipticCurvePrivateKey"
    software: str

    def sign(self, digest: str, created: datetime) -> dict[str, str]:
        """The `signedData` of a hash `sha256:<hex>`; equal arguments give equal bytes (RFC 6979)
        where OpenSSL is 3.2 or newer."""
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        r, s = decode_dss_signature(self.key.sign(digest.encode(), _algorithm()))
        signature = r.to_bytes(NUMBER_BYTES, "big") + s.to_bytes(NUMBER_BYTES, "big")
        return {
            "hash": digest,
            "created": rfc3339(created, "milliseconds"),
            "software": self.software,
            "version": VERSION,
            "signature": base64.b64encode(signature).decode(),
            "publicKey": self.public_key(),
        }

    def public_key(self) -> str:
        """The public key as `signedData` has it."""
        from cryptography.hazmat.primitives import serialization

        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(public).decode()


def _algorithm() -> "ECDSA":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        return ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:  # cryptography on a distribution's older OpenSSL
        return ec.ECDSA(hashes.SHA256())


def check_signature(signed: dict[str, Any], digest: str) -> None:
    """Damaged unless the key in `signedData` signed this hash `sha256:<hex>`."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    if signed.get("hash") != digest:
        raise Damaged("the signature is of another hash")
    try:
        public = serialization.load_der_public_key(_decoded(signed, "publicKey"))
        raw = _decoded(signed, "signature")
        if not isinstance(public, ec.EllipticCurvePublicKey) or len(raw) != 2 * NUMBER_BYTES:
            raise Damaged("the signature is not one of ECDSA on P-384")
        r, s = (int.from_bytes(part, "big") for part in (raw[:NUMBER_BYTES], raw[NUMBER_BYTES:]))
        public.verify(encode_dss_signature(r, s), digest.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as exc:
        raise Damaged("the signature does not fit the hash") from exc
    except (ValueError, KeyError, TypeError, UnsupportedAlgorithm) as exc:
        raise Damaged(f"the signature cannot be read: {exc}") from exc


def fingerprint(public_key: str) -> str:
    """SHA-256 of a public key as `signedData` has it, 64 hex digits; Damaged for what is not base64."""
    import hashlib

    try:
        return hashlib.sha256(base64.b64decode(public_key, validate=True)).hexdigest()
    except (binascii.Error, ValueError) as exc:
        raise Damaged("the public key cannot be read") from exc


def _decoded(signed: dict[str, Any], name: str) -> bytes:
    return base64.b64decode(str(signed[name]), validate=True)
