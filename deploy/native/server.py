"""Describes one server to the cluster: how it is installed, started, checked and reached."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.native.places import Account, Places

Ports = Mapping[str, int]


class ClusterError(Exception):
    """The cluster could not be brought up or down; the message says what a person can do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One command line that stays in the foreground until it is told to stop."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment of the caller."""
    cwd: Path
    account: Account | None = None
    """Whose rights the server gets; None keeps the caller's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server: where it comes from, how it starts, when it is ready, what its URL is."""

    name: str
    variable: str
    """The LINKSHOT_* setting that its URL belongs to."""
    ports: Ports
    """Default loopback port for each purpose, for example ``{"client": 19092}``."""
    install: Callable[[Places], None]
    """Gets what is missing; does nothing the second time."""
    launch: Callable[[Places, Ports], Launch]
    """Lays out the data folder where it is new, and answers the command to run."""
    healthy: Callable[[Ports], bool]
    """True when the server answers on its port and accepts writes; never raises OSError."""
    complete: Callable[[Ports], None]
    """What is still to do once the server answers, for example creating a database."""
    url: Callable[[Ports], str]
    start_timeout_s: float
    stop_signal: signal.Signals = signal.SIGTERM
    """What asks this server for a quick and clean end."""


def nothing_to_complete(_ports: Ports) -> None:
    """For servers that need nothing after their start."""
