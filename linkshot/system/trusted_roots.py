"""Loads the certificates that the setting `timestamp_roots` trusts to stamp snapshots with the time."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from linkshot.errors import ConfigError
from linkshot.system.config import Settings

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_BYTES = 10_000_000


def trusted_roots(settings: Settings) -> Sequence["Certificate"]:
    """The certificates; none without the setting. ConfigError when the file cannot be used."""
    if not settings.timestamp_roots:
        return ()
    from cryptography import x509

    try:
        with Path(settings.timestamp_roots).open("rb") as file:
            return x509.load_pem_x509_certificates(file.read(MAX_BYTES))
    except (OSError, ValueError) as exc:
        raise ConfigError(
            f"timestamp_roots names {settings.timestamp_roots}, which is no file of certificates in PEM",
            field="timestamp_roots",
        ) from exc
