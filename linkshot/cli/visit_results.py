"""Prints the outcome of a visit and its files, for `add --wait`, `snapshot`, `show` and `run`.

The outcome agrees with the log, `jobs`, REST and the pages: all use linkshot.domain.visit_problem, and
the sentences of linkshot.domain.visit_texts.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import typer

from linkshot.cli.language import terminal_language
from linkshot.cli.printing import printable
from linkshot.domain import provenance_texts, visit_texts
from linkshot.domain.byte_size import size_text
from linkshot.domain.model import Link, Role, Snapshot
from linkshot.domain.visit_problem import problem_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkshot.domain.provenance import Provenance
    from linkshot.use_cases.damaged_objects import DamagedObject
    from linkshot.use_cases.jobs import FailedLink


def failed(one: Link) -> bool:
    """Whether its newest visit did not bring the page."""
    return problem_now(one) is not None


def sentence(one: Link, now: datetime) -> str:
    """How its newest visit ended, and when the next one is if it did not bring the page."""
    language = terminal_language()
    said = printable(visit_texts.outcome_text(one, language))
    return f"{said}{language.gettext('; ')}{next_visit(one, now)}" if failed(one) else said


def next_visit(one: "Link | FailedLink", now: datetime) -> str:
    """The next visit; with the command that asks for one where there is none."""
    language = terminal_language()
    said = visit_texts.next_visit(one, now, language)
    if one.next_visit_at is not None or one.no_snapshot_rule or visit_texts.is_under_way(one, now):
        return said
    return language.gettext(
        "%(text)s: “linkshot snapshot %(link)s” tries it", text=said, link=one.link_id[:10]
    )


def print_files(visit: Snapshot | None, heading: str = "") -> None:
    """What was kept, and under which key of the store; below a line that says of what."""
    if visit is None or not visit.artifacts:
        return
    if heading:
        typer.echo(f"{heading:<10}{visit_texts.kept_of(visit, terminal_language())}")
    for artifact in visit.artifacts:
        typer.echo(f"  {artifact.name:<18}{size_text(artifact.bytes):>10}  {artifact.key}")


def print_provenance(proof: "Provenance | None") -> None:
    """Who vouches for the snapshot that is shown, one line each."""
    if proof is None:
        return
    language = terminal_language()
    for name, said in (
        ("signed", provenance_texts.signature_text(proof, language)),
        ("stamped", provenance_texts.timestamp_text(proof, language)),
    ):
        if said:
            typer.echo(f"{name:<10}{printable(said)}")


def print_damage(found: "Sequence[DamagedObject]") -> None:
    """What of the snapshots cannot be read whole from the store, and what follows."""
    language = terminal_language()
    for one in found:
        said = visit_texts.damage_text(one.fault, one.found_at, language)
        typer.echo(f"damaged   {one.role.value}: {said}  {one.key}")
    if any(one.role is Role.TEXT for one in found):
        typer.echo(f"{'':<10}{language.gettext(visit_texts.TEXT_DAMAGED)}")
