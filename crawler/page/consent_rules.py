"""Refuses consent boxes by the rules of autoconsent (vendor/autoconsent, MPL-2.0, unmodified).

Its script runs in an isolated world of the main frame or of a frame. It reports by messages, and asks us
to evaluate expressions of its own in the page's world, which some rules need (`window.Didomi`).
"""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.page.isolated_world import IsolatedWorld
from crawler.page.steps import is_gone

VERSION = "16.23.0"
FOLDER = Path(__file__).parent / "vendor" / "autoconsent"
CONFIG = {
    "enabled": True,
    "autoAction": "optOut",
    "disabledCmps": [],
    "enablePrehide": False,
    "enableCosmeticRules": True,
    "enableGeneratedRules": True,
    "enableHeuristicDetection": False,
    "heuristicMode": "off",
    "detectRetries": 0,
    "isMainWorld": False,
    "logs": {"errors": False},
}
"""autoconsent's docs/api.md; what no rule knows is left to scripts/consent.js."""
MAX_MESSAGES = 2000
MAIL_WAIT_MS = 200
EXPRESSION_TIMEOUT_MS = 300
"""Time of an expression in the page's world, where a page may have replaced anything by an endless loop."""
MAILBOX = """if (!globalThis.linkshotConsent?.setTimeout) throw new Error("not guarded");
globalThis.linkshotMail = [];
globalThis.autoconsentSendMessage = async (message) => { linkshotMail.push(message); };"""
TAKE_MAIL = """(async () => {
  for (let waited = 0; !linkshotMail.length && waited < %d; waited += 20)
    await new Promise((done) => linkshotConsent.setTimeout(done, 20));
  return linkshotMail.splice(0).map(({type, id, code, cmp, result, isCosmetic, state}) =>
    ({type, id, code, cmp, result, isCosmetic, lifecycle: state && state.lifecycle}));
})()"""


@dataclass(slots=True)
class RuleResult:
    """What the rules found in one frame, and did about it."""

    name: str = ""
    """The rule that recognised the box; empty when none did."""
    is_done: bool = False
    is_cosmetic: bool = False
    """Whether the rule only hides the box."""
    clicked: list[str] = field(default_factory=list)
    """Labels of what was pressed in a frame, which may be gone by now."""


@cache
def _source() -> str:
    rules = json.loads((FOLDER / "compact-rules.json").read_text("utf-8"))
    answer = {
        "type": "initResp",
        "config": CONFIG,
        "rules": {"compact": {key: rules[key] for key in ("v", "s", "r")}},
    }
    script = (FOLDER / "autoconsent.playwright.js").read_text("utf-8")
    return f"{MAILBOX}\n{script}\nautoconsentReceiveMessage({json.dumps(answer)}); 0"


async def apply_rules(
    world: IsolatedWorld, result: RuleResult, *, main_cdp: CDPSession | None
) -> None:
    """Lets the rules act in this world, whose clicks scripts/consent.js guards; `result` says how far they came.

    Expressions are evaluated by `main_cdp`, in the main frame; without it, in a frame, they are false.
    """
    await world.evaluate(_source())
    for _ in range(MAX_MESSAGES):
        mail = await world.evaluate(TAKE_MAIL % MAIL_WAIT_MS)
        for message in mail or ():
            kind = message["type"]
            if kind == "eval":
                told = await _page_says(main_cdp, str(message["code"]))
                reply = json.dumps({"type": "evalResp", "id": message["id"], "result": told})
                await world.evaluate(f"autoconsentReceiveMessage({reply}); 0")
            elif kind in ("cmpDetected", "popupFound"):
                result.name = str(message["cmp"])[:60]
            elif kind == "clicked":
                result.clicked.append(str(message["cmp"]))
            elif kind == "optOutResult" and not message["result"]:
                return
            elif kind == "autoconsentDone":
                result.is_done, result.is_cosmetic = True, bool(message["isCosmetic"])
                return
            elif kind == "report" and message["lifecycle"] == "nothingDetected":
                return


async def _page_says(cdp: CDPSession | None, expression: str) -> bool:
    """Whether an expression of a rule is true in the page's own world."""
    if cdp is None:
        return False
    asked: dict[str, Any] = {
        "expression": expression,
        "returnByValue": False,
        "timeout": EXPRESSION_TIMEOUT_MS,
    }
    try:
        answer = await cdp.send("Runtime.evaluate", asked)
    except PlaywrightError as exc:
        if is_gone(exc):
            raise
        return False
    value = answer["result"]
    return "exceptionDetails" not in answer and bool(value.get("value", "objectId" in value))
