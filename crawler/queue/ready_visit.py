"""A visit that may start: the one value that travels through Scrapy in `request.meta`.

Scrapy copies `meta` and lets every middleware write into it, so keys of our own would be an
interface without a type. Here it is one key with a frozen value. What the stages on the way find
out goes into its VisitReport, because Scrapy's errback gets the request but no response. The download
of a robots.txt, which is no visit, carries a RobotsDownload under the same key.
"""

from dataclasses import dataclass, field

from scrapy import Request
from scrapy.http import Response

from crawler.queue.completions import Completion
from linkshot.domain.cookies import SiteCookies
from linkshot.domain.messages import SnapshotRequested
from linkshot.domain.model import Capture, Failure
from linkshot.domain.site_rules import NO_RULES, VisitOptions
from linkshot.domain.upload_format import ARCHIVES

META_KEY = "linkshot_visit"


@dataclass(slots=True, kw_only=True)
class VisitReport:
    """What the scheduler needs to know of a visit, however it ended."""

    seconds: float | None = None
    """Duration; None when the site was not contacted."""
    lost_browser: bool = False
    """Whether the browser ended under the page at an attempt."""
    min_gap_s: float = 0.0
    """The Crawl-delay of the site's robots.txt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyVisit:
    """A request whose turn has come, with the completion that its delivery will have."""

    completion: Completion
    isolated: bool = False
    """Whether it needs the worker for itself, since an earlier visit of it was lost."""
    rejected: Failure | None = None
    """Why there will be no visit."""
    cookies: SiteCookies | None = None
    """With which the page is visited."""
    report: VisitReport = field(default_factory=VisitReport)

    @property
    def request(self) -> SnapshotRequested:
        """The message that asked for it."""
        return self.completion.pending.request

    @property
    def rules(self) -> VisitOptions:
        """What the rules for its site say."""
        return self.request.site or NO_RULES

    @property
    def shows_archive(self) -> bool:
        """Whether the page is shown from an uploaded web archive."""
        upload = self.request.upload
        return upload is not None and upload.media_type in ARCHIVES

    @property
    def url(self) -> str:
        """The checked address to open."""
        return self.completion.pending.url

    @property
    def host(self) -> str:
        """Host of `url`, the key of the scheduler."""
        return self.completion.pending.host


@dataclass(slots=True, kw_only=True)
class RobotsDownload:
    """The download of a robots.txt on behalf of a visit, with its redirects."""

    received: int = 0
    """Bytes of bodies so far."""


class CaptureResponse(Response):
    """Response of a visit; it is dropped with its capture when the spider's callback has returned."""

    def __init__(self, request: Request, capture: Capture) -> None:
        super().__init__(url=capture.final_url, status=capture.http_status, request=request)
        self.capture = capture


def visit_of(request: Request) -> ReadyVisit | None:
    """The visit that a Scrapy request stands for; None for Scrapy's own downloads (robots.txt)."""
    carried = request.meta.get(META_KEY)
    return carried if isinstance(carried, ReadyVisit) else None


def robots_download_of(request: Request) -> RobotsDownload | None:
    """The download of a robots.txt that a Scrapy request belongs to; None for any other request."""
    carried = request.meta.get(META_KEY)
    return carried if isinstance(carried, RobotsDownload) else None
