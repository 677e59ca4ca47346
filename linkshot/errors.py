"""What can go wrong, as one tree.

LinkshotError
├── InvalidInput            what a person or program gave cannot be used (HTTP 400, 413, 422)
│   ├── InvalidURL
│   ├── InvalidTag
│   ├── QuerySyntax         carries a position
│   ├── InvalidImport
│   ├── InvalidSchedule
│   ├── PageNotChosen       of a web archive it is not clear which page is meant
│   └── InvalidMessage      a queue message nobody can read
├── NotFound                no such link, tag, snapshot, artifact (404)
├── Conflict                two changes exclude each other (409)
├── TooMany                 more of it at once than is allowed; later it is (429)
├── Forbidden               origin, host or address not allowed (403)
├── ConfigError             a setting cannot work; refuses to start
├── RoleTaken               another process on this machine holds the role
├── RoleStuck               a role gives no sign of life
├── Damaged                 one object is missing, changed or cannot be read, while others can (502)
└── Unavailable             a part of our own does not answer (503)
    ├── CatalogueUnavailable
    ├── QueueUnavailable
    │   ├── MessageRefused  the queue answers, and does not take this message
    │   └── TopicsMissing   the queue answers, and some topics do not exist
    ├── StoreUnavailable
    ├── IndexUnavailable
    └── BrowserUnavailable

Every error has a stable `code` that programs may rely on; the message is for people and says
what happened to what and what can be done.
"""

from collections.abc import Sequence


class LinkshotError(Exception):
    """Something went wrong."""

    code = "internal"

    def __init__(
        self, message: str | None = None, *, code: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message or type(self).__doc__ or "")
        if code is not None:
            self.code = code
        self.field = field
        """Which part of the input, when there is one: `url`, `tags`, …"""

    @property
    def message(self) -> str:
        """The sentence for people."""
        return str(self.args[0])


class InvalidInput(LinkshotError):
    """What was given cannot be used."""

    code = "invalid"


class InvalidURL(InvalidInput):
    """This is not a link that can be kept."""

    code = "url.unparseable"

    def __init__(self, message: str | None = None, *, code: str | None = None) -> None:
        super().__init__(message, code=code, field="url")


class InvalidTag(InvalidInput):
    """This is not a usable tag."""

    code = "tag.invalid"


class QuerySyntax(InvalidInput):
    """This query cannot be read."""

    code = "query.syntax"

    def __init__(
        self, template: str, *, position: int = 0, code: str | None = None, **values: object
    ) -> None:
        super().__init__(template % values if values else template, code=code, field="query")
        self.template = template
        """The sentence with `%(name)s` where `values` stand; it is what gets translated."""
        self.values = values
        self.position = position
        """0-based index of the character where reading stopped."""


class InvalidImport(InvalidInput):
    """This file cannot be imported."""

    code = "import.invalid"


class InvalidSchedule(InvalidInput):
    """This is not a usable schedule."""

    code = "schedule.invalid"


class PageNotChosen(InvalidInput):
    """It is not clear which page of the archive is meant."""

    code = "upload.several_pages"

    def __init__(self, message: str, *, pages: Sequence[str], code: str | None = None) -> None:
        super().__init__(message, code=code, field="file")
        self.pages = tuple(pages)
        """Addresses that are there, the first ones."""


class InvalidMessage(InvalidInput):
    """This message cannot be read."""

    code = "message.undecodable"


class NotFound(LinkshotError):
    """There is no such thing here."""

    code = "not_found"


class Conflict(LinkshotError):
    """This change conflicts with another one."""

    code = "conflict"


class TooMany(LinkshotError):
    """This is more at once than is allowed; try again later."""

    code = "too_many"
    retry_after_s = 5

    def __init__(self, message: str | None = None, *, limit: int, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.limit = limit
        """How many are allowed."""


class Forbidden(LinkshotError):
    """This is not allowed."""

    code = "forbidden"


class ConfigError(LinkshotError):
    """A setting cannot work."""

    code = "config"


class RoleTaken(LinkshotError):
    """Another linkshot process on this machine already does this work."""

    code = "role.taken"


class RoleStuck(LinkshotError):
    """A role does not work, or has stood still for too long."""

    code = "role.stuck"


class Damaged(LinkshotError):
    """Stored bytes are not what the manifest says."""

    code = "artifact.damaged"

    def __init__(
        self, message: str | None = None, *, fault: str = "content", code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.fault = fault
        """`missing`, `size`, `content` or `unreadable`; see linkshot.domain.model.Fault."""


class Unavailable(LinkshotError):
    """A part of linkshot does not answer; try again later."""

    code = "unavailable"
    retry_after_s = 5
    part = ""
    """Which part it is; empty where only the call tells, as a queue may fail for one direction only."""


class CatalogueUnavailable(Unavailable):
    """The catalogue does not answer; nothing was changed, try again later."""

    code = "catalogue.unavailable"


class QueueUnavailable(Unavailable):
    """The queue does not answer; snapshots wait, nothing is lost."""

    code = "queue.unavailable"


class MessageRefused(QueueUnavailable):
    """The queue answers and refuses this message; others go on."""

    code = "queue.refused"


class TopicsMissing(QueueUnavailable):
    """Topics of the queue are missing; dispatch creates them."""

    code = "queue.topics_missing"


class StoreUnavailable(Unavailable):
    """The artifact store does not answer; try again later."""

    code = "store.unavailable"
    part = "store"


class IndexUnavailable(Unavailable):
    """The search index does not answer; queries without words still work."""

    code = "search.unavailable"


class BrowserUnavailable(Unavailable):
    """The browser does not start; visits wait."""

    code = "browser.unavailable"
    part = "browser"
