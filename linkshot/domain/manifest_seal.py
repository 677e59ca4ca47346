"""The seal of a manifest: its signature and time stamp, as the last field of the same object. (pure)

A seal covers the manifest without it, byte by byte: a JSON object that ends with `\\n}`, into which
`,\\n "seal": {…}` was put before that end. So the manifest and its seal are written at once, and a manifest
whose seal is cut out is the text that was signed. Strings in JSON hold no line break, so the place is found
again without a parser.
"""

import hashlib
import json
from typing import Any

from linkshot.domain.signatures import check_signature
from linkshot.errors import Damaged

END = b"\n}"
SEAL = b',\n "seal": '


def digest_of(core: bytes) -> str:
    """`sha256:<hex>` of a manifest without its seal, which is what is signed and stamped."""
    return f"sha256:{hashlib.sha256(core).hexdigest()}"


def add_seal(core: bytes, seal: dict[str, Any]) -> bytes:
    """The manifest with its seal."""
    if not core.endswith(END) or SEAL in core:
        raise ValueError("no manifest that could be sealed")
    return core[: -len(END)] + SEAL + json.dumps(seal, separators=(",", ":")).encode() + END


def split_seal(data: bytes) -> tuple[bytes, dict[str, Any] | None]:
    """A manifest without its seal, and the seal; None when there is none (it is older). Damaged for a seal that
    cannot be read."""
    core, found, rest = data.rpartition(SEAL)
    if not found:
        return data, None
    try:
        seal = json.loads(rest.removesuffix(END))
    except (ValueError, RecursionError) as exc:
        raise Damaged("the seal cannot be read") from exc
    if not isinstance(seal, dict) or not rest.endswith(END):
        raise Damaged("the seal cannot be read")
    return core + END, seal


def check_seal_signature(core: bytes, seal: dict[str, Any]) -> bool:
    """Whether the manifest is signed; Damaged when the signature does not fit it."""
    signed = seal.get("signedData")
    if signed is None:
        return False
    if not isinstance(signed, dict):
        raise Damaged("the signature cannot be read")
    check_signature(signed, digest_of(core))
    return True
