"""Chooses and records the loopback ports of a cluster."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.native.server import ClusterError, Ports

LOOPBACK = "127.0.0.1"
SEARCH_WIDTH = 500
"""How many ports above the default are tried before giving up."""

Table = dict[str, dict[str, int]]
"""Server name → purpose → port."""


def load(file: Path) -> Table:
    """The ports chosen earlier; empty when none were."""
    try:
        table: Table = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return table


def save(file: Path, table: Table) -> None:
    """Remember the ports, all or nothing."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(table, indent=2) + "\n")
    fresh.replace(file)


def choose(wanted: Ports, taken: Iterable[int]) -> dict[str, int]:
    """The wanted port for each purpose, or the next free one above it."""
    used = set(taken)
    chosen: dict[str, int] = {}
    for purpose, port in wanted.items():
        chosen[purpose] = _next_free(port, used)
        used.add(chosen[purpose])
    return chosen


def all_ports(table: Mapping[str, Ports]) -> set[int]:
    """Every port that some server of this cluster has."""
    return {port for ports in table.values() for port in ports.values()}


def is_free(port: int) -> bool:
    """True when a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _next_free(port: int, used: set[int]) -> int:
    for candidate in range(port, port + SEARCH_WIDTH):
        if candidate not in used and is_free(candidate):
            return candidate
    raise ClusterError(f"No free port between {port} and {port + SEARCH_WIDTH} on {LOOPBACK}.")
