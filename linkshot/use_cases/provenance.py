"""Reads where a snapshot came from, and what vouches for it, from its manifest."""

from linkshot.app import App
from linkshot.domain.model import Fault, Snapshot
from linkshot.domain.provenance import Provenance, provenance_of
from linkshot.errors import ConfigError, Damaged, NotFound, StoreUnavailable
from linkshot.system.trusted_roots import trusted_roots


def of_snapshot(app: App, snapshot: Snapshot) -> Provenance:
    """What its manifest says and proves; NotFound for a visit that stored nothing, Damaged, StoreUnavailable."""
    if snapshot.manifest is None:
        raise NotFound("This visit stored nothing.", code="artifact.not_found")
    try:
        data = app.store.read(snapshot.manifest)
    except KeyError:
        raise Damaged("The manifest is missing from the store.", fault=Fault.MISSING) from None
    try:
        roots = trusted_roots(app.settings)
    except (
        ConfigError
    ):  # `verify --deep` says so; here the stamp is shown as one nobody vouches for
        roots = ()
    return provenance_of(snapshot.manifest, data, roots)


def try_of_snapshot(app: App, snapshot: Snapshot | None) -> Provenance | None:
    """The same; None where there is none or it cannot be read now."""
    try:
        return None if snapshot is None else of_snapshot(app, snapshot)
    except (NotFound, Damaged, StoreUnavailable):
        return None
