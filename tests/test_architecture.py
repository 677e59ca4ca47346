"""The arrows of docs/architecture.md, checked with nothing but the standard library."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = {
    "linkshot": set(),
    "pipelines": {"linkshot"},
    "crawler": {"linkshot", "pipelines"},
    "indexer": {"linkshot"},
    "web": {"linkshot"},
}
ROOF = ("linkshot/cli", "linkshot/roles.py", "linkshot/index_role.py")
"""Core files that may import stages: the command line and what starts the roles."""

ONE_ADAPTER_EACH = {
    "kafka": {
        "linkshot/adapters/queue_kafka.py",
        "linkshot/adapters/queue_kafka_client.py",
        "linkshot/adapters/queue_kafka_member.py",
    },
    "minio": {"linkshot/adapters/store_minio.py"},
    "elasticsearch": {
        "linkshot/adapters/index_elasticsearch.py",
        "linkshot/adapters/index_elasticsearch_generations.py",
    },
    "tantivy": {
        "linkshot/adapters/index_tantivy.py",
        "linkshot/adapters/index_tantivy_generation.py",
        "linkshot/adapters/index_tantivy_query.py",
        "linkshot/adapters/index_tantivy_schema.py",
        "linkshot/adapters/index_tantivy_search.py",
    },
}
ONLY_IN = {
    "scrapy": ("crawler/", "pipelines/"),
    "playwright": ("crawler/", "pipelines/"),
    "fastapi": ("web/",),
    "starlette": ("web/",),
}
PURE = {
    "linkshot.errors", "linkshot.model", "linkshot.messages", "linkshot.urls", "linkshot.addresses",
    "linkshot.url_display", "linkshot.words", "linkshot.placing", "linkshot.snippets", "linkshot.alignment",
    "linkshot.query", "linkshot.diff",
    "linkshot.retry", "linkshot.cadence", "linkshot.layout", "linkshot.store_keys",
    "linkshot.offsets", "linkshot.manifest", "linkshot.ports", "linkshot.tagpath", "linkshot.tagtree", "linkshot.changekey", "linkshot.folding",
    "linkshot.index_fields", "linkshot.keptform", "linkshot.knobs", "linkshot.linebreaks", "linkshot.part_urls",
    "linkshot.problem", "linkshot.public", "linkshot.reaching", "linkshot.reasons", "linkshot.stage",
}  # fmt: skip
"""Modules that decide and do nothing: they import only each other."""

USE_CASES = {
    "links": {"tags"},
    "tags": set(),
    "imports": {"links", "tags"},
    "snapshots": {"links"},
    "watches": {"links", "snapshots", "search"},
    "search": {"links", "tags"},
}
"""Use case → the use cases it may call; no cycles."""

FILES = [file for package in STAGES for file in sorted((ROOT / package).rglob("*.py"))]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file; parsed once for all tests, because most of them look at all files."""
    return ast.parse(path.read_text("utf-8"))


@cache
def modules_imported(path: Path) -> frozenset[str]:
    """Dotted names of every module that `path` imports, at any depth of the code."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def where(path: Path) -> str:
    """Path inside the project, with slashes."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """Dotted name of the module in `path`."""
    return where(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.mark.parametrize("path", FILES, ids=where)
def test_stages_import_only_what_lies_below(path: Path) -> None:
    here = where(path)
    stage = here.split("/")[0]
    tops = {name.split(".")[0] for name in modules_imported(path)}
    if not here.startswith(ROOF):
        assert tops & STAGES.keys() <= STAGES[stage] | {stage}


@pytest.mark.parametrize("path", FILES, ids=where)
def test_vendor_libraries_stay_in_their_adapter(path: Path) -> None:
    here, tops = where(path), {name.split(".")[0] for name in modules_imported(path)}
    for vendor, files in ONE_ADAPTER_EACH.items():
        assert vendor not in tops or here in files
    for vendor, folders in ONLY_IN.items():
        assert vendor not in tops or here.startswith(folders)


@pytest.mark.parametrize(
    "path", [f for f in FILES if not where(f).startswith("linkshot/")], ids=where
)
def test_stages_never_name_adapters(path: Path) -> None:
    assert not {n for n in modules_imported(path) if n.startswith("linkshot.adapters")}


def test_adapters_are_named_in_wiring_only_and_never_import_each_other() -> None:
    for path in FILES:
        named = {n for n in modules_imported(path) if n.startswith("linkshot.adapters.")}
        if where(path) == "linkshot/wiring.py" or not named:
            continue
        assert where(path).startswith("linkshot/adapters/"), where(path)
        vendor = path.stem.split("_")[1]
        assert all(vendor in n for n in named), where(path)


@pytest.mark.parametrize(
    "path",
    [f for f in FILES if module_of(f) in PURE or module_of(f).startswith("linkshot.query")],
    ids=where,
)
def test_pure_modules_import_only_pure_modules(path: Path) -> None:
    ours = {n for n in modules_imported(path) if n.startswith("linkshot.")}
    allowed = {n for n in ours if any(n == p or n.startswith(p + ".") for p in PURE)}
    assert ours == allowed


def test_use_cases_form_a_graph_without_cycles() -> None:
    for noun, may in USE_CASES.items():
        for path in [ROOT / "linkshot" / f"{noun}.py"]:
            named = {n.split(".")[1] for n in modules_imported(path) if n.startswith("linkshot.")}
            assert named & USE_CASES.keys() <= may | {noun}, noun


def test_sqlalchemy_stays_below_the_use_cases() -> None:
    may = {
        *(f"linkshot/{noun}" for noun in USE_CASES), "linkshot/catalogue/", "linkshot/dispatch",
        "linkshot/refs", "linkshot/damages", "linkshot/logins", "linkshot/login_tries", "linkshot/import_run", "linkshot/verify", "linkshot/rebuild", "linkshot/jobs", "linkshot/trash", "linkshot/forgetting",
        "linkshot/adapters/queue_sqlite.py",
    }  # fmt: skip
    for path in FILES:
        if "sqlalchemy" in {n.split(".")[0] for n in modules_imported(path)}:
            assert where(path).startswith(tuple(may)), where(path)


def test_no_import_cycles() -> None:
    """A module-level cycle between our modules, found by walking the graph."""
    known = {module_of(f): f for f in FILES}
    graph = {
        name: {n for n in top_level_imports(path) if n in known and n != name}
        for name, path in known.items()
    }
    assert cycle_in(graph) == []


def top_level_imports(path: Path) -> set[str]:
    """Modules imported when `path` itself is imported (functions and TYPE_CHECKING left out)."""
    names: set[str] = set()
    for node in parsed(path).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= inside | {node.module}
    return names


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """One cycle as a list of names, [] when there is none; packages' own __init__ do not count."""
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return trail[trail.index(name) :]
        if name in done:
            return []
        for nxt in sorted(graph[name]):
            if name.startswith(nxt + "."):
                continue
            if found := walk(nxt, [*trail, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])
