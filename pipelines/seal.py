"""Seals a manifest before it is stored: signed by the worker's key, and stamped when an authority is set."""

import asyncio
import logging
from typing import Any

from linkshot.app import App
from linkshot.domain.manifest_seal import add_seal, digest_of
from pipelines.timestamp import TimestampAuthority

logger = logging.getLogger(__name__)


async def seal_manifest(app: App, authority: TimestampAuthority | None, core: bytes) -> bytes:
    """The manifest with its seal; an optional step, so as it is when it cannot be sealed at all."""
    try:
        seal = await asyncio.to_thread(_signed, app, core)
        if authority is not None:
            seal["timestamp"] = await authority.stamp(core)
        return add_seal(core, seal)
    except Exception:  # whatever a library has against a key or a manifest, the snapshot is kept
        logger.exception("A manifest could not be sealed", extra={"action": "seal_failed"})
        return core


def _signed(app: App, core: bytes) -> dict[str, Any]:
    digest, signer = digest_of(core), app.signer
    if signer is None:
        return {"hash": digest, "unsigned": "signature.no_key"}
    return {"hash": digest, "signedData": signer.sign(digest, app.now())}
