"""Shows settings without their secrets."""

from linkshot.domain import backend_urls
from linkshot.domain.backend_urls import MASK, SCHEMES
from linkshot.system.config import SETTINGS, Settings

SECRETS = ("password", "cookie_key")


def masked_settings(settings: Settings) -> dict[str, str]:
    """Setting → value as text; passwords and keys are masked."""
    values: dict[str, str] = {}
    for name in SETTINGS:
        value = settings.url_of(name) if name in SCHEMES else getattr(settings, name)
        values[name] = masked(name, value)
    return values


def masked(name: str, value: object) -> str:
    """One value; the URL of a server keeps the name of its user."""
    if name in SECRETS:
        return MASK if value else ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return backend_urls.mask_url(name, str(value)) if name in SCHEMES else str(value)
