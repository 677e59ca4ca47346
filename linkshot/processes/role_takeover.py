"""Takes the roles of this machine under their locks, now or when their holder ends, and starts them."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

from linkshot.app import App
from linkshot.errors import RoleTaken
from linkshot.processes.roles import Roles, roles_to_lock
from linkshot.system import locks
from linkshot.system.config import Settings

TAKE_POLL_S = 0.5
LOOK_S = 0.05
HOLDER_WAIT_S = 10.0
"""How long a holder that has just been stopped may take to end."""


class RoleTakeover:
    """The roles of `names` that are not held by this process yet; a thread takes those that come free."""

    def __init__(self, roles: Roles, names: tuple[str, ...], note: str = "") -> None:
        self._roles = roles
        self._missing = list(names)
        self._note = note
        self._held = ExitStack()
        self._thread = threading.Thread(target=self._run, name="takeover", daemon=True)

    def missing(self) -> tuple[str, ...]:
        """The roles that other processes hold."""
        return tuple(self._missing)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Ends the roles when the block ends, then gives them back."""
        with self._held, self._roles:
            try:
                yield
            finally:
                self._roles.stopping.set()
                if self._thread.is_alive():
                    self._thread.join()

    def take(self) -> None:
        """Takes and starts what is free now."""
        for name in self.missing():
            with suppress(RoleTaken):
                self._take(name)

    def take_all(self, wait_s: float) -> None:
        """Takes and starts every role, but for those that are lent; RoleTaken when one is still held
        after `wait_s`."""
        settings = self._roles.app.settings
        deadline = time.monotonic() + wait_s
        while not self._roles.stopping.wait(LOOK_S):
            self.take()
            kept = [name for name in self.missing() if not locks.is_lent(settings, name)]
            if not kept:
                return
            if time.monotonic() > deadline:
                self._take(kept[0])

    def go_on(self) -> None:
        """Goes on taking what comes free, in a thread."""
        if self._missing:
            self._thread.start()

    def _take(self, name: str) -> None:
        """RoleTaken when another process holds it."""
        self._held.enter_context(locks.hold(self._roles.app.settings, name, note=self._note))
        self._missing.remove(name)
        self._roles.start(name)

    def _run(self) -> None:
        while self._missing and not self._roles.stopping.wait(TAKE_POLL_S):
            if self._may_take():
                self.take()

    def _may_take(self) -> bool:
        """Whether no `up` is there that takes every role which comes free."""
        return not self._note or locks.holder(self._roles.app.settings, locks.UP) is None


@contextmanager
def free_roles(app: App) -> Iterator[Roles]:
    """Do whichever roles nobody else does, while the block runs: none when servers are used.

    A role whose holder ends is taken over, unless an `up` is there to take it.
    """
    roles = Roles(app, _without_samples(app.settings))
    takeover = RoleTakeover(roles, roles_to_lock(app, locks.ROLES), locks.lent_note())
    with takeover.holding():
        takeover.take()
        takeover.go_on()
        yield roles


def _without_samples(settings: Settings) -> Settings:
    """Settings of a worker that somebody waits for: snapshots are checked when asked for, or always."""
    return replace(settings, self_check="off") if settings.self_check == "sample" else settings


@contextmanager
def all_roles(app: App, roles: Roles) -> Iterator[None]:
    """Do every role, while the block runs; one that is lent to a command which follows visits, once it is
    given back.

    RoleTaken when another process holds one for good.
    """
    takeover = RoleTakeover(roles, roles_to_lock(app, locks.ROLES))
    with ExitStack() as stack:
        for name in roles_to_lock(app, (locks.UP,)):
            stack.enter_context(locks.hold(app.settings, name, HOLDER_WAIT_S))
        stack.enter_context(takeover.holding())
        takeover.take_all(HOLDER_WAIT_S)
        for name in locks.ROLES if not roles_to_lock(app, locks.ROLES) else ():
            roles.start(name)
        takeover.go_on()
        yield
