"""How are settings shown without their secrets?"""

import re

from linkshot.config import KNOBS, Settings

MASK = "***"
PARTS = ("catalogue", "queue", "store", "index")


def shown(settings: Settings) -> dict[str, str]:
    """Setting → value as text; passwords and keys are masked."""
    values: dict[str, str] = {}
    for name in KNOBS:
        value = settings.url_of(name) if name in PARTS else getattr(settings, name)
        values[name] = masked(name, value)
    return values


def masked(name: str, value: object) -> str:
    """One value; the login of a URL keeps its user."""
    if name == "password":
        return MASK if value else ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return re.sub(r"(://[^/@:]*):[^/@]*@", rf"\1:{MASK}@", str(value))
