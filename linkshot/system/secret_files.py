"""Reads secrets from files, which keeps them out of URLs, environments and process lists."""

from pathlib import Path

from linkshot.errors import ConfigError


def read_secret(option: str, path: str, part: str) -> str:
    """The secret in the file that `option` of the part's URL names, without white space around it.

    ConfigError, which names setting and option, when it cannot be read or is empty.
    """
    where = f"the {option} of LINKSHOT_{part.upper()}"
    try:
        secret = Path(path).read_text("utf-8").strip()
    except OSError as exc:
        raise ConfigError(f"{where} cannot be read: {exc.strerror}", field=part) from exc
    except ValueError:
        raise ConfigError(f"{where} cannot be read: it is not UTF-8", field=part) from None
    if not secret:
        raise ConfigError(f"{where} is empty", field=part)
    return secret
