"""The rules of others lie in the tree as they were published, and hold no step that accepts."""

import hashlib
import json
import re

from crawler.page.consent_rules import FOLDER, VERSION

README = (FOLDER / "README.md").read_text("utf-8")


def test_the_files_are_those_that_were_published() -> None:
    told = dict(re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", README, re.MULTILINE))
    there = {file.name: file for file in FOLDER.iterdir() if file.name != "README.md"}
    assert set(told) == set(there)
    for name, digest in told.items():
        assert hashlib.sha256(there[name].read_bytes()).hexdigest() == digest


def test_version_and_licence_are_told() -> None:
    assert f"`@duckduckgo/autoconsent` {VERSION}" in README
    assert (FOLDER / "LICENSE").read_text("utf-8").startswith("Mozilla Public License Version 2.0")


def test_each_rule_is_compact_and_so_has_no_step_that_accepts() -> None:
    rules = json.loads((FOLDER / "compact-rules.json").read_text("utf-8"))
    # autoconsent's lib/encoding.ts: step version, name, cosmetic, url, context, prehide, the steps of detection,
    # popup, refusal and test, and what is left of the rule; accepting has no place in it
    assert {len(rule) for rule in rules["r"]} <= {10, 11}
    assert len(rules["r"]) > 700
