"""Each shape of json_shapes.py has the fields of its schema, so REST and `--json` give the same.

Pydantic drops what a schema does not declare: a field of a shape alone would reach `--json` and not REST.
"""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from linkshot import json_shapes, query
from linkshot.domain import provenance
from linkshot.domain.fidelity import Fidelity, RenderingScore
from linkshot.domain.model import (
    Artifact,
    Change,
    ChangeKind,
    Failure,
    Fault,
    Hop,
    Link,
    LinkId,
    LinkState,
    ManifestReference,
    Outcome,
    Quality,
    Reason,
    Role,
    Snapshot,
    SnapshotId,
    Tag,
    TagId,
    Verdict,
)
from linkshot.domain.site_rules import FieldInForce, SiteRule, Viewport
from linkshot.domain.visit_stage import RunningRoles, Stage, VisitProgress
from linkshot.importers.cookie_file import RejectedCookie
from linkshot.use_cases.damaged_objects import DamagedObject
from linkshot.use_cases.import_batches import LedgerRow
from linkshot.use_cases.imports import ImportReport
from linkshot.use_cases.index_completeness import Completeness
from linkshot.use_cases.jobs import DeadLetterSummary, FailedLink, HostWork, Overview
from linkshot.use_cases.paging import FacetValue
from linkshot.use_cases.search import SearchHit, SearchPage
from linkshot.use_cases.site_cookies import CookieImport, CookieName, SiteEntry
from linkshot.use_cases.sites import ChangedRule, SiteView
from linkshot.use_cases.uploads import Uploaded
from linkshot.use_cases.watches import Watch
from web.api.schemas import cookies, imports, jobs, links, search, sites, snapshots, tags, watches
from web.api.schemas import provenance as provenance_schemas

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ID = LinkId("0" * 32)
HOP = Hop(url="https://a.example/", status=301)
FAILURE = Failure(kind="dns", retryable=True, detail="x", retry_after_s=1.0, hops=(HOP,))
ARTIFACT = Artifact(
    role=Role.TEXT, name="text.txt", key="k", media_type="text/plain", bytes=1, sha256="ab"
)
SCORE = RenderingScore(pixels=0.1, text=0.9, missing=1, leaks=1, failed="time")
VISIT = Snapshot(
    snapshot_id=SnapshotId("1"), link_id=ID, outcome=Outcome.FAILED, reason=Reason.ADD, finished_at=NOON,
    taken_at=NOON, final_url="https://a.example/", http_status=500, title="t", language="zh",
    change=Change(kind=ChangeKind.MINOR, score=0.1), artifacts=(ARTIFACT,), failure=FAILURE,
    quality=Quality(verdict=Verdict.PARTIAL, reasons=("body",)),
    fidelity=Fidelity(checked_at=NOON, page=SCORE, archive=SCORE),
)  # fmt: skip
TAG = Tag(tag_id=TagId("1"), name="a/b", parent_id=TagId("2"), count=2, own=1)
LINK = Link(
    link_id=ID, url="https://a.example/", url_key="https://a.example/", host="a.example", title="t",
    note="n", tags=(TAG,), state=LinkState.OK, unread=True, watched=True, added_at=NOON, changed_at=NOON,
    rev=1, by_added=1, by_changed=1, activity="due", due_at=NOON, watch_at=NOON, current=VISIT, last=VISIT,
    versions=1, deleted_at=NOON,
)  # fmt: skip
PROGRESS = VisitProgress(stage=Stage.VISITING, since=NOON, until=NOON)
HIT = SearchHit(link=LINK, snippet=(("x", True),), score=1.0, seen_from=NOON, seen_to=NOON)
PAGE = SearchPage(
    total=1, items=(HIT,), facets={"site": (FacetValue(value="a", label="a", count=1),)}, next_cursor="c",
    indexed_until=NOON, parsed=query.parse("x"),
    completeness=Completeness(unvisited=1, unindexed=1, unreadable=1, not_running=("index",)),
)  # fmt: skip
FAILED = FailedLink(
    link_id=ID, url="u", title="t", state="failing", kind="dns", detail="d", attempts=1, activity="due",
    due_at=NOON, watch_at=NOON, hops=(HOP,),
)  # fmt: skip
WORK = Overview(
    due=1, later=1, sent=1, visiting=1, roles=RunningRoles(dispatch=False, crawl=False, workers=1), dead=1,
    unannounced=1, unindexed=1, indexer=False, indexed_until=NOON,
    hosts=(HostWork(host="h", due=1, sent=1, visiting=1, blocked_until=NOON),), failed=(FAILED,),
)  # fmt: skip
ROW = LedgerRow(
    row=1,
    line=1,
    raw="r",
    url="u",
    outcome="accepted",
    code="c",
    reason="r",
    notices=("n",),
    link_id=ID,
)
REPORT = ImportReport(
    import_id="1", name="n", format="f", charset="utf-8", started_at=NOON, finished_at=NOON, accepted=1,
    duplicate=1, rejected=1, notices=1, noticed={"n": 1},
)  # fmt: skip
LETTER = DeadLetterSummary(
    dead_id="1", topic="t", where="w", reason="r", detail="d", attempts=1, at=NOON, requeued_at=NOON,
    bytes=1, cut=True, original="o",
)  # fmt: skip
DAMAGE = DamagedObject(link_id=ID, key="k", role=Role.TEXT, fault=Fault.SIZE, found_at=NOON)

PROVENANCE = provenance.Provenance(
    manifest="k", manifest_sha256="ab", previous=ManifestReference(manifest="k", sha256="ab"),
    requested_url="u", final_url="u", hops=(HOP,), started_at=NOON, finished_at=NOON,
    software={"linkshot": "1"}, options={"user_agent": "x"},
    connections=(provenance.Connection(target="a:443", address="b", tls="TLS 1.3", cipher="c"),),
    tls=provenance.TlsState(valid=True, reason="r"),
    certificates=provenance.Certificates(
        asked_at="t", host="h", address="a", error="e",
        chain=(
            provenance.Certificate(
                subject="s", issuer="i", serial="1", not_before="t", not_after="t", sha256="ab"
            ),
        ),
    ),
    cookies=provenance.CookiesUsed(site="s.example", redacted=1),
    steps=(provenance.Step(step="s", at="t", seconds=1.0, ended="done"),),
    blocked=(provenance.Blocked(target="t", reason="r"),), blocked_count=1,
    truncated=(provenance.Truncated(url="u", reason="length"),), truncated_count=1,
    signature=provenance.Signature(valid=True, key="ab", created="t"), unsigned="c",
    timestamp=provenance.Timestamp(
        authority="a", time="t", valid=True, trusted=True, signer="s", error="e"
    ),
)  # fmt: skip
UPLOADED = Uploaded(link=LINK, snapshot_id=SnapshotId(ID), existing_link=True, repeated=True)
RULE_SAID = {"no_snapshot_rule": "a.example"}
"""A link that has one has no next visit."""
WINDOW = Viewport(width=390, height=844)
RULE = SiteRule(
    site="a.example", snapshot=True, delay_s=1.0, user_agent="u", consent="hide", viewport=WINDOW,
    robots="obey",
)  # fmt: skip
CHANGED = ChangedRule(rule=RULE, cancelled=1, due=1)
VIEW = SiteView(
    url="https://a.example/", rule=RULE,
    in_force={
        "snapshot": FieldInForce(value=True, site="a.example"),
        "delay_s": FieldInForce(value=1.0, site="a.example"),
        "consent": FieldInForce(value="hide", site="a.example"),
        "viewport": FieldInForce(value=WINDOW, site="a.example"),
    },
)  # fmt: skip
SITE_COOKIES = SiteEntry(
    site="s.example", imported_at=NOON, opens=True, expired=1, expires_at=NOON,
    cookies=(
        CookieName(
            name="n", domain="s.example", host_only=True, path="/", secure=True, http_only=True,
            same_site="Lax", expires_at=NOON,
        ),
    ),
)  # fmt: skip
COOKIE_IMPORT = CookieImport(
    sites=(SITE_COOKIES,), rejected=(RejectedCookie(line=2, code="cookie.name"),), expired=1,
    other_sites=1, has_storage=True,
)  # fmt: skip
JOB = {"job": "/api/v1/jobs/1"}
"""What REST adds: where to look for what comes of it."""

SHAPES: dict[str, tuple[dict[str, Any], type[BaseModel]]] = {
    "link": (json_shapes.link(LINK) | RULE_SAID, links.LinkFields),
    "link_detail": (json_shapes.link_detail(LINK, PROGRESS) | RULE_SAID, links.LinkOut),
    "progress": (json_shapes.progress(PROGRESS), links.ProgressOut),
    "damage": (json_shapes.damage(DAMAGE), links.DamageOut),
    "snapshot": (json_shapes.snapshot(VISIT), snapshots.SnapshotOut),
    "fidelity": (
        json_shapes.fidelity(Fidelity(checked_at=NOON, page=SCORE, archive=SCORE)),
        snapshots.FidelityOut,
    ),
    "rendering": (json_shapes.rendering(SCORE), snapshots.RenderingOut),
    "uploaded": (json_shapes.uploaded(UPLOADED) | JOB, snapshots.UploadedOut),
    "provenance": (json_shapes.provenance(PROVENANCE), provenance_schemas.ProvenanceOut),
    "artifact": (json_shapes.artifact(ARTIFACT), snapshots.ArtifactOut),
    "visit_error": (json_shapes.visit_error(FAILURE), snapshots.ErrorOut),
    "search": (
        json_shapes.search(PAGE) | {"items": [json_shapes.hit(HIT) | RULE_SAID]},
        search.PageOut,
    ),
    "hit": (json_shapes.hit(HIT) | RULE_SAID, search.HitOut),
    "site_rule": (json_shapes.site_rule(RULE), sites.SiteRuleOut),
    "changed_site_rule": (json_shapes.changed_site_rule(CHANGED), sites.ChangedSiteRuleOut),
    "site_view": (json_shapes.site_view(VIEW), sites.SiteViewOut),
    "viewport": (json_shapes.viewport(WINDOW), sites.ViewportOut),
    "tag": (json_shapes.tag(TAG), tags.TagOut),
    "watch": (json_shapes.watch(Watch(link=LINK, every="1d", next_at=NOON)), watches.WatchOut),
    "site_cookies": (json_shapes.site_cookies(SITE_COOKIES), cookies.SiteCookiesOut),
    "cookie_import": (json_shapes.cookie_import(COOKIE_IMPORT), cookies.CookieImportOut),
    "import_summary": (json_shapes.import_summary(REPORT), imports.ImportListedOut),
    "import_report": (
        json_shapes.import_report(REPORT, [json_shapes.import_row(ROW)]),
        imports.ImportOut,
    ),
    "import_row": (json_shapes.import_row(ROW), imports.RowOut),
    "jobs": (json_shapes.jobs(WORK), jobs.JobsOut),
    "failed_link": (json_shapes.failed_link(FAILED), jobs.FailedOut),
    "dead_letter": (json_shapes.dead_letter(LETTER), jobs.DeadOut),
}
"""Shape of a noun of which every value is given → its schema."""
WITHOUT_ROUTE = {"dead_letter_content": "only `dead show` prints it", "facets": "part of search"}


@pytest.mark.parametrize(("shape", "schema"), SHAPES.values(), ids=SHAPES)
def test_a_shape_has_the_fields_of_its_schema(
    shape: dict[str, Any], schema: type[BaseModel]
) -> None:
    assert schema.model_validate(shape).model_dump() == shape


@pytest.mark.parametrize("shape", [shape for shape, _ in SHAPES.values()], ids=SHAPES)
def test_the_examples_leave_out_nothing_in_which_a_field_could_hide(shape: dict[str, Any]) -> None:
    assert [name for name, value in _values("", shape) if value in (None, "", [], {})] == []


def test_every_shape_is_compared() -> None:
    made = {
        name
        for name, one in inspect.getmembers(json_shapes, inspect.isfunction)
        if inspect.signature(one).return_annotation is json_shapes.Json
    }
    assert made == {*SHAPES, *WITHOUT_ROUTE}


def _values(name: str, value: object) -> Iterator[tuple[str, object]]:
    """The value and all inside it, by name."""
    yield name, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(f"{name}.{key}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(f"{name}[]", inner)
