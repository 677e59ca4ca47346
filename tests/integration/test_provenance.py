"""Where a snapshot came from, as people and programs are shown it."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_world import CommandLine
from web_client import Client
from web_shelf import kept_link, stored_snapshot

from linkshot.app import App
from linkshot.domain import provenance_texts
from linkshot.domain.language import ENGLISH
from linkshot.domain.manifest import Manifest
from linkshot.domain.manifest_seal import add_seal, digest_of, split_seal
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import ManifestReference, Outcome, Reason
from linkshot.domain.provenance import Provenance, provenance_of
from linkshot.domain.signatures import fingerprint
from linkshot.domain.timestamps import timestamp_query
from linkshot.errors import Damaged
from linkshot.use_cases import links
from tests.timestamp_authority import TimestampAuthority

NOTES: dict[str, Any] = {
    "addresses": {"example.com:443": "192.0.2.7"},
    "tls_connections": {"example.com:443": {"version": "TLS 1.3", "cipher": "TLS_AES_128_GCM_SHA256"}},
    "tls": {"valid": True},
    "certificates": {
        "asked_at": "2026-11-20T09:00:00Z",
        "address": "192.0.2.7",
        "chain": [
            {"subject": "CN=example.com", "issuer": "CN=Some CA", "not_before": "2026-01-01T00:00:00Z",
             "not_after": "2027-01-01T00:00:00Z", "serial": "1", "sha256": "ab", "der": "MII="}
        ],
    },
    "steps": [{"step": "goto", "at": "2026-11-20T09:00:00.000Z", "seconds": 0.1, "ended": "done"}],
    "blocked_requests": [{"target": "10.0.0.1:80", "reason": "address_blocked"}],
    "blocked_count": 1,
    "truncated_requests": [{"url": "https://example.com/v", "reason": "length"}],
    "truncated_count": 1,
}  # fmt: skip
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


AGENT: dict[str, object] = {"user_agent": "Mozilla/5.0 test"}
RULED = AGENT | {"viewport": {"width": 390, "height": 844}, "site_rules": ["delay_s", "viewport"]}


def with_manifest(
    app: App,
    sealed: Callable[[bytes], bytes] = lambda core: core,
    options: dict[str, object] = AGENT,
) -> tuple[str, str]:
    """A link with a snapshot that has a manifest; the ids of both."""
    link = kept_link(app)
    snapshot = stored_snapshot(app, link)
    current = links.get(app, link.link_id).current
    assert current is not None
    finished = SnapshotFinished(
        request_id=current.snapshot_id, link_id=link.link_id, url=link.url, outcome=Outcome.STORED,
        reason=Reason.ADD, started_at=AT, finished_at=AT, artifacts=current.artifacts,
        manifest=current.manifest,
    )  # fmt: skip
    manifest = Manifest(
        finished=finished, requested_url=link.url, final_url="https://example.com/en/文章",
        hops=({"url": link.url, "status": 302},), software={"linkshot": "0.1.0", "chromium": "156"},
        notes=NOTES, options=options,
        previous=ManifestReference(manifest="snapshots/x", sha256="cd" * 32),
    )  # fmt: skip
    app.store.put(str(current.manifest), sealed(manifest.encode()), "application/json")
    return link.link_id, snapshot


def signed(app: App) -> Callable[[bytes], bytes]:
    def seal(core: bytes) -> bytes:
        assert app.signer is not None
        return add_seal(core, {"signedData": app.signer.sign(digest_of(core), AT)})

    return seal


def test_rest_tells_where_a_snapshot_came_from(web: Client) -> None:
    _, snapshot = with_manifest(web.app, signed(web.app))
    body = web.get(f"/api/v1/snapshots/{snapshot}/provenance").json()
    assert body["connections"] == [
        {"target": "example.com:443", "address": "192.0.2.7", "tls": "TLS 1.3",
         "cipher": "TLS_AES_128_GCM_SHA256"}
    ]  # fmt: skip
    assert body["signature"]["valid"] is True
    assert body["certificates"]["chain"][0]["issuer"] == "CN=Some CA"
    assert body["previous"]["sha256"] == "cd" * 32
    assert (body["timestamp"], body["truncated_count"]) == (None, 1)


def test_a_visit_without_a_manifest_has_no_provenance(web: Client) -> None:
    snapshot = stored_snapshot(web.app, kept_link(web.app, "https://example.com/gone"))
    answer = web.get(f"/api/v1/snapshots/{snapshot}/provenance")
    assert answer.json()["code"] == "artifact.damaged"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Provenance", "unchanged since it was signed", "trusted the certificate")),
        ("zh-CN", ("来源证明", "此后没有改动", "浏览器信任该证书")),
    ],
)
def test_the_page_of_a_link_shows_it(web: Client, language: str, words: tuple[str, ...]) -> None:
    link, snapshot = with_manifest(web.app, signed(web.app))
    page = web.get(
        f"/links/{link}?tab=details&snapshot={snapshot}", headers={"Accept-Language": language}
    ).text
    facts = ("192.0.2.7 · TLS 1.3", "CN=Some CA", "2027-01-01", "Mozilla/5.0 test", "cd" * 32)
    assert [one for one in (*words, *facts) if one not in page] == []


@pytest.mark.parametrize(
    ("options", "facts"),
    [({}, ()), (RULED, ("390 × 844", "By rules for its site", "delay_s, viewport"))],
    ids=["of before options", "with rules"],
)
def test_the_page_of_a_link_shows_what_rules_have_decided(
    web: Client, options: dict[str, object], facts: tuple[str, ...]
) -> None:
    link, snapshot = with_manifest(web.app, options=options)
    path = f"/links/{link}?tab=details&snapshot={snapshot}"
    answer = web.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert [one for one in facts if one not in answer.text] == []


def test_show_prints_it(cli: CommandLine) -> None:
    with cli.app() as app:
        link, _ = with_manifest(app, signed(app))
    shown = cli("--json", "show", link).json["provenance"]
    assert shown["steps"][0]["step"] == "goto"
    assert "signed    unchanged since it was signed by the key" in cli("show", link).out


def test_verify_lists_the_keys_that_signed(cli: CommandLine) -> None:
    with cli.app() as app:
        with_manifest(app, signed(app))
        assert app.signer is not None
        key = fingerprint(app.signer.public_key())
    found = cli("--json", "verify", "--deep").json
    assert (found["signing_keys"], found["counts"]["signed"]) == ([key], 1)


def proof(data: bytes, **given: Any) -> Provenance:
    return provenance_of("snapshots/x", data, **given)


@pytest.fixture
def core(app: App) -> bytes:
    link, _ = with_manifest(app)
    current = links.get(app, link).current
    assert current is not None
    return app.store.read(str(current.manifest))


def test_a_manifest_that_was_changed_after_it_was_signed_says_so(app: App, core: bytes) -> None:
    changed = signed(app)(core).replace(b"192.0.2.7", b"192.0.2.8")
    said = provenance_texts.signature_text(proof(changed), ENGLISH)
    assert said.startswith("THE SIGNATURE DOES NOT FIT")


def test_what_a_stamp_is_worth_depends_on_whom_you_trust(core: bytes, tmp_path: Path) -> None:
    authority = TimestampAuthority(tmp_path / "tsa")
    response = base64.b64encode(authority.stamp(timestamp_query(core).body)).decode()
    stamped = add_seal(core, {"timestamp": {"authority": "http://t/", "response": response}})
    trusted = proof(stamped, roots=[authority.root.certificate])
    said = [provenance_texts.timestamp_text(one, ENGLISH) for one in (trusted, proof(stamped))]
    assert said[0].endswith("by the word of CN=time")
    assert said[1].endswith("no certificate you trust vouches for it")
    other = stamped.replace(b"192.0.2.7", b"192.0.2.8")
    assert provenance_texts.timestamp_text(proof(other), ENGLISH).startswith("THE TIME STAMP")


@pytest.mark.parametrize("code", provenance_texts.NO_STAMP)
def test_a_stamp_that_is_missing_says_why(core: bytes, code: str) -> None:
    sealed = add_seal(core, {"timestamp": {"authority": "http://t/", "error": code}})
    said = provenance_texts.timestamp_text(proof(sealed), ENGLISH)
    assert said == provenance_texts.NO_STAMP[code]


def test_a_manifest_of_before_has_less_and_is_shown(core: bytes) -> None:
    old = replace(Manifest.decode(core), notes={}, options={}, previous=None, final_url="")
    shown = proof(old.encode())
    assert (shown.connections, shown.signature, shown.timestamp) == ((), None, None)
    assert provenance_texts.signature_text(shown, ENGLISH) == ""


def test_notes_that_cannot_be_read_are_damaged(core: bytes) -> None:
    strange = replace(Manifest.decode(core), notes={"addresses": [1]})
    with pytest.raises(Damaged):
        proof(strange.encode())


def test_a_seal_is_not_part_of_what_it_covers(app: App, core: bytes) -> None:
    assert split_seal(signed(app)(core))[0] == core
