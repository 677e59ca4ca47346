"""The player of web archives that a user has installed: its address, with the archive's in it. (pure)

It lives on another origin than linkshot: the page in an archive runs its scripts in it, and what runs in our
origin can read and change everything.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from ada_url import URL

ARCHIVE, PAGE, TIME = "{wacz}", "{url}", "{ts}"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class ReplayPlayer:
    """A player by the setting `replay_player_url`."""

    template: str

    @property
    def origin(self) -> str:
        """As browsers write it (RFC 6454 §6.1)."""
        return str(URL(_filled(self.template, "x", "x", "x")).origin)

    @property
    def name(self) -> str:
        """Its host, for people."""
        return self.origin.partition("://")[2]

    def address(self, archive: str, page: str, at: datetime | None) -> str:
        """Where it shows this page of the archive at this address."""
        stamp = f"{at:%Y%m%d%H%M%S}" if at else ""
        return _filled(self.template, *(quote(one, safe="") for one in (archive, page, stamp)))


def player(template: str) -> ReplayPlayer | None:
    """The player; None for an empty template. ValueError says what is wrong with one."""
    if not template:
        return None
    wrong = ValueError(
        "must be an address with {wacz} where that of the archive goes, like "
        "https://replay.example.org/?source={wacz}"
    )
    if ARCHIVE not in template:
        raise wrong
    try:
        parsed = URL(_filled(template, "x", "x", "x"))
    except ValueError:
        raise wrong from None
    if parsed.protocol not in ("http:", "https:") or not parsed.hostname:
        raise wrong
    if parsed.username or parsed.password or ARCHIVE in template.split("/")[2]:
        raise wrong
    return ReplayPlayer(template)


def refuse_own_origin(found: ReplayPlayer, public: str, host: str, port: int) -> None:
    """ValueError for a player on one of our own origins: `public`, or this host and port."""
    bracketed = f"[{host}]" if ":" in host else host
    own = {f"http://{name}:{port}" for name in (bracketed, *LOOPBACK)}
    if found.origin in own | {public}:
        raise ValueError(
            f"{found.origin} is linkshot's own origin, where an archived page's scripts could read and "
            "change everything; give the player another host name or port"
        )


def _filled(template: str, archive: str, page: str, at: str) -> str:
    return template.replace(ARCHIVE, archive).replace(PAGE, page).replace(TIME, at)
