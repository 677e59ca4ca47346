"""One attempt at a visit, and the capture of what came of it, also when it did not come to its end.

The server's answer is in hand before the browser has it (main_document.py), and every step leaves its
result in the session. So whatever ends an attempt (a crash, the memory guard, the deadline, a page that does
not answer any more), what came until then can still be captured, without the browser.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crawler.egress.certificates import ask_certificates
from crawler.egress.traffic import host_and_port
from crawler.failures import VisitFailed
from crawler.page.capture_builder import build_capture
from crawler.page.cookie_jar import CookieJar
from crawler.page.main_document import MainDocument
from crawler.page.navigation import reject_non_documents
from crawler.page.page_session import PageNetwork, PageSession
from linkshot.domain.model import SCRIPTS_OFF, UNRENDERED, Capture
from linkshot.domain.site_rules import NO_RULES, VisitOptions
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
    certificate_host: str = ""
    """Whose it was, `host:port`; the page may lie elsewhere, if this host only leads to it."""
    lost_by: str = ""
    """Failure kind of an attempt before that lost the browser: a picture is taken as soon as there is one."""
    runs_scripts: bool = True
    rules: VisitOptions = NO_RULES
    """What the rules for its site say."""
    obeys_robots: bool = False
    jar: CookieJar | None = None
    """The cookies with which the page is visited."""
    network: PageNetwork | None = None
    """What stands in the place of the network; then no server is asked for anything."""
    session: PageSession | None = None
    certificates: "asyncio.Future[dict[str, Any]] | None" = None
    """What the server's certificates are; asked for beside the visit."""
    asked_host: str = ""
    """Whose they are, `host:port`."""
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def begin(self, session: PageSession) -> None:
        """The page is open, and about to be navigated."""
        self.session, self.certificates, self.began_at = session, None, datetime.now(UTC)
        self.asked_host = ""
        if not self.runs_scripts:
            session.dialog_guard.scripts_are_off()

    def after_loss(self, kind: str, *, was_alone: bool) -> "Attempt | None":
        """The attempt after this one, which lost the browser; None when no other is worth it.

        A first crash may be anybody's fault. A page that is alone with its browser and takes all memory, or
        ends it a second time, does so by itself: most do by their scripts, so these are left out.
        """
        if not self.runs_scripts:
            return None
        is_its_own = bool(self.lost_by) or (kind == "memory" and was_alone)
        return Attempt(
            url=self.url,
            certificate_error=self.certificate_error,
            certificate_host=self.certificate_host,
            lost_by=kind,
            runs_scripts=not is_its_own,
            rules=self.rules,
            obeys_robots=self.obeys_robots,
            jar=self.jar,
            network=self.network,
        )

    def accept_certificate(self, error: str) -> None:
        """From now on accept any certificate, since the one of the newest document's host was refused for this."""
        self.certificate_error = error
        if self.session is not None:
            self.certificate_host = host_and_port(self.session.main_document.requested_url)

    def ask_for_certificates(self, url: str) -> None:
        """Asks the server of this address, unless it was asked already; stop_asking() ends it."""
        if self.network is not None:
            return
        target = host_and_port(url) if url.startswith("https://") else ""
        if self.session is None or target == self.asked_host:
            return
        self.stop_asking()
        self.asked_host, self.certificates = target, None
        if target:
            self.certificates = asyncio.ensure_future(ask_certificates(self.session.meter, url))

    def stop_asking(self) -> None:
        """What has come stays."""
        if self.certificates is not None:
            self.certificates.cancel()

    async def wait_for_certificates(self, url: str) -> None:
        """They had the whole visit, so they are waited for a moment only; a script may have led to another
        host meanwhile, at `url`."""
        self.ask_for_certificates(url)
        if self.certificates is not None:
            await asyncio.wait({self.certificates}, timeout=CERTIFICATES_GRACE_S)

    def capture(self, session: PageSession, document: MainDocument, final_url: str) -> Capture:
        """What came of this document until now."""
        session.recorder.end_open()
        if not self.runs_scripts:
            session.steps.mark_partial(self.lost_by)
            if session.parts.html:
                session.steps.mark_partial(SCRIPTS_OFF)
        facts: dict[str, object] = {}
        if self.jar is not None:
            facts["cookies"] = {"site": self.jar.given.site}
        if self.network is None and (tls := self._tls_facts(final_url)):
            facts["tls"] = tls
        asked = self.certificates
        if asked is not None and self.asked_host == host_and_port(final_url):
            known = asked.done() and not asked.cancelled()
            facts["certificates"] = asked.result() if known else {"error": "timeout"}
        times = (self.began_at, datetime.now(UTC))
        return build_capture(session, document, final_url, times, facts)

    def _tls_facts(self, final_url: str) -> dict[str, object]:
        """Whether the browser trusted the certificates on the way to the page; empty when there were none."""
        error, host = self.certificate_error, self.certificate_host
        if error and host and host != host_and_port(final_url):
            return {"valid": False, "reason": error, "host": host}
        if not final_url.startswith("https://"):
            return {}
        return {"valid": False, "reason": error} if error else {"valid": True}

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
