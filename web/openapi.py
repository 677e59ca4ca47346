"""Generates the API reference: `python -m web.openapi docs` writes `openapi.json` and `api.md`.

`openapi.json` is the whole description; `api.md` has tables of its operations and of the codes of errors.
"""

import json
import sys
from pathlib import Path
from typing import Any

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.system.config import load_settings
from linkshot.wiring import open_app
from web.server import create_app

BEGIN, END = "<!-- operations -->", "<!-- end of operations -->"
CODES = ("<!-- codes -->", "<!-- end of codes -->")
METHODS = ("get", "post", "put", "patch", "delete")


def description() -> dict[str, Any]:
    """The OpenAPI document."""
    return create_app(open_app(load_settings())).openapi()


def table(document: dict[str, Any]) -> str:
    """One line per operation, in Markdown."""
    lines = ["| | path | does |", "|---|---|---|"]
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if method in methods:
                does = methods[method]["description"].splitlines()[0]
                lines.append(f"| {method.upper()} | `{path}` | {does} |")
    return "\n".join(lines)


def codes() -> str:
    """Every code of an error with its sentence, in Markdown."""
    lines = ["| code | what it says to people |", "|---|---|"]
    return "\n".join(
        lines + [f"| `{code}` | {ERROR_MESSAGES[code]} |" for code in sorted(ERROR_MESSAGES)]
    )


def with_tables(page: str, document: dict[str, Any]) -> str:
    """The page with its tables made anew."""
    for begin, end, made in ((BEGIN, END, table(document)), (*CODES, codes())):
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{made}\n{end}{after}"
    return page


def write(folder: Path) -> None:
    """Both files again."""
    document = description()
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "openapi.json").write_text(f"{text}\n", "utf-8")
    page = folder / "api.md"
    page.write_text(with_tables(page.read_text("utf-8"), document), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
