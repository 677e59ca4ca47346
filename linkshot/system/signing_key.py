"""Loads the private key that signs snapshots, or makes one on first use.

One file in PEM (PKCS #8, P-384), readable by its owner only. It is not kept in the artifact store: whoever can
write there could then sign what they changed. Workers on several machines have a key each, unless
the setting `signing_key` names the same file on all.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from linkshot.errors import ConfigError
from linkshot.system.config import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

MAX_BYTES = 100_000


def load_signing_key(settings: Settings) -> "EllipticCurvePrivateKey":
    """The key; ConfigError, which names the file, when it cannot be read, made or used.

    A file that the setting names is never made: a missing one is a mistake.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    path = key_file(settings)
    try:
        if not settings.signing_key:
            _make(path)
        with path.open("rb") as file:
            key = serialization.load_pem_private_key(file.read(MAX_BYTES), None)
    except OSError as exc:
        raise _refused(path, str(exc.strerror)) from exc
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise _refused(path, "it is not a private key in PEM without a password") from exc
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp384r1":
        raise _refused(path, "it is not a key on the curve P-384")
    return key


def key_file(settings: Settings) -> Path:
    """Where the key is."""
    return Path(settings.signing_key or settings.data / "keys" / "signing.pem")


def _make(path: Path) -> None:
    """A new key, unless there is one; of several processes that make one, the first one's stays."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _refused(path: Path, why: str) -> ConfigError:
    return ConfigError(f"the signing key {path} cannot be used: {why}", field="signing_key")
