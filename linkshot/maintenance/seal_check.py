"""Checks the seals of manifests: that signature and time stamp are of the manifest as it is."""

import base64
from typing import Any

from linkshot.domain.manifest_seal import check_seal_signature, split_seal
from linkshot.domain.signatures import fingerprint
from linkshot.domain.timestamps import check_timestamp
from linkshot.errors import Damaged
from linkshot.maintenance.verify_report import VerifyReport
from linkshot.system.config import Settings
from linkshot.system.trusted_roots import trusted_roots


class SealCheck:
    """Checks one manifest after another, and counts what was proven."""

    def __init__(self, settings: Settings, report: VerifyReport) -> None:
        self._roots = trusted_roots(settings)
        self._report = report

    def check(self, data: bytes) -> list[tuple[str, str]]:
        """Code and detail of what is wrong with the seal of this manifest; none also for one without a seal,
        which is older."""
        try:
            core, seal = split_seal(data)
        except Damaged as exc:
            return [("seal.unreadable", exc.message)]
        if seal is None:
            return []
        faults = []
        try:
            if check_seal_signature(core, seal):
                self._report.add_signature(fingerprint(seal["signedData"]["publicKey"]))
        except Damaged as exc:
            faults.append(("seal.signature", exc.message))
        stamp = seal.get("timestamp")
        if stamp is not None:
            faults += self._check_stamp(core, stamp)
        return faults

    def _check_stamp(self, core: bytes, stamp: Any) -> list[tuple[str, str]]:
        if not isinstance(stamp, dict) or "error" in stamp:
            return []  # the authority gave none, and the snapshot says so
        try:
            response = base64.b64decode(str(stamp.get("response")), validate=True)
            trusted = check_timestamp(response, core, self._roots)
        except ValueError:
            return [("timestamp.invalid", "the time stamp is not base64")]
        except Damaged as exc:
            return [("timestamp.invalid", exc.message)]
        self._report.counts["stamped" if trusted else "stamped_untrusted"] += 1
        if self._roots and not trusted:
            said = "no certificate in timestamp_roots vouches for its authority"
            return [("timestamp.untrusted", said)]
        return []
