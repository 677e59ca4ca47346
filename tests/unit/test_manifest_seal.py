"""The seal of a manifest: put in, taken out, and found broken."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from rfc3161_client import decode_timestamp_response

from linkshot.domain.cms_order import with_sorted_certificates
from linkshot.domain.manifest import Manifest
from linkshot.domain.manifest_seal import add_seal, digest_of, split_seal
from linkshot.domain.signatures import Signer
from linkshot.domain.timestamps import authority_name, check_timestamp, stamped_at, timestamp_query
from linkshot.errors import ConfigError, Damaged
from linkshot.maintenance.seal_check import SealCheck
from linkshot.maintenance.verify_report import VerifyReport
from linkshot.system.config import Settings
from linkshot.system.trusted_roots import trusted_roots
from tests.certificates import Authority
from tests.timestamp_authority import REFUSES_SHA256, TimestampAuthority
from tests.unit.test_pipelines_manifest import MANIFEST

CORE = MANIFEST.encode()
AT = datetime(2026, 1, 2, tzinfo=UTC)
SIGNER = Signer(ec.generate_private_key(ec.SECP384R1()), "linkshot")


def signed() -> dict[str, Any]:
    return {"hash": digest_of(CORE), "signedData": SIGNER.sign(digest_of(CORE), AT)}


def faults(data: bytes, **settings: str) -> list[str]:
    check = SealCheck(Settings(**settings), VerifyReport())
    return [code for code, _ in check.check(data)]


def test_a_sealed_manifest_is_read_as_before_and_gives_its_seal_back() -> None:
    data = add_seal(CORE, signed())
    assert Manifest.decode(data) == MANIFEST
    assert split_seal(data) == (CORE, signed())
    assert faults(data) == []


def test_a_manifest_of_before_has_no_seal_and_no_fault() -> None:
    assert split_seal(CORE) == (CORE, None)
    assert faults(CORE) == []


def test_a_manifest_is_sealed_once() -> None:
    with pytest.raises(ValueError, match="no manifest"):
        add_seal(add_seal(CORE, {}), {})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (add_seal(CORE.replace(b"load", b"quiet"), signed()), "seal.signature"),
        (add_seal(CORE, {"signedData": "x"}), "seal.signature"),
        (add_seal(CORE, signed())[:-9] + b"\n}", "seal.unreadable"),
        (add_seal(CORE, signed()) + b" ", "seal.unreadable"),
    ],
    ids=["changed", "no signature", "cut", "something after it"],
)
def test_a_seal_that_does_not_fit_is_found(data: bytes, code: str) -> None:
    assert faults(data) == [code]


def test_the_keys_that_signed_are_counted() -> None:
    report = VerifyReport()
    check = SealCheck(Settings(), report)
    other = Signer(ec.generate_private_key(ec.SECP384R1()), "linkshot")
    for signer in (SIGNER, SIGNER, other):
        check.check(add_seal(CORE, {"signedData": signer.sign(digest_of(CORE), AT)}))
    assert report.counts == {"signed": 3, "signing_keys": 2}
    report.merge(report)
    assert report.counts == {"signed": 6, "signing_keys": 2}


@pytest.fixture
def authority(tmp_path: Path) -> TimestampAuthority:
    return TimestampAuthority(tmp_path / "tsa")


def stamped(authority: TimestampAuthority, data: bytes = CORE) -> bytes:

    response = authority.stamp(timestamp_query(data).body)
    return add_seal(CORE, {"timestamp": {"response": base64.b64encode(response).decode()}})


def test_a_stamp_tells_when_and_by_whom(authority: TimestampAuthority) -> None:
    query = timestamp_query(CORE)
    response = authority.stamp(query.body)
    age = datetime.now(UTC) - stamped_at(response, CORE, query.nonce)
    assert abs(age.total_seconds()) < 60
    assert authority_name(response) == "CN=time"


def test_a_stamp_is_trusted_below_a_root_of_the_settings_only(
    authority: TimestampAuthority,
) -> None:
    response = authority.stamp(timestamp_query(CORE).body)
    other = Authority.root("other").certificate
    trusted = [
        check_timestamp(response, CORE, r) for r in ([authority.root.certificate], [other], [])
    ]
    assert trusted == [True, False, False]


@pytest.mark.parametrize(
    ("data", "nonce"), [(b"other", None), (CORE, 7)], ids=["another manifest", "another request"]
)
def test_a_stamp_of_something_else_is_invalid(
    authority: TimestampAuthority, data: bytes, nonce: int | None
) -> None:
    response = authority.stamp(timestamp_query(CORE).body)
    with pytest.raises(Damaged) as caught:
        stamped_at(response, data, nonce)
    assert caught.value.fault == "content"


def test_a_refusal_is_told_as_one(tmp_path: Path) -> None:
    refusing = TimestampAuthority(tmp_path / "tsa", REFUSES_SHA256)
    with pytest.raises(Damaged) as caught:
        stamped_at(refusing.stamp(timestamp_query(CORE).body), CORE)
    assert caught.value.fault == "refused"


@pytest.mark.parametrize("data", [b"", b"<html>", b"0\x80", bytes(2000)])
def test_what_is_no_stamp_is_invalid(data: bytes) -> None:
    with pytest.raises(Damaged) as caught:
        stamped_at(data, CORE)
    assert caught.value.fault == "content"


def test_verify_finds_stamps_that_do_not_fit_or_that_nobody_vouches_for(
    authority: TimestampAuthority, tmp_path: Path
) -> None:
    other = str(Authority.root("other").file(tmp_path / "other.pem"))
    mine = str(authority.root_file)
    good = stamped(authority)
    assert faults(good) == faults(good, timestamp_roots=mine) == []
    assert faults(good, timestamp_roots=other) == ["timestamp.untrusted"]
    assert faults(stamped(authority, b"other")) == ["timestamp.invalid"]
    flipped = bytearray(good)
    flipped[-60] ^= 1  # inside the signature, in base64
    assert faults(bytes(flipped)) == ["timestamp.invalid"]


def test_roots_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        trusted_roots(Settings(timestamp_roots=str(tmp_path / "none.pem")))


@given(st.binary(max_size=300))
def test_other_bytes_than_a_stamp_are_not_reordered_or_stay_as_long(data: bytes) -> None:
    assert len(with_sorted_certificates(data)) == len(data)


def test_the_library_still_reads_no_certificates_out_of_order(
    authority: TimestampAuthority,
) -> None:
    """When this fails, linkshot/domain/cms_order.py is not needed any more."""
    response = authority.stamp(timestamp_query(CORE).body)
    ordered = with_sorted_certificates(response)
    assert sorted(response) == sorted(ordered)
    decode_timestamp_response(ordered)
    if response != ordered:
        with pytest.raises(ValueError, match="InvalidSetOrdering"):
            decode_timestamp_response(response)
