"""Where a snapshot came from and what vouches for it; docs/provenance.md says what each part proves."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from linkshot import json_shapes
from linkshot.domain import provenance
from web.api.schemas.links import LinkDetailOut
from web.api.schemas.snapshots import HopOut


class ManifestReferenceOut(BaseModel):
    """A manifest and its hash."""

    manifest: str
    sha256: str | None


class ConnectionOut(BaseModel):
    """A host that the page was connected to."""

    target: str
    address: str
    tls: str
    cipher: str


class TlsOut(BaseModel):
    """What the browser decided about the certificate."""

    valid: bool
    reason: str


class CertificateOut(BaseModel):
    """A certificate that the page's server showed."""

    subject: str
    issuer: str
    serial: str
    not_before: str
    not_after: str
    sha256: str


class CertificatesOut(BaseModel):
    """The chain that the server showed linkshot in a connection of its own."""

    asked_at: str
    host: str
    """`host:port`; empty for older snapshots."""
    address: str
    chain: list[CertificateOut]
    error: str
    """Why there is none: `connect`, `handshake`, `timeout`, `unknown_address`; empty when there is one."""


class CookiesUsedOut(BaseModel):
    """That the visit had cookies which somebody gave for the site."""

    site: str
    redacted: int
    """Places that repeated a value and were blacked out."""


class StepOut(BaseModel):
    """A step of the visit."""

    step: str
    at: str
    seconds: float
    ended: str
    """`done`, `timeout` or `failed`."""


class BlockedOut(BaseModel):
    """A request that was not let through, or failed."""

    target: str
    reason: str


class TruncatedOut(BaseModel):
    """An answer that is not whole."""

    url: str
    reason: str


class SignatureOut(BaseModel):
    """An anonymous signature of the manifest."""

    valid: bool
    key: str
    """SHA-256 of the public key."""
    created: str


class TimestampOut(BaseModel):
    """A time stamp of the manifest, or why there is none (`error`)."""

    authority: str
    time: str
    valid: bool
    trusted: bool
    """A certificate of the setting timestamp_roots vouches for who signed it."""
    signer: str
    error: str


class ProvenanceOut(BaseModel):
    """What the manifest of a snapshot says and proves; manifests of an older linkshot have less."""

    manifest: str
    manifest_sha256: str
    previous: ManifestReferenceOut | None
    requested_url: str
    final_url: str
    hops: list[HopOut]
    started_at: datetime
    finished_at: datetime
    software: dict[str, str]
    options: dict[str, Any]
    connections: list[ConnectionOut]
    tls: TlsOut | None
    certificates: CertificatesOut | None
    cookies: CookiesUsedOut | None
    """Null: the visit had none."""
    steps: list[StepOut]
    blocked: list[BlockedOut]
    blocked_count: int
    truncated: list[TruncatedOut]
    truncated_count: int
    signature: SignatureOut | None
    unsigned: str
    """Why it is not signed (`signature.no_key`)."""
    timestamp: TimestampOut | None

    @classmethod
    def of(cls, one: provenance.Provenance) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.provenance(one))


class ShownLinkOut(LinkDetailOut):
    """What `linkshot show --json` prints: a link, and what vouches for the snapshot that is shown."""

    provenance: ProvenanceOut | None
