"""The Big List of Naughty Strings (tests/data/blns): every string once."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "blns"
STRINGS: tuple[str, ...] = tuple(
    dict.fromkeys(
        text
        for name in ("blns.json", "blns-2016.json")
        for text in json.loads((FOLDER / name).read_text("utf-8"))
    )
)
