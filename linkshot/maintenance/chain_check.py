"""Checks the chain of a link's manifests: each names the one before it and its SHA-256.

A manifest that was changed afterwards no longer has the hash that its successor names and that the catalogue
recorded. Several may name the same one before them (an upload beside a visit), so a chain may have branches.
"""

from collections.abc import Callable
from hashlib import sha256

from linkshot.domain.manifest import Manifest

Found = Callable[[str, str, str], None]
"""Called with code, key of a manifest, and detail."""


class ChainCheck:
    """Looks at the manifests of one link after another, each link's together."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._link = ""
        self._hashes: dict[str, str | None] = {}
        """Key → SHA-256 of its bytes; None when they could not be read, which is told elsewhere."""
        self._named: list[tuple[str, str, str | None]] = []
        """A manifest, the one it names as the one before it, and the hash of that."""

    def see(self, link_id: str, key: str, data: bytes | None) -> str | None:
        """Take in the bytes of a manifest, None for one that cannot be read; its SHA-256."""
        if link_id != self._link:
            self.finish()
            self._link = link_id
        self._hashes[key] = None if data is None else sha256(data).hexdigest()
        return self._hashes[key]

    def name(self, key: str, manifest: Manifest) -> None:
        """Take in what a manifest says of the one before it."""
        if manifest.previous is not None:
            self._named.append((key, manifest.previous.manifest, manifest.previous.sha256))

    def finish(self) -> None:
        """Report what does not fit among the manifests since the last link."""
        for key, before, wanted in self._named:
            if before not in self._hashes:
                said = f"the manifest before it, {before}, is missing"
                self._found("chain.missing", key, said)
            elif None not in (wanted, self._hashes[before]) and self._hashes[before] != wanted:
                said = f"the manifest before it, {before}, was changed after this one was written"
                self._found("chain.altered", key, said)
        self._hashes.clear()
        self._named.clear()
