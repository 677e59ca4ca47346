"""Time stamps by an authority, as RFC 3161 has them. (pure)

An authority signs a hash together with its own time: the hash, and so what it is of, existed then. The
answers are read and checked by rfc3161-client; its parser is written in Rust, and whatever it raises for
foreign bytes becomes one of ours.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from linkshot.domain.cms_order import with_sorted_certificates
from linkshot.errors import Damaged

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
"""Media types of the HTTP transport (RFC 3161 §3.4)."""
MAX_RESPONSE_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class TimestampQuery:
    """A request for a stamp, and what its answer must repeat."""

    body: bytes
    nonce: int | None


def timestamp_query(data: bytes) -> TimestampQuery:
    """The request for a stamp of the SHA-256 of these bytes, with the authority's certificates in the answer."""
    from rfc3161_client import TimestampRequestBuilder
    from rfc3161_client.base import HashAlgorithm

    query = TimestampRequestBuilder(data, HashAlgorithm.SHA256, nonce=True, cert_req=True).build()
    return TimestampQuery(body=query.as_bytes(), nonce=query.nonce)


def stamped_at(response: bytes, data: bytes, nonce: int | None = None) -> datetime:
    """The authority's time in its answer; Damaged when it gave no stamp (`fault` is then `refused`) or one of
    other bytes. Who signed it is not looked at."""
    read = _decoded(response)
    info = read.tst_info
    if info.message_imprint.message != hashlib.sha256(data).digest():
        raise Damaged("the time stamp is of something else")
    if nonce is not None and info.nonce != nonce:
        raise Damaged("the time stamp answers another request")
    return info.gen_time


def check_timestamp(response: bytes, data: bytes, roots: Sequence["Certificate"] = ()) -> bool:
    """Whether a certificate of `roots` vouches for the authority; Damaged when the stamp is not one of
    these bytes, or when its own certificates do not fit its signature."""
    from rfc3161_client import VerifierBuilder

    stamped_at(response, data)
    own = _certificates(_decoded(response))

    def holds(trusted: Iterable["Certificate"]) -> bool:
        try:
            verifier = VerifierBuilder(roots=list(trusted)).build()
            return verifier.verify_message(_decoded(response), data)
        except Exception:  # noqa: BLE001  # cryptography has errors of its own for certificates of others
            return False

    if roots and holds(roots):
        return True
    if not own or not holds(own):
        raise Damaged("the time stamp does not fit its certificates")
    return False


def authority_name(response: bytes) -> str:
    """The subject of the certificate that signed a stamp; empty when it does not bring it along."""
    read = _decoded(response)
    signers = [(by.issuer, by.serial_number) for by in read.signed_data.signer_infos]
    own = (one for one in _certificates(read) if (one.issuer, one.serial_number) in signers)
    return next((one.subject.rfc4514_string() for one in own), "")


def _certificates(read: "TimeStampResponse") -> list["Certificate"]:
    from cryptography import x509

    try:
        return [x509.load_der_x509_certificate(der) for der in read.signed_data.certificates]
    except Exception as exc:  # cryptography has errors of its own for what it does not know
        raise Damaged("the time stamp's certificates cannot be read") from exc


def _decoded(response: bytes) -> "TimeStampResponse":
    from rfc3161_client import decode_timestamp_response

    try:
        read = decode_timestamp_response(with_sorted_certificates(response))
        granted = (
            read.status == 0
        )  # the library verifies no stamp that was granted with modifications
        if granted:
            _ = read.tst_info, read.signed_data  # parsed when first asked for
    except Exception as exc:
        raise Damaged("the time stamp cannot be read") from exc
    if not granted:
        said = "; ".join(read.status_string) or f"status {read.status}"
        raise Damaged(f"the authority refused: {said[:200]}", fault="refused")
    return read
