"""One attempt at a visit, and the capture of what came of it, also when it did not come to its end.

The server's answer is in hand before the browser has it (main_document.py), and every step leaves its
result in the session. So whatever ends an attempt (a crash, the memory guard, the deadline, a page that does
not answer any more), what came until then can still be captured, without the browser.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crawler.failures import VisitFailed
from crawler.page.capture_builder import build_capture
from crawler.page.main_document import MainDocument
from crawler.page.navigation import reject_non_documents
from crawler.page.page_session import PageSession
from linkshot.domain.model import UNRENDERED, Capture
from linkshot.domain.urls import without_credentials

CERTIFICATES_GRACE_S = 0.5
"""How long the certificates are waited for once the page was captured."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """How a page is visited this time, and what came of it so far."""

    url: str
    certificate_error: str = ""
    """Why the server's certificate was refused at an attempt before; the context then accepts any
    certificate, and the capture records the reason."""
    is_careful: bool = False
    """Whether the browser was lost at an attempt before: a picture is taken as soon as there is one."""
    session: PageSession | None = None
    certificates: "asyncio.Future[dict[str, Any]] | None" = None
    """What the server's certificates are; asked for beside the visit."""
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def wait_for_certificates(self) -> None:
        """They had the whole visit, so they are waited for a moment only."""
        if self.certificates is not None:
            await asyncio.wait({self.certificates}, timeout=CERTIFICATES_GRACE_S)

    def capture(self, session: PageSession, document: MainDocument, final_url: str) -> Capture:
        """What came of this document until now."""
        session.recorder.end_open()
        facts: dict[str, object] = {}
        if final_url.startswith("https://"):
            error = self.certificate_error
            facts["tls"] = {"valid": not error, **({"reason": error} if error else {})}
        if (asked := self.certificates) is not None:
            known = asked.done() and not asked.cancelled()
            facts["certificates"] = asked.result() if known else {"error": "timeout"}
        times = (self.began_at, datetime.now(UTC))
        return build_capture(session, document, final_url, times, facts)

    def partial_capture(self, end: VisitFailed) -> Capture:
        """What came of the page until it ended like this, with the kind of the failure as the reason.

        Raises `end` when the server's answer had not come, and VisitFailed when that was not the page:
        only the site can help then.
        """
        session = self.session
        if session is None:
            raise end
        file, page = session.main_document.file, session.main_document.page
        document = file or page
        if document is None:
            raise end
        reject_non_documents(document)
        session.steps.mark_partial(end.failure.kind)
        shown = without_credentials(session.page.url)
        if session.parts.html and shown.startswith(("http://", "https://")):
            return self.capture(session, page or document, shown)
        session.parts.html = ""
        if file is None:
            session.steps.mark_partial(UNRENDERED)
        return self.capture(session, document, document.url)
