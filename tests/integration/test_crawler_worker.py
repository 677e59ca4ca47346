"""A crawl worker as a process of its own: what comes in, what comes out, and how it ends."""

import base64
import contextlib
import gzip
import itertools
import json
import os
import shutil
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import uuid_utils
from crawl_worker import PATIENCE_S, Worker, receive, request, results, send
from cryptography import x509
from tls_world import serving

from crawler.exit_codes import ExitCode
from linkshot.app import App
from linkshot.domain.manifest_seal import check_seal_signature, split_seal
from linkshot.domain.messages import (
    DEAD,
    REQUESTS,
    SUBMISSIONS,
    DeadLetter,
    Submission,
)
from linkshot.domain.model import Outcome, Quality, Role, Verdict
from linkshot.domain.storage_layout import attempt_key
from linkshot.domain.timestamps import check_timestamp
from linkshot.ports import Message
from linkshot.samples.loopback import Answer, Raw, Request, Response, hold
from linkshot.system.config import Settings
from linkshot.wiring import open_app
from tests.certificates import Plan
from tests.site import Site
from tests.timestamp_authority import TimestampAuthority

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    settings = Settings(
        data=tmp_path, allow_networks=("127.0.0.0/8",), host_gap_s=0.1, host_gap_factor=0.0,
        load_timeout_s=3, disk_floor_bytes=0, self_check="off",
    )  # fmt: skip
    opened = open_app(settings)
    yield opened
    opened.close()


def test_a_request_comes_back_as_a_stored_snapshot(app: App, site: Site) -> None:
    asked = request(site.url("/zh/article"))
    send(app, asked)
    with Worker(app) as worker:
        finished = results(app, 1)[asked.request_id]
        assert worker.end() == ExitCode.OK
    assert finished.outcome is Outcome.STORED
    assert "修表铺" in (finished.title or "")
    assert app.store.stat(finished.manifest or "")
    assert app.store.stat(attempt_key(asked.request_id)) is None
    assert app.queue.backlog(REQUESTS, "crawl") == 0
    assert worker.left() == []


def test_good_and_hostile_pages_all_end(app: App, site: Site) -> None:
    pages = ("/en/article", "/script-loop", "/redirect-loop", "/pdf", "/404", "/empty-reply")
    asked = {path: request(site.url(path)) for path in pages}
    send(app, *asked.values())
    with Worker(app) as worker:
        found = results(app, len(pages))
        worker.end()
    outcomes = {path: found[one.request_id].outcome for path, one in asked.items()}
    assert outcomes == {
        "/en/article": Outcome.STORED,
        "/script-loop": Outcome.STORED,
        "/redirect-loop": Outcome.FAILED,
        "/pdf": Outcome.STORED,
        "/404": Outcome.STORED,
        "/empty-reply": Outcome.FAILED,
    }
    assert list(app.store.list("attempts/")) == []


def test_a_message_nobody_can_read_is_set_aside_and_the_next_goes_on(app: App, site: Site) -> None:
    asked = request(site.url("/en/article"))
    app.queue.publish(REQUESTS, [Message(key="k", value=b"\xff nonsense")])
    send(app, asked)
    with Worker(app) as worker:
        assert asked.request_id in results(app, 1)
        letter = DeadLetter.decode(receive(app, DEAD, 1)[0].value)
        worker.end()
    assert letter.reason == "message.undecodable"
    assert letter.topic == REQUESTS
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_bare_submission_on_the_wrong_topic_is_passed_on(app: App) -> None:
    app.queue.publish(
        REQUESTS, [Message(key="k", value=b'{"url":"https://a.example/","tags":["x"]}')]
    )
    with Worker(app) as worker:
        passed = Submission.decode(receive(app, SUBMISSIONS, 1)[0].value)
        worker.end()
    assert (passed.url, passed.tags) == ("https://a.example/", ("x",))
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_an_address_of_a_private_network_is_not_visited(app: App) -> None:
    asked = request("http://10.0.0.1/")
    send(app, asked)
    with Worker(app) as worker:
        finished = results(app, 1)[asked.request_id]
        worker.end()
    assert finished.error is not None
    assert finished.error.kind == "address_blocked"


def test_a_snapshot_that_exists_is_announced_again_without_a_visit(app: App, site: Site) -> None:
    asked = request(site.url("/changing"))
    send(app, asked)
    with Worker(app) as worker:
        first = results(app, 1)[asked.request_id]
        site.requests.clear()
        send(app, asked)
        again = results(app, 1)[asked.request_id]
        worker.end()
    assert again == first
    assert site.requests == []


def test_a_worker_that_was_killed_loses_nothing(app: App, site: Site, tmp_path: Path) -> None:
    asked = request(site.url("/en/article"))
    send(app, asked)
    with Worker(app, LINKSHOT_FAILPOINTS="after-visit:kill@1") as worker:
        assert worker.process.wait(PATIENCE_S) == -signal.SIGKILL
    assert app.store.stat(attempt_key(asked.request_id)) is not None
    with Worker(app) as worker:
        assert results(app, 1)[asked.request_id].outcome is Outcome.STORED
        worker.end()
    assert app.store.stat(attempt_key(asked.request_id)) is None


def test_a_request_that_kills_the_worker_again_and_again_is_poison(app: App, site: Site) -> None:
    asked = request(site.url("/en/article"))
    send(app, asked)
    for _ in range(4):
        with Worker(app, LINKSHOT_FAILPOINTS="before-visit:kill@1") as worker:
            assert worker.process.wait(PATIENCE_S) == -signal.SIGKILL
    with Worker(app) as worker:
        finished = results(app, 1)[asked.request_id]
        letter = DeadLetter.decode(receive(app, DEAD, 1)[0].value)
        worker.end()
    assert finished.error is not None
    assert finished.error.kind == "crash"
    assert (letter.reason, letter.attempts) == ("visit.lost", 3)
    assert site.requests == []


def test_a_worker_whose_parent_dies_leaves_no_browser(app: App, site: Site) -> None:
    send(app, request(site.url("/en/article")))
    with Worker(app) as worker:
        results(app, 1)
        assert any("chrom" in one.name() or "headless" in one.name() for one in worker.family())
        os.close(worker.pipe)
        worker.pipe = -1
        assert worker.process.wait(PATIENCE_S) == ExitCode.PARENT_GONE
    assert worker.left() == []


def test_a_visit_that_does_not_end_in_time_is_nacked_when_the_worker_stops(
    app: App, site: Site
) -> None:
    send(app, request(site.url("/stuck-headers")))
    with Worker(app, LINKSHOT_DRAIN_TIMEOUT_S="1") as worker:
        until = time.monotonic() + PATIENCE_S
        while not site.seen("/stuck-headers") and time.monotonic() < until:
            worker.family()
            time.sleep(0.1)
        assert worker.end() == ExitCode.OK
    assert app.queue.backlog(REQUESTS, "crawl") == 1
    assert list(app.store.list("attempts/")) == []
    assert worker.left() == []


def test_without_a_browser_the_worker_says_so(app: App) -> None:
    with Worker(app, LINKSHOT_BROWSER="/no/such/browser") as worker:
        assert worker.process.wait(PATIENCE_S) == ExitCode.CONFIG


@pytest.fixture
def https(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Serves a page by TLS, its certificate by itself, in a way of the caller's choice; its address."""
    with contextlib.ExitStack() as stack:

        def serve(
            prepare: Callable[[ssl.SSLContext], None] = lambda _: None,
            location: str = "",
            **how: Any,
        ) -> str:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            files = Plan(**how).files(tmp_path / f"{uuid_utils.uuid7()}.pem", None)
            context.load_cert_chain(files)
            prepare(context)
            return stack.enter_context(serving(context, location))

        yield serve


def test_a_page_with_a_bad_certificate_is_kept_and_says_so(
    app: App, https: Callable[..., str]
) -> None:
    addresses = [
        https(), https(last_day=-1), https(names=[x509.DNSName("other.example")]), https(names=()),
        https(names=[x509.DNSName(f"{n}.example") for n in range(2000)]),
    ]  # fmt: skip
    asked = [request(address) for address in addresses]
    send(app, *asked)
    with Worker(app) as worker:
        found = results(app, len(asked))
        worker.end()
    for one in asked:
        finished = found[one.request_id]
        assert finished.outcome is Outcome.STORED
        assert finished.quality == Quality(verdict=Verdict.GOOD, reasons=("certificate",))
        manifest = app.store.read(finished.manifest or "").decode()
        assert '"valid":false' in manifest.replace(" ", "")
        assert "ERR_CERT_" in manifest


def test_a_bad_certificate_on_the_way_to_a_page_is_named_and_not_blamed_on_the_page(
    app: App, https: Callable[..., str], site: Site
) -> None:
    there = site.put("/there", "<!doctype html><p>The harbour is open, and the ferry is here.")
    led = https(location=there)
    one = request(led)
    send(app, one)
    with Worker(app) as worker:
        finished = results(app, 1)[one.request_id]
        worker.end()
    host = led.split("/")[2]
    reasons = (f"certificate_hop:{host}",)
    assert finished.quality == Quality(verdict=Verdict.GOOD, reasons=reasons)
    manifest = json.loads(app.store.read(finished.manifest or ""))
    assert manifest["final_url"] == there
    assert manifest["notes"]["tls"] == {
        "valid": False, "reason": "ERR_CERT_AUTHORITY_INVALID", "host": host,
    }  # fmt: skip


def test_a_page_with_a_bad_certificate_is_a_failure_where_certificates_are_strict(
    app: App, https: Callable[..., str]
) -> None:
    asked = request(https(last_day=-1))
    send(app, asked)
    with Worker(app, LINKSHOT_CERTIFICATES="strict") as worker:
        error = results(app, 1)[asked.request_id].error
        worker.end()
    assert error is not None
    assert (error.kind, error.detail[:9], error.retryable) == ("tls", "ERR_CERT_", True)


def test_a_server_nobody_can_agree_with_is_a_failure_of_tls(
    app: App, https: Callable[..., str]
) -> None:
    def old(context: ssl.SSLContext) -> None:
        context.set_ciphers("AES128-SHA:@SECLEVEL=0")
        context.maximum_version = ssl.TLSVersion.TLSv1_2

    def asks_for_a_certificate(context: ssl.SSLContext) -> None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.maximum_version = ssl.TLSVersion.TLSv1_2

    asked = [request(https(old)), request(https(asks_for_a_certificate))]
    send(app, *asked)
    with Worker(app) as worker:
        found = results(app, 2)
        worker.end()
    errors = [found[one.request_id].error for one in asked]
    assert [error.kind if error else None for error in errors] == ["tls", "tls"]


@pytest.mark.parametrize("hog", ["/memory-hog", "/wasm-hog"])
def test_a_page_that_eats_memory_is_partial_and_others_go_on(
    app: App, site: Site, hog: str
) -> None:
    asked = {path: request(site.url(path)) for path in (hog, "/en/article")}
    send(app, *asked.values())
    with Worker(app, LINKSHOT_BROWSER_MEMORY_BYTES="700000000") as worker:
        found = results(app, 2)
        worker.end()
    kept = found[asked[hog].request_id]
    assert kept.quality.verdict is Verdict.PARTIAL
    assert kept.quality.reasons == ("memory", "scripts_off")
    assert {one.role for one in kept.artifacts} >= {Role.HTML, Role.SCREENSHOT}
    assert found[asked["/en/article"].request_id].outcome is Outcome.STORED


def test_a_visit_that_hangs_ends_at_its_deadline_and_the_next_goes_on(app: App, site: Site) -> None:
    asked = {path: request(site.url(path)) for path in ("/stuck-headers", "/en/article")}
    send(app, *asked.values())
    with Worker(app, LINKSHOT_PAGE_DEADLINE_S="5") as worker:
        found = results(app, 2)
        worker.end()
    error = found[asked["/stuck-headers"].request_id].error
    assert error is not None
    assert error.kind == "timeout"
    assert found[asked["/en/article"].request_id].outcome is Outcome.STORED


def test_the_browser_is_replaced_after_its_share_of_visits(app: App, site: Site) -> None:
    asked = [request(site.url(f"/stable?{n}")) for n in range(3)]
    send(app, *asked)
    with Worker(app, LINKSHOT_BROWSER_PAGES="1") as worker:
        found = results(app, 3)
        assert worker.end() == ExitCode.OK
    assert {one.outcome for one in found.values()} == {Outcome.STORED}
    assert worker.left() == []


def test_a_killed_browser_costs_nobody_a_snapshot(app: App, site: Site) -> None:
    asked = request(site.url("/slow"))
    send(app, asked)
    with Worker(app) as worker:
        until = time.monotonic() + PATIENCE_S
        while not site.seen("/slow") and time.monotonic() < until:
            time.sleep(0.05)
        for process in worker.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                if "headless" in process.name() or "chrom" in process.name():
                    process.kill()
        assert results(app, 1)[asked.request_id].outcome is Outcome.STORED
        worker.end()


def test_robots_txt_is_asked_through_the_egress_when_it_is_obeyed(app: App, site: Site) -> None:
    site.put(
        "/robots.txt", Response(body=b"User-agent: *\nDisallow: /stable", content_type="text/plain")
    )
    asked = {path: request(site.url(path)) for path in ("/stable", "/en/article")}
    send(app, *asked.values())
    with Worker(app, LINKSHOT_ROBOTS="true") as worker:
        found = results(app, 2)
        worker.end()
    error = found[asked["/stable"].request_id].error
    assert error is not None
    assert error.kind == "robots"
    assert found[asked["/en/article"].request_id].outcome is Outcome.STORED


def test_a_time_stamp_is_asked_for_through_the_egress(app: App, site: Site, tmp_path: Path) -> None:
    authority = TimestampAuthority(tmp_path / "tsa")
    site.put("/tsr", authority.serve)
    asked = request(site.url("/en/article"))
    send(app, asked)
    with Worker(app, LINKSHOT_TIMESTAMP_AUTHORITY=site.url("/tsr")) as worker:
        finished = results(app, 1)[asked.request_id]
        worker.end()
    manifest = app.store.read(str(finished.manifest))
    core, seal = split_seal(manifest)
    assert seal is not None
    stamp = seal["timestamp"]
    assert check_timestamp(base64.b64decode(stamp["response"]), core, [authority.root.certificate])
    assert check_seal_signature(core, seal)


def test_an_authority_in_a_private_network_is_not_reached_unless_it_is_opened(
    app: App, site: Site
) -> None:
    asked = request(site.url("/en/article"))
    send(app, asked)
    with Worker(app, LINKSHOT_TIMESTAMP_AUTHORITY="http://10.0.0.1/tsr") as worker:
        finished = results(app, 1)[asked.request_id]
        worker.end()
    _, seal = split_seal(app.store.read(str(finished.manifest)))
    assert finished.outcome is Outcome.STORED
    assert seal is not None
    assert seal["timestamp"]["error"] == "timestamp.unreachable"


ALLOWED = "stored"
ROBOTS: dict[str, tuple[Response | Raw | Answer, str]] = {
    "404, though it forbids": (
        Response(status=404, body=b"User-agent: *\nDisallow: /"), ALLOWED
    ),
    "500": (Response(status=500), "http_5xx"),
    "429": (Response(status=429, headers=(("Retry-After", "77"),)), "http_429"),
    "10 MB": (
        Response(body=b"User-agent: *\nDisallow: /image\n" + b"# filler\n" * 1_100_000), "robots"
    ),
    "without end": (Response(body=itertools.repeat(b"Allow: /\n" * 1000)), ALLOWED),
    "17 MB of gzip": (
        Response(headers=(("Content-Encoding", "gzip"),), body=gzip.compress(b"#" * 17_000_000)),
        ALLOWED,
    ),
    "HTML": (Response(body=b"<!doctype html><p>User-agent: *<p>Disallow: /"), ALLOWED),
    "binary": (Response(body=bytes(range(256)) * 100), ALLOWED),
    "redirect to a private address": (
        Response(status=302, headers=(("Location", "http://10.0.0.1/robots.txt"),)), ALLOWED
    ),
    "redirect to a private address by https": (
        Response(status=302, headers=(("Location", "https://10.0.0.1/robots.txt"),)), ALLOWED
    ),
    "redirect to a file": (
        Response(status=302, headers=(("Location", "file:///etc/passwd"),)), ALLOWED
    ),
    "redirect loop": (
        Response(status=302, headers=(("Location", "/robots.txt"),)), ALLOWED
    ),
    "nothing allowed": (Response(body=b"User-agent: *\nDisallow: /"), "robots"),
    "silence": (lambda asked: Raw(pieces=hold(asked)), "timeout"),
    "silence after its beginning": (
        lambda asked: Raw(pieces=hold(asked, [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-"])), "timeout"
    ),
    "no answer": (Raw(pieces=[]), "connect"),
    "no HTTP": (Raw(pieces=[b"\x00\x01\x02"]), "connect"),
}  # fmt: skip
"""What the site answers for robots.txt → how the visit ends (bad-inputs P35)."""


@pytest.mark.slow
def test_every_answer_for_robots_txt_has_a_meaning(app: App) -> None:
    with contextlib.ExitStack() as stack:
        asked = {}
        for name, (answer, _) in ROBOTS.items():
            site = stack.enter_context(Site())
            site.put("/robots.txt", answer)
            asked[name] = request(site.url("/image.png"))
        send(app, *asked.values())
        worker = stack.enter_context(
            Worker(app, LINKSHOT_ROBOTS="true", LINKSHOT_GOTO_TIMEOUT_S="3")
        )
        found = results(app, len(asked))
        worker.end()
    ended = {name: found[one.request_id] for name, one in asked.items()}
    meant = {name: kind for name, (_, kind) in ROBOTS.items()}
    assert {n: one.error.kind if one.error else ALLOWED for n, one in ended.items()} == meant
    assert ended["429"].error is not None
    assert ended["429"].error.retry_after_s == 77


def test_robots_txt_is_read_once_for_many_pages_and_its_delay_is_kept(app: App, site: Site) -> None:
    site.put("/robots.txt", Response(body=b"User-agent: linkshot\nCrawl-delay: 600"))
    asked = [request(site.url(f"/image.png?{n}")) for n in range(3)]
    came: list[float] = []

    def picture(_: Request) -> Response:
        came.append(time.monotonic())
        return Response(content_type="image/png", body=b"\x89PNG\r\n\x1a\n")

    site.put("/image.png", picture)
    send(app, *asked)
    with Worker(app, LINKSHOT_ROBOTS="true", LINKSHOT_ROBOTS_DELAY_MAX_S="1.5") as worker:
        results(app, 3)
        worker.end()
    assert len(site.seen("/robots.txt")) == 1
    # a worker has a clock of its own; the upper bound only tells the limit from the delay that is asked for
    assert all(1.5 <= after - before < 600 for before, after in itertools.pairwise(came))


def test_a_second_signal_nacks_at_once(app: App, site: Site) -> None:
    send(app, request(site.url("/stuck-headers")))
    endless = {"LINKSHOT_DRAIN_TIMEOUT_S": "600", "LINKSHOT_PAGE_DEADLINE_S": "600"}
    with Worker(app, **endless) as worker:
        until = time.monotonic() + PATIENCE_S
        while not site.seen("/stuck-headers") and time.monotonic() < until:
            worker.family()
            time.sleep(0.1)
        until = time.monotonic() + PATIENCE_S
        while worker.process.poll() is None and time.monotonic() < until:
            worker.process.send_signal(signal.SIGTERM)  # heard again once SECOND_SIGNAL_S is over
            time.sleep(0.1)
        assert worker.process.returncode == ExitCode.OK
    assert app.queue.backlog(REQUESTS, "crawl") == 1


STUCK = {
    "LINKSHOT_PAGE_DEADLINE_S": "3",
    "LINKSHOT_BROWSER_GRACE_S": "1",
    "LINKSHOT_VISIT_GRACE_S": "4",
}
"""Long enough for the start of a browser, short enough to wait for."""


def browser_of(worker: Worker) -> set[psutil.Process]:
    """The browser's processes, once they are there; the driver is none of them."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = {one for one in worker.family() if is_browser(one)}
        if found:
            return found
        worker.process.poll()
    raise AssertionError("no browser was started")


def is_browser(process: psutil.Process) -> bool:
    """Whether this is Chromium."""
    with contextlib.suppress(psutil.Error):
        return "headless" in process.name() or "chrom" in process.name()
    return False


def test_a_stuck_event_loop_costs_the_browser_first_and_then_the_worker(
    app: App, site: Site
) -> None:
    asked = request(site.url("/en/article"))
    send(app, asked)
    with Worker(app, LINKSHOT_FAILPOINTS="before-visit:sleep:600", **STUCK) as worker:
        gone, left = psutil.wait_procs(browser_of(worker), timeout=PATIENCE_S)
        assert (bool(gone), left) == (True, [])
        assert worker.process.poll() is None
        assert worker.process.wait(PATIENCE_S) == ExitCode.STUCK
    assert worker.left() == []
    assert app.store.stat(attempt_key(asked.request_id)) is not None


def test_an_interpreter_that_is_held_inside_one_call_ends_as_well(
    app: App, site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = request(site.url("/en/article"))
    send(app, asked)
    with Worker(app, LINKSHOT_FAILPOINTS="after-visit:hold", **STUCK) as worker:
        browser_of(worker)
        assert worker.process.wait(PATIENCE_S) == ExitCode.FAILED
    assert worker.left() == []
    assert app.store.stat(attempt_key(asked.request_id)) is not None
    assert "crawler/browser/download_handler.py" in capfd.readouterr().err


@pytest.mark.parametrize("kind", ["renderer", "gpu-process", "utility"])
def test_a_killed_part_of_the_browser_costs_nobody_a_snapshot(
    app: App, site: Site, kind: str
) -> None:
    asked = request(site.url("/slow"))
    send(app, asked)
    with Worker(app) as worker:
        until = time.monotonic() + PATIENCE_S
        while not site.seen("/slow") and time.monotonic() < until:
            worker.process.poll()
        for process in worker.family():
            with contextlib.suppress(psutil.Error):
                if f"--type={kind}" in process.cmdline():
                    process.kill()
        assert results(app, 1)[asked.request_id].outcome is Outcome.STORED
        worker.end()


@pytest.mark.slow
def test_pages_that_use_every_core_end_and_the_next_goes_on(app: App, site: Site) -> None:
    hungry = [request(site.url(path)) for path in ("/workers", "/shared-workers")]
    good = request(site.url("/stable"))
    send(app, *hungry, good)
    with Worker(app, LINKSHOT_PAGE_DEADLINE_S="12", LINKSHOT_PAGE_SLOTS="1") as worker:
        found = results(app, 3)
        worker.end()
    assert found[good.request_id].outcome is Outcome.STORED
    assert {one.request_id for one in hungry} <= set(found)
    assert worker.left() == []


@pytest.mark.slow
def test_a_page_that_sticks_every_worker_is_poison_and_the_next_page_goes_on(
    app: App, site: Site
) -> None:
    asked = request(site.url("/en/article"))
    send(app, asked)
    soon = STUCK | {"LINKSHOT_BROWSER_GRACE_S": "0.5", "LINKSHOT_VISIT_GRACE_S": "1"}
    for _ in range(4):
        with Worker(app, LINKSHOT_FAILPOINTS="before-visit:sleep:600", **soon) as worker:
            # FAILED where the last timer came before the thread that reports it had ended the process
            assert worker.process.wait(PATIENCE_S) in (ExitCode.STUCK, ExitCode.FAILED)
    good = request(site.url("/stable"))
    send(app, good)
    with Worker(app) as worker:
        found = results(app, 2)
        worker.end()
    error = found[asked.request_id].error
    assert error is not None
    assert error.kind == "crash"
    assert found[good.request_id].outcome is Outcome.STORED
    assert DeadLetter.decode(receive(app, DEAD, 1)[0].value).attempts == 3


def test_a_visit_that_hangs_while_the_event_loop_lives_costs_no_worker(
    app: App, site: Site
) -> None:
    asked = {path: request(site.url(path)) for path in ("/stuck-headers", "/en/article")}
    send(app, *asked.values())
    with Worker(app, LINKSHOT_PAGE_SLOTS="1", **STUCK) as worker:
        found = results(app, 2)
        assert worker.end() == ExitCode.OK
    assert found[asked["/stuck-headers"].request_id].outcome is Outcome.FAILED
    assert found[asked["/en/article"].request_id].outcome is Outcome.STORED
