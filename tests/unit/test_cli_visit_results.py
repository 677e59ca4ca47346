"""What `add --wait`, `snapshot --wait` and `show` say of a visit that ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from linkshot.cli import visit_results
from linkshot.domain.model import (
    Artifact,
    Failure,
    Link,
    LinkId,
    LinkState,
    Outcome,
    Quality,
    Reason,
    Role,
    Snapshot,
    SnapshotId,
    Verdict,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TEXT = Artifact(
    role=Role.TEXT, name="text.txt", key="blobs/sha256/ab/cd/ab", media_type="text/plain",
    bytes=1200, sha256="ab",
)  # fmt: skip
GOOD = Snapshot(
    snapshot_id=SnapshotId("1"), link_id=LinkId("0" * 32), outcome=Outcome.STORED, reason=Reason.ADD,
    finished_at=NOW, taken_at=NOW, http_status=200, final_url="https://a.example/", artifacts=(TEXT,),
)  # fmt: skip
LINK = Link(
    link_id=LinkId("0" * 32), url="https://a.example/", url_key="https://a.example/",
    host="a.example", title="", note="", tags=(), state=LinkState.FAILING, unread=False, watched=False,
    added_at=NOW, changed_at=NOW, rev=1, by_added=1, by_changed=1,
)  # fmt: skip
BY_HAND = "not tried again by itself: `linkshot snapshot 0000000000` tries it"


def answered(status: int, verdict: Verdict, *reasons: str) -> Snapshot:
    return replace(
        GOOD, http_status=status, quality=Quality(verdict=verdict, reasons=reasons or ("http",))
    )


def nothing(kind: str, detail: str = "") -> Snapshot:
    failure = Failure(kind=kind, retryable=True, detail=detail)
    return replace(GOOD, outcome=Outcome.FAILED, failure=failure, artifacts=(), http_status=None)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (GOOD, "saved · 200 · 1.2 kB"),
        (
            answered(200, Verdict.PARTIAL, "screenshot", "styles"),
            "saved · 200 · 1.2 kB · partial: the screenshot could not be made; some style sheets are missing",
        ),
        (
            answered(200, Verdict.GOOD, "uploaded", "consent_hidden:We value your privacy"),
            "saved · 200 · 1.2 kB · uploaded from your browser, not visited by linkshot; "
            "the box that asked for consent was hidden (We value your privacy)",
        ),
        (
            replace(GOOD, final_url="https://b.example/login"),
            "saved · 200 · 1.2 kB · led to https://b.example/login",
        ),
        (replace(GOOD, final_url="https://www.a.example"), "saved · 200 · 1.2 kB"),
        (
            replace(GOOD, outcome=Outcome.UNCHANGED, artifacts=()),
            "unchanged · 200 · nothing new was kept",
        ),
    ],
    ids=[
        "good",
        "partial",
        "good with remarks",
        "led elsewhere",
        "the same page by www",
        "unchanged",
    ],
)
def test_a_page_that_came_is_no_failure(last: Snapshot, said: str) -> None:
    link = replace(LINK, last=last)
    assert (visit_results.sentence(link, NOW), visit_results.failed(link)) == (said, False)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            answered(404, Verdict.HTTP_ERROR),
            "404, kept as the site's error page: the page was not found [http_404]",
        ),
        (
            answered(410, Verdict.HTTP_ERROR),
            "410, kept as the site's error page: the page was removed [http_410]",
        ),
        (
            answered(500, Verdict.HTTP_ERROR),
            "500, kept as the site's error page: the site had an error of its own [http_5xx]",
        ),
        (
            answered(418, Verdict.HTTP_ERROR),
            "418, kept as the site's error page: the site refused the page [http_error]",
        ),
        (
            answered(401, Verdict.BLOCKED),
            "401, kept as what the site shows instead of the page: the page asks for a login [http_401]",
        ),
        (
            answered(403, Verdict.BLOCKED),
            "403, kept as what the site shows instead of the page: blocked by the site [blocked]",
        ),
        (
            answered(200, Verdict.BLOCKED, "bot_wall"),
            "200, kept as what the site shows instead of the page: blocked by the site [blocked]",
        ),
        (
            answered(200, Verdict.EMPTY, "needs_javascript"),
            "200, kept as an empty page: the page was empty [empty]",
        ),
        (
            nothing("dns", "net::ERR_NAME_NOT_RESOLVED"),
            "failed, nothing was kept: the site's name could not be found [dns]: "
            "the name has no address, or no name server answered",
        ),
        (
            nothing("connect", "a.example:443 ERR_TUNNEL_CONNECTION_FAILED"),
            "failed, nothing was kept: the site did not accept the connection [connect]: a.example",
        ),
        (
            nothing("connect", "a.example:8443 ERR_CONNECTION_REFUSED"),
            "failed, nothing was kept: the site did not accept the connection [connect]: "
            "a.example:8443: the connection was refused",
        ),
        (
            nothing("redirects", "ERR_TOO_MANY_REDIRECTS"),
            "failed, nothing was kept: it is redirected without end [redirects]",
        ),
        (
            nothing("connect", "robots.txt: 100 % of it"),
            "failed, nothing was kept: the site did not accept the connection [connect]: "
            "robots.txt: 100 % of it",
        ),
        (nothing("tls"), "failed, nothing was kept: the secure connection failed [tls]"),
        (nothing("timeout"), "failed, nothing was kept: the page took too long [timeout]"),
        (nothing("memory"), "failed, nothing was kept: the page needed too much memory [memory]"),
        (
            nothing("robots"),
            "failed, nothing was kept: the site asks programs to stay away [robots]",
        ),
        (
            nothing("http_429"),
            "failed, nothing was kept: the site asked us to slow down [http_429]",
        ),
        (nothing("of_tomorrow"), "failed, nothing was kept: it failed (of_tomorrow) [of_tomorrow]"),
        (
            replace(GOOD, outcome=Outcome.DEFERRED, artifacts=()),
            "not visited: it waited too long for its turn [expired]",
        ),
    ],
    ids=lambda value: value.rpartition("[")[2][:-1] if isinstance(value, str) else "",
)
def test_what_is_not_the_page_is_said_to_be_none_and_is_a_failure(
    last: Snapshot, said: str
) -> None:
    link = replace(LINK, last=last)
    assert (visit_results.sentence(link, NOW), visit_results.failed(link)) == (
        f"{said}; {BY_HAND}",
        True,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, BY_HAND),
        ({"due_at": NOW + timedelta(hours=2)}, "next try 2026-11-24 11:00 UTC"),
        ({"watch_at": NOW + timedelta(minutes=4)}, "next visit 2026-11-24 09:04 UTC"),
        (
            {"due_at": NOW + timedelta(hours=2), "watch_at": NOW + timedelta(minutes=4)},
            "next visit 2026-11-24 09:04 UTC",
        ),
        ({"activity": "sent"}, "its next visit waits or is under way"),
        ({"activity": "due", "due_at": NOW}, "its next visit waits or is under way"),
    ],
    ids=["by hand", "a retry", "a watch", "whichever comes first", "under way", "due now"],
)
def test_when_it_is_visited_next(changes: dict[str, object], said: str) -> None:
    assert visit_results.next_visit(replace(LINK, **changes), NOW) == said
