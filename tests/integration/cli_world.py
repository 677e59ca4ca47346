"""What tests of the command line share: a way to call it in this process, on a folder of its own."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkshot.app import App
from linkshot.cli import main
from linkshot.system.config import load_settings
from linkshot.wiring import open_app


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        return json.loads(self.err.splitlines()[-1])["error"]


class CommandLine:
    """`linkshot --data FOLDER …` in this process."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, *words: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        root = logging.getLogger()
        level, handlers = root.level, list(root.handlers)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(["--data", str(self.data), *words])
        finally:
            root.setLevel(level)
            root.handlers[:] = handlers
        return Said(code, out.getvalue(), err.getvalue())

    @contextmanager
    def app(self) -> Iterator[App]:
        """The same folder, through the use cases."""
        opened = open_app(load_settings(data=self.data))
        try:
            yield opened
        finally:
            opened.close()

    def add(self, *urls: str) -> list[str]:
        """Ids of these links, added."""
        return [one["link_id"] for one in self("--json", "add", *urls).json["items"]]
