"""What the URL Standard's own tests (tests/data/wpt) say of our parser: every case, no list of exceptions.

Where we differ on purpose a rule says so, and the rule is tested too. A case with a base means a
link on a page; we are given single links, so such a case stands for the address it leads to.
"""

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkshot.domain.urls import NormalURL, normalize
from linkshot.errors import InvalidURL
from tests.admitted import admitted
from tests.every_row import every_row

FILE = Path(__file__).parent.parent / "data" / "wpt" / "urltestdata.json"
CASES = [case for case in json.loads(FILE.read_text("utf-8")) if isinstance(case, dict)]

STRIPPED = "".join(map(chr, range(0x21)))
"""C0 controls and space, stripped at both ends (URL Standard §4.4)."""
POLICY = {"url.address_blocked", "url.host_blocked", "url.host_missing", "url.port_not_allowed"}
"""Codes for links that a browser would open and that lead to no public site."""
UNREADABLE = {"url.unparseable", "url.host_missing", "url.port_invalid"}
"""Codes for a link to http or https that no browser opens."""


@dataclass(frozen=True)
class Case:
    """One case as a single link."""

    given: str
    href: str | None
    """None: a failure."""

    def __str__(self) -> str:
        return ascii(self.given)[:60]


def _single(case: dict[str, Any]) -> Case:
    """The link itself, or where it leads from its base when it says less than `http://`."""
    alone = case["base"] in (None, "about:blank") or re.match(
        r"\s*https?://", case["input"], re.IGNORECASE
    )
    href = case.get("href")
    return Case(case["input"] if alone or href is None else href, href)


SINGLE = [_single(case) for case in CASES]


def _outcome(read: Callable[[object], NormalURL], given: str) -> str:
    """The normal form, or the code of the refusal; anything else that is raised fails the test."""
    try:
        return read(given).url
    except InvalidURL as refused:
        return refused.code


def _expected(case: Case) -> str | set[str]:
    """The normal form, or the codes that may be said, by the first rule that applies."""
    bare = re.sub(r"[\t\n\r]", "", case.given.strip(STRIPPED))
    if "\x00" in case.given:
        return {"url.unparseable"}  # NUL is refused wherever it stands
    if not re.match(r"https?:", case.href or bare, re.IGNORECASE):
        return {"url.scheme_not_allowed", "url.scheme_missing", "url.required"}
    if case.href is None:
        return _new_rule_for_punycode(bare) or UNREADABLE
    if "\\" in re.split(r"[/?#]", bare.partition(":")[2].lstrip("/\\"), maxsplit=1)[0]:
        return {"url.backslash"}  # other programs read another host there
    return re.sub(r"^(https?://)[^/?#]*@", r"\1", case.href)  # credentials are never kept


def _new_rule_for_punycode(bare: str) -> str | None:
    """An ASCII name is no failure any more, whatever its `xn--` labels decode to.

    The URL Standard was changed in 2026, as browsers were before; this copy of its tests is older.
    """
    name = re.fullmatch(r"(https?)://([\w.-]*\bxn--[\w.-]*)/?", bare, re.IGNORECASE | re.ASCII)
    return f"{name[1]}://{name[2]}/".lower() if name else None


def test_these_are_all_cases() -> None:
    failures = [case for case in CASES if case.get("failure")]
    assert (len(CASES), len(failures)) == (819, 272)


@every_row(SINGLE, str)
def test_a_link_is_read_as_the_standard_says(case: Case) -> None:
    got = _outcome(normalize, case.given)
    expected = _expected(case)
    if isinstance(expected, set):
        assert got in expected
    else:
        assert got == expected


def test_no_link_of_the_standard_leads_to_a_private_network() -> None:
    for case in SINGLE:
        got = _outcome(admitted, case.given)
        opened = _outcome(normalize, case.given)
        assert got == opened or got in POLICY, case
        assert not got.startswith("http") or _is_public(admitted(got).host.strip("[]")), case


def _is_public(host: str) -> bool:
    if ":" in host or host[-1].isdigit():
        return ipaddress.ip_address(host).is_global
    return "." in host.rstrip(".")


def test_most_cases_are_read_and_not_only_refused() -> None:
    same = [case for case in SINGLE if isinstance(_expected(case), str)]
    assert len(same) > 200
