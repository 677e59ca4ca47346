"""What the manifest of a snapshot proves about it, in a form that is shown to people and programs. (pure)

docs/provenance.md says what each part proves and what it does not.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from linkshot.domain.manifest import Manifest
from linkshot.domain.manifest_seal import check_seal_signature, split_seal
from linkshot.domain.messages import read_value
from linkshot.domain.model import Hop, ManifestReference, TlsParameters
from linkshot.domain.rfc3339 import rfc3339
from linkshot.domain.signatures import fingerprint
from linkshot.domain.timestamps import authority_name, check_timestamp, stamped_at
from linkshot.errors import Damaged, InvalidMessage

if TYPE_CHECKING:
    from cryptography.x509 import Certificate as TrustedRoot


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that the page's server showed; only its hash where it could not be read."""

    subject: str = ""
    issuer: str = ""
    serial: str = ""
    not_before: str = ""
    not_after: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The chain that the page's server showed linkshot, from its own certificate on."""

    asked_at: str = ""
    host: str = ""
    """`host:port`: that of the page as it was kept; empty in manifests of before."""
    address: str = ""
    chain: tuple[Certificate, ...] = ()
    error: str = ""
    """Why there is no chain: `connect`, `handshake`, `timeout`, `unknown_address`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsState:
    """What the browser decided about the certificate."""

    valid: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the visit."""

    step: str
    at: str
    seconds: float
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A request that linkshot did not let pass, or that failed."""

    target: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """An answer that is not whole."""

    url: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A host that the page was connected to."""

    target: str
    """`host:port`."""
    address: str
    tls: str = ""
    cipher: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CookiesUsed:
    """That the visit had cookies which somebody gave for the site."""

    site: str
    redacted: int = 0
    """Places that repeated a value and were blacked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An anonymous signature of the manifest."""

    valid: bool
    key: str = ""
    """SHA-256 of the public key, 64 hex digits."""
    created: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A time stamp of the manifest, or why there is none."""

    authority: str = ""
    """Its address."""
    time: str = ""
    valid: bool = False
    trusted: bool = False
    """Whether a certificate of the setting `timestamp_roots` vouches for who signed it."""
    signer: str = ""
    """Name in the certificate that signed it."""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notes:
    """What of a manifest's notes is read here; manifests of before have less."""

    addresses: dict[str, str] = field(default_factory=dict)
    tls_connections: dict[str, TlsParameters] = field(default_factory=dict)
    tls: TlsState | None = None
    certificates: Certificates | None = None
    cookies: CookiesUsed | None = None
    steps: tuple[Step, ...] = ()
    blocked_requests: tuple[Blocked, ...] = ()
    blocked_count: int = 0
    truncated_requests: tuple[Truncated, ...] = ()
    truncated_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a snapshot came from, and what vouches for it."""

    manifest: str
    manifest_sha256: str
    previous: ManifestReference | None
    requested_url: str
    final_url: str
    hops: tuple[Hop, ...]
    started_at: datetime
    finished_at: datetime
    software: dict[str, str]
    options: dict[str, Any]
    connections: tuple[Connection, ...]
    tls: TlsState | None
    certificates: Certificates | None
    cookies: CookiesUsed | None
    """None: the visit had none."""
    steps: tuple[Step, ...]
    blocked: tuple[Blocked, ...]
    blocked_count: int
    truncated: tuple[Truncated, ...]
    truncated_count: int
    signature: Signature | None
    unsigned: str
    """Why it is not signed; empty also for a manifest of before."""
    timestamp: Timestamp | None


def provenance_of(key: str, data: bytes, roots: Sequence["TrustedRoot"] = ()) -> Provenance:
    """What the manifest with this key says; Damaged when it cannot be read."""
    manifest = Manifest.decode(data)
    try:
        notes = read_value(_Notes, manifest.notes, "notes")
        hops = tuple(read_value(Hop, hop, "hop") for hop in manifest.hops)
    except InvalidMessage as exc:
        raise Damaged("the notes of a manifest cannot be read") from exc
    core, seal = split_seal(data)
    seal = seal or {}
    return Provenance(
        manifest=key,
        manifest_sha256=hashlib.sha256(data).hexdigest(),
        previous=manifest.previous,
        requested_url=manifest.requested_url,
        final_url=manifest.final_url or manifest.finished.final_url or "",
        hops=hops,
        started_at=manifest.finished.started_at,
        finished_at=manifest.finished.finished_at,
        software={name: str(version) for name, version in manifest.software.items()},
        options=manifest.options,
        connections=_connections(notes),
        tls=notes.tls,
        certificates=notes.certificates,
        cookies=notes.cookies,
        steps=notes.steps,
        blocked=notes.blocked_requests,
        blocked_count=notes.blocked_count,
        truncated=notes.truncated_requests,
        truncated_count=notes.truncated_count,
        signature=_signature(core, seal),
        unsigned=str(seal.get("unsigned", "")),
        timestamp=_timestamp(core, seal, roots),
    )


def _connections(notes: _Notes) -> tuple[Connection, ...]:
    agreed = notes.tls_connections
    return tuple(
        Connection(
            target=target,
            address=address,
            tls=agreed[target].version if target in agreed else "",
            cipher=agreed[target].cipher if target in agreed else "",
        )
        for target, address in notes.addresses.items()
    )


def _signature(core: bytes, seal: dict[str, Any]) -> Signature | None:
    signed = seal.get("signedData")
    if signed is None:
        return None
    try:
        check_seal_signature(core, seal)
    except Damaged:
        return Signature(valid=False)
    created = str(signed.get("created", ""))
    return Signature(valid=True, key=fingerprint(str(signed["publicKey"])), created=created)


def _timestamp(
    core: bytes, seal: dict[str, Any], roots: Sequence["TrustedRoot"]
) -> Timestamp | None:
    stamp = seal.get("timestamp")
    if not isinstance(stamp, dict):
        return None
    authority = str(stamp.get("authority", ""))
    if "error" in stamp:
        return Timestamp(authority=authority, error=str(stamp["error"]))
    try:
        response = base64.b64decode(str(stamp.get("response", "")), validate=True)
        trusted = check_timestamp(response, core, roots)
        return Timestamp(
            authority=authority,
            time=rfc3339(stamped_at(response, core)),
            valid=True,
            trusted=trusted,
            signer=authority_name(response),
        )
    except (Damaged, ValueError):
        return Timestamp(authority=authority)
