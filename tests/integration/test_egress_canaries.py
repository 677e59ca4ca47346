"""Rows P60 to P62: from a page that tries every way, no packet leaves but through the egress proxy.

Each visit has a network namespace of its own, in which every packet is recorded.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from tests.egress_canaries import DATAGRAMS, REBINDING, SITE, WAYS
from tests.fleet import ROOT

NAMESPACE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]  # fmt: skip
LIMIT_S = 240


@cache
def has_namespaces() -> bool:
    """Whether this machine gives a process a network of its own."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    return subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not has_namespaces(), reason="needs network namespaces (Linux, unshare and ip, as root or a user who may)"
    ),
]  # fmt: skip


def visited(how: str) -> dict[str, Any]:
    """What the visit in its own namespace reached."""
    command = [*NAMESPACE, sys.executable, "-m", "tests.egress_canaries", how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_no_packet_of_a_page_goes_anywhere_but_to_the_egress_proxy() -> None:
    told = visited("guarded")
    assert (told["title"], told["heard"]) == ("Postcards", [])
    assert ["tcp", "127.0.0.1", told["proxy"]] in told["packets"]
    # the proxy itself connects to the one address that is allowed, for TURN over TCP as well
    others = [one for one in told["packets"] if one != ["tcp", "127.0.0.1", told["proxy"]]]
    assert {(protocol, to) for protocol, to, _ in others} == {("tcp", SITE)}
    assert told["blocked"] > len(WAYS)
    # every name is looked up once per page: what it leads to afterwards does not count
    assert told["names"].count(REBINDING) == 1
    assert not [name for name in told["names"] if name.endswith("leak.example")]


def test_the_same_page_reaches_everything_when_nobody_holds_it_back() -> None:
    told = visited("open")
    assert set(told["heard"]) >= WAYS
    assert {port for protocol, _, port in told["packets"] if protocol == "udp"} >= DATAGRAMS
    assert {to for _, to, _ in told["packets"]} >= {
        "10.0.0.1",
        "169.254.169.254",
        "127.0.0.1",
        "::1",
    }
