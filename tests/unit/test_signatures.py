"""Signatures in the form of wacz-auth: made, checked, and found wrong."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.backends.openssl.backend import backend
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from linkshot.domain.signatures import Signer, check_signature, fingerprint
from linkshot.errors import ConfigError, Damaged
from linkshot.system.config import Settings
from linkshot.system.signing_key import key_file, load_signing_key

HASH = f"sha256:{'ab' * 32}"
KEY = ec.generate_private_key(ec.SECP384R1())
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def signed() -> dict[str, Any]:
    return dict(Signer(KEY, "linkshot 0").sign(HASH, AT))


def test_a_signature_is_found_right_and_says_who_made_it_when() -> None:
    made = signed()
    check_signature(made, HASH)
    assert (made["created"], made["software"], made["version"]) == (
        "2026-01-02T03:04:05.000Z",
        "linkshot 0",
        "0.1.0",
    )
    assert len(base64.b64decode(made["signature"])) == 96


def test_equal_hashes_have_equal_signatures() -> None:
    assert signed() == signed()


def test_an_openssl_that_knows_no_rfc_6979_signs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(backend), "ecdsa_deterministic_supported", lambda _self: False)
    first, second = signed(), signed()
    assert first != second
    check_signature(first, HASH)
    check_signature(second, HASH)


def _other_key() -> dict[str, Any]:
    other = Signer(ec.generate_private_key(ec.SECP384R1()), "linkshot 0").sign(HASH, AT)
    return signed() | {"publicKey": other["publicKey"]}


def _short_curve() -> dict[str, Any]:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return signed() | {"publicKey": base64.b64encode(der).decode()}


@pytest.mark.parametrize(
    "wrong",
    [
        signed() | {"hash": f"sha256:{'cd' * 32}"},
        _other_key(),
        _short_curve(),
        signed() | {"signature": base64.b64encode(bytes(96)).decode()},
        signed() | {"signature": "AAAA"},
        signed() | {"signature": "é"},
        signed() | {"publicKey": "AAAA"},
        {"hash": HASH},
        {},
    ],
    ids=[
        "another hash", "another key", "another curve", "zeros", "too short", "no base64", "no key",
        "nothing else", "nothing",
    ],
)  # fmt: skip
def test_a_signature_that_does_not_fit_is_damaged(wrong: dict[str, Any]) -> None:
    with pytest.raises(Damaged):
        check_signature(wrong, HASH)


def test_a_key_has_one_fingerprint() -> None:
    assert fingerprint(signed()["publicKey"]) == fingerprint(signed()["publicKey"])
    with pytest.raises(Damaged):
        fingerprint("?")


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    first, again = load_signing_key(settings), load_signing_key(settings)
    assert first.private_numbers() == again.private_numbers()
    assert key_file(settings).stat().st_mode & 0o777 == 0o600
    assert [one.name for one in key_file(settings).parent.iterdir()] == ["signing.pem"]


def _pem(key: Any) -> bytes:
    plain = serialization.NoEncryption()
    data: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
    )
    return data


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"hello",
        _pem(ec.generate_private_key(ec.SECP256R1())),
        _pem(rsa.generate_private_key(65537, 2048)),
    ],
    ids=["not there", "empty", "no key", "another curve", "RSA"],
)
def test_a_named_key_that_cannot_be_used_is_refused_with_its_file(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "own.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"own\.pem"):
        load_signing_key(Settings(data=tmp_path, signing_key=str(file)))
