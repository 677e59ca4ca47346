"""What is committed about the API? `python -m web.openapi docs` writes both files again.

`openapi.json` is the whole description; `api.md` ends with a table of its operations.
"""

import json
import sys
from pathlib import Path
from typing import Any

from linkshot.config import load_settings
from linkshot.wiring import open_app
from web.server import create_app

BEGIN, END = "<!-- operations -->", "<!-- end of operations -->"
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


def with_table(page: str, document: dict[str, Any]) -> str:
    """The page with its table made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(document)}\n{END}{after}"


def write(folder: Path) -> None:
    """Both files again."""
    document = description()
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "openapi.json").write_text(f"{text}\n", "utf-8")
    page = folder / "api.md"
    page.write_text(with_table(page.read_text("utf-8"), document), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
