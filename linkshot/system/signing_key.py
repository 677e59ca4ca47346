"""Loads the private key that signs snapshots, or makes one on first use.

One file in PEM (PKCS #8, P-384), readable by its owner only. It is not kept in the artifact store: whoever can
write there could then sign what they changed. Workers on several machines have a key each, unless
the setting `signing_key` names the same file on all.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from linkshot.errors import ConfigError
from linkshot.system.config import Settings
from linkshot.system.secret_files import make_secret

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
            make_secret(path, _new_key)
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


def _new_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _refused(path: Path, why: str) -> ConfigError:
    return ConfigError(f"the signing key {path} cannot be used: {why}", field="signing_key")
