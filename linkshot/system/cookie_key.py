"""Loads the keys by which cookies of sites are sealed and opened, or makes a pair on first use.

Workers have the private key, by setting, from a file, or on one machine from the data folder (mode 0600). Who
imports cookies needs the public one only. Neither is in the artifact store, which holds what they sealed.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from linkshot.domain import cookie_sealing
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.errors import ConfigError
from linkshot.system.config import Settings
from linkshot.system.secret_files import make_secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

MAX_BYTES = 10_000


def load_private_key(settings: Settings) -> "X25519PrivateKey":
    """The key that opens cookies; ConfigError, which names the setting or file, without it."""
    if settings.cookie_key:
        try:
            return cookie_sealing.private_key(settings.cookie_key)
        except ValueError:
            raise _refused("the setting cookie_key", "cookie_key") from None
    path = key_file(settings)
    if path is None:
        raise ConfigError(ERROR_MESSAGES["cookies.no_key"], code="cookies.no_key")
    try:
        with path.open("rb") as file:
            return cookie_sealing.private_key(file.read(MAX_BYTES).decode())
    except OSError as exc:
        said = f"the key of cookies {path} cannot be read: {exc.strerror}"
        raise ConfigError(said, field="cookie_key_file") from exc
    except ValueError:
        raise _refused(str(path), "cookie_key_file") from None


def load_public_key(settings: Settings) -> "X25519PublicKey":
    """The key that seals cookies; where everything is on one machine, a pair is made when there is none.

    ConfigError `cookies.no_key` where neither key is given.
    """
    if settings.cookie_public_key:
        try:
            return cookie_sealing.public_key(settings.cookie_public_key)
        except ValueError:
            raise _refused("the setting cookie_public_key", "cookie_public_key") from None
    if not settings.cookie_key and not settings.cookie_key_file and settings.is_embedded("queue"):
        _make_own(settings)
    return load_private_key(settings).public_key()


def _make_own(settings: Settings) -> None:
    path = _own_file(settings)
    try:
        make_secret(path, _new_key)
    except OSError as exc:
        said = f"the key of cookies {path} cannot be made: {exc.strerror}"
        raise ConfigError(said, field="data") from exc


def key_file(settings: Settings) -> Path | None:
    """Where the private key is, made or not; None where a setting has to name one."""
    if settings.cookie_key_file:
        return Path(settings.cookie_key_file)
    return _own_file(settings) if settings.is_embedded("queue") else None


def _own_file(settings: Settings) -> Path:
    return settings.data / "keys" / "cookies.key"


def _new_key() -> bytes:
    return f"{cookie_sealing.key_text(cookie_sealing.new_key())}\n".encode()


def _refused(where: str, field: str) -> ConfigError:
    said = f"{where} is not a key for cookies; `linkshot cookies key` makes one"
    return ConfigError(said, field=field)
