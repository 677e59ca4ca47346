"""Reads secrets from files, which keeps them out of URLs, environments and process lists, and makes such files."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
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


def make_secret(path: Path, content: Callable[[], bytes]) -> None:
    """A file that only its owner can read, unless there is one; of several processes that make one, the
    first one's stays. OSError."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
