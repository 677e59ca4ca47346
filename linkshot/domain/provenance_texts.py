"""Sentences for what vouches for a snapshot: certificates, signature and time stamp. (pure)

They say what is proven and no more; docs/provenance.md explains each.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from linkshot.domain.language import Language

if TYPE_CHECKING:
    from linkshot.domain.provenance import Provenance


def _(message: str) -> str:
    """Marks a message for extraction; it is translated when it is said."""
    return message


UNSIGNED: Mapping[str, str] = {
    "signature.no_key": _("not signed: the worker had no key that could be used")
}
NO_STAMP: Mapping[str, str] = {
    "timestamp.unreachable": _("no time stamp: the authority could not be reached"),
    "timestamp.timeout": _("no time stamp: the authority did not answer in time"),
    "timestamp.paused": _("no time stamp: the authority had not answered just before"),
    "timestamp.http": _("no time stamp: the authority answered with an error"),
    "timestamp.refused": _("no time stamp: the authority refused to give one"),
    "timestamp.invalid": _("no time stamp: what the authority sent was none of this snapshot"),
}
TRUSTED = _("existed at %(time)s, by the word of %(name)s")
UNTRUSTED = _(
    "existed at %(time)s if %(name)s is to be believed; no certificate you trust vouches for it"
)
NO_CERTIFICATES: Mapping[str, str] = {
    "connect": _("not known: the server did not answer when it was asked"),
    "handshake": _("not known: the server broke off when it was asked"),
    "timeout": _("not known: the server did not answer in time when it was asked"),
    "unknown_address": _("not known: the page came over the connection of another host"),
}
ENDED: Mapping[str, str] = {
    "done": _("done"),
    "timeout": _("cut off at its limit"),
    "failed": _("failed"),
}
"""How a step of a visit ended → in words."""


def signature_text(proof: "Provenance", language: Language) -> str:
    """Whether the snapshot is signed, and by which key; empty for one of an older linkshot."""
    if proof.unsigned:
        return language.gettext(UNSIGNED.get(proof.unsigned, UNSIGNED["signature.no_key"]))
    if proof.signature is None:
        return ""
    if not proof.signature.valid:
        return language.gettext(
            "THE SIGNATURE DOES NOT FIT: the manifest was changed after it was signed"
        )
    return language.gettext(
        "unchanged since it was signed by the key %(key)s", key=proof.signature.key[:16]
    )


def timestamp_text(proof: "Provenance", language: Language) -> str:
    """When the snapshot existed by the word of an authority, or why there is none; empty when none was asked."""
    stamp = proof.timestamp
    if stamp is None:
        return ""
    if stamp.error:
        unknown = NO_STAMP["timestamp.unreachable"]
        return language.gettext(NO_STAMP.get(stamp.error, unknown))
    if not stamp.valid:
        return language.gettext("THE TIME STAMP DOES NOT FIT: it is not one of this manifest")
    said = TRUSTED if stamp.trusted else UNTRUSTED
    at = datetime.fromisoformat(stamp.time)
    return language.gettext(said, time=language.moment(at), name=stamp.signer or stamp.authority)


def certificates_text(error: str, language: Language) -> str:
    """Why the certificates of the page's server are not known."""
    return language.gettext(NO_CERTIFICATES.get(error, NO_CERTIFICATES["connect"]))
