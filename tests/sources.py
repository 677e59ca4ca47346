"""The syntax trees of our five packages, parsed once for all tests that look at the source."""

import ast
import gc
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("linkshot", "pipelines", "crawler", "indexer", "web")
FILES = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file, the module first. The garbage collector is paused and then passes over them:
    they are many, hold no cycles and are kept until the end, so that each look at them would be wasted."""
    gc.disable()
    found = tuple(ast.walk(ast.parse(path.read_text("utf-8"))))
    gc.freeze()
    gc.enable()
    return found


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    module = nodes(path)[0]
    assert isinstance(module, ast.Module)
    return module


def where(path: Path) -> str:
    """Path inside the project, with slashes."""
    return path.relative_to(ROOT).as_posix()


BESIDE = [
    file
    for folder in ("deploy", "bench", "tests")
    for file in sorted((ROOT / folder).rglob("*.py"))
]
"""Python of the project outside the packages."""
