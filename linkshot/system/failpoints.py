"""Failpoints, where tests make a process die: `LINKSHOT_FAILPOINTS=after-mark:kill@3,before-ack:sleep:5`.

With `LINKSHOT_FAILPOINTS_ONCE=FOLDER` each point acts once for all processes together: it leaves a
file of its name there, so that the process that is started again gets past it.
"""

import os
import re
import signal
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

EXIT_CODE = 99


class FailpointHit(Exception):
    """A test asked for an error here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What happens at one point."""

    action: str
    """kill, raise, exit, sleep, or hold (keep the interpreter busy inside one call, for ever)."""
    seconds: float = 0.0
    hit: int = 1
    """At which hit; sleep happens at every hit from this one on."""


_hits: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Runs the action the environment names for this point, if any."""
    given = os.environ.get("LINKSHOT_FAILPOINTS", "")
    rule = dict(_rule(part) for part in given.split(",") if part.strip()).get(name)
    if rule is None:
        return
    _hits[name] += 1
    due = _hits[name] == rule.hit or (rule.action == "sleep" and _hits[name] > rule.hit)
    if due and _first_time(name):
        _do(rule, name)


def _first_time(name: str) -> bool:
    folder = os.environ.get("LINKSHOT_FAILPOINTS_ONCE")
    if not folder:
        return True
    try:
        (Path(folder) / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _do(rule: Rule, name: str) -> None:
    if rule.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif rule.action == "exit":
        os._exit(EXIT_CODE)
    elif rule.action == "sleep":
        time.sleep(rule.seconds)
    elif rule.action == "hold":
        re.match(r"(a|aa)+$", "a" * 99 + "b")
    else:
        raise FailpointHit(name)


@cache
def _rule(text: str) -> tuple[str, Rule]:
    name, _, rest = text.strip().partition(":")
    body, _, hit = rest.partition("@")
    action, _, seconds = body.partition(":")
    return name, Rule(action=action, seconds=float(seconds or 0), hit=int(hit or 1))
