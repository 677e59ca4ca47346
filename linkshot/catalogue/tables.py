"""Imports every module that defines a table, so that `metadata` is complete for the migrations."""

from linkshot.catalogue import indexes
from linkshot.catalogue.clock import clocks
from linkshot.catalogue.damaged_objects import damages
from linkshot.catalogue.dead_letters import dead_letters
from linkshot.catalogue.idempotency import idempotency
from linkshot.catalogue.imports import import_rows, imports
from linkshot.catalogue.leases import leases
from linkshot.catalogue.links import hosts, links
from linkshot.catalogue.meta import meta
from linkshot.catalogue.schema import metadata
from linkshot.catalogue.sessions import login_tries, logins
from linkshot.catalogue.snapshots import snapshots, versions
from linkshot.catalogue.tags import link_tags, tags
from linkshot.catalogue.watches import watches

__all__ = [
    "clocks",
    "damages",
    "dead_letters",
    "hosts",
    "idempotency",
    "import_rows",
    "imports",
    "indexes",
    "leases",
    "link_tags",
    "links",
    "login_tries",
    "logins",
    "meta",
    "metadata",
    "snapshots",
    "tags",
    "versions",
    "watches",
]
