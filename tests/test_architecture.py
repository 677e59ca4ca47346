"""The arrows of docs/architecture.md, checked with nothing but the standard library."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.sources import BESIDE, FILES, ROOT, nodes, parsed, where

STAGES = {
    "linkshot": set(),
    "pipelines": {"linkshot"},
    "crawler": {"linkshot", "pipelines"},
    "indexer": {"linkshot"},
    "web": {"linkshot"},
}
ROOF = ("linkshot/cli", "linkshot/processes")
"""Core files that may import stages: the command line and what starts the roles."""

LAYERS = (
    ("errors",),
    ("text", "domain", "samples"),
    ("query",),
    ("ports",),
    ("system",),
    ("importers", "archives", "catalogue", "adapters"),
    ("use_cases", "app"),
    ("wiring", "json_shapes"),
    ("journal",),
    ("dispatch",),
    ("maintenance",),
    ("processes",),
    ("cli", "__main__"),
)
"""Groups of the core from the ground up: each imports its own layer and those before it, no later one."""
ONE_ADAPTER_EACH = {
    "kafka": {
        "linkshot/adapters/queue_kafka.py",
        "linkshot/adapters/queue_kafka_client.py",
        "linkshot/adapters/queue_kafka_subscription.py",
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
ALSO_PURE = (
    "linkshot.errors",
    "linkshot.ports",
    "linkshot.domain.model",
    "linkshot.domain.messages",
    "linkshot.query",
)
"""Pure modules that do not say so in the first line, because nothing else could be expected of them."""
PURE_MARK = re.compile(r"\(pure[);]")
"""How a module's docstring says that it computes and does nothing: no clock, no file, no network, no thread."""
IMPURE = {
    "asyncio", "ctypes", "fcntl", "glob", "http", "io", "logging", "mmap", "multiprocessing", "os",     "random", "secrets", "select", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "time", "sqlalchemy", "kafka", "minio", "elasticsearch", "tantivy", "scrapy", "playwright",
    "fastapi", "starlette", "uvicorn",
}  # fmt: skip
"""What a pure module has no use for."""
IMPURE_CALLS = {"open", "print", "input", "datetime.utcnow", "date.today"}

SQL = (
    "linkshot/catalogue/",
    "linkshot/use_cases/",
    "linkshot/dispatch/",
    "linkshot/journal/",
    "linkshot/maintenance/",
)
"""Where statements for the catalogue are written."""
OWN_SQL = (
    "linkshot/adapters/queue_sqlite.py",
    "linkshot/adapters/queue_sqlite_file.py",
    "linkshot/adapters/queue_sqlite_schema.py",
    "linkshot/system/sqlite_wal.py",
)
"""The queue's own file, and how a file is opened."""

TESTS = sorted((ROOT / "tests").rglob("*.py"))

USE_CASES = {
    "links": {"tags", "link_resolver", "paging", "trash"},
    "tags": {"link_resolver", "paging"},
    "imports": {"links", "tags", "import_batches", "paging"},
    "snapshots": {"links", "link_resolver", "blobs", "dead_letters"},
    "uploads": {"links", "link_resolver"},
    "watches": {"links", "snapshots", "search", "link_resolver"},
    "search": {"index_completeness", "links", "tags", "paging", "jobs"},
}
"""Use case → the use cases it may call; no cycles."""


@cache
def modules_imported(path: Path) -> frozenset[str]:
    """Dotted names of every module that `path` imports, at any depth of the code."""
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def module_of(path: Path) -> str:
    """Dotted name of the module in `path`."""
    return where(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_stages_import_only_what_lies_below() -> None:
    wrong = []
    for path in FILES:
        here = where(path)
        stage = here.split("/")[0]
        tops = {name.split(".")[0] for name in modules_imported(path)} & STAGES.keys()
        if not here.startswith(ROOF) and not tops <= STAGES[stage] | {stage}:
            wrong.append((here, tops - STAGES[stage] - {stage}))
    assert wrong == []


def layer_of(module: str) -> int | None:
    """The layer of a module of the core; None for the package itself."""
    group = module.split(".")[1] if "." in module else ""
    return next((n for n, groups in enumerate(LAYERS) if group in groups), None)


def test_every_module_of_the_core_has_a_layer() -> None:
    core = [module_of(path) for path in FILES if where(path).startswith("linkshot/")]
    assert [name for name in core if layer_of(name) is None] == ["linkshot"]


def test_the_core_imports_no_higher_layer() -> None:
    known = {module_of(path): path for path in FILES if where(path).startswith("linkshot/")}
    wrong = [
        (name, other)
        for name, path in known.items()
        for other in modules_imported(path)
        if other in known and (layer_of(other) or 0) > (layer_of(name) or 0) and name != "linkshot"
    ]
    assert wrong == []


def test_vendor_libraries_stay_in_their_adapter() -> None:
    wrong = []
    for path in FILES:
        here, tops = where(path), {name.split(".")[0] for name in modules_imported(path)}
        wrong += [
            (here, v) for v, files in ONE_ADAPTER_EACH.items() if v in tops and here not in files
        ]
        wrong += [(here, v) for v, at in ONLY_IN.items() if v in tops and not here.startswith(at)]
    assert wrong == []


def test_stages_never_name_adapters() -> None:
    stages = [path for path in FILES if not where(path).startswith("linkshot/")]
    assert [where(p) for p in stages if any(map(_is_adapter, modules_imported(p)))] == []


def _is_adapter(module: str) -> bool:
    return module.startswith("linkshot.adapters.")


def test_adapters_are_named_in_wiring_only_and_never_import_each_other() -> None:
    for path in FILES:
        named = {name for name in modules_imported(path) if _is_adapter(name)}
        named = {name for name in named if not _without_vendor(name)}
        if where(path) == "linkshot/wiring.py" or not named:
            continue
        assert where(path).startswith("linkshot/adapters/"), where(path)
        vendor = path.stem.split("_")[1]
        assert all(vendor in n for n in named), where(path)


def _without_vendor(module: str) -> bool:
    """What several adapters share: how terms, keys and offsets are counted."""
    return module.split(".")[2] in {
        "index_terms",
        "offset_tracker",
        "store_keys",
        "store_probe",
        "store_reader",
    }


def is_pure(path: Path) -> bool:
    """Whether the module says so."""
    name = module_of(path)
    first = (ast.get_docstring(parsed(path)) or "").partition("\n\n")[0]
    return name.startswith(ALSO_PURE) or bool(PURE_MARK.search(first))


def test_pure_modules_import_only_pure_modules() -> None:
    pure = {module_of(path) for path in FILES if is_pure(path)}
    known = {module_of(path) for path in FILES if path.name != "__init__.py"}
    assert len(pure) > 50
    wrong = []
    for path in FILES:
        if module_of(path) in pure:
            names = modules_imported(path)
            wrong += [(module_of(path), n) for n in names & known if n not in pure]
            wrong += [(module_of(path), n) for n in names if n.split(".")[0] in IMPURE]
    assert wrong == []


def test_pure_modules_look_at_no_clock_and_no_file() -> None:
    wrong = [
        (where(path), _called(node))
        for path in FILES
        if is_pure(path)
        for node in nodes(path)
        if isinstance(node, ast.Call) and _called(node) in IMPURE_CALLS
    ]
    assert wrong == []


def _called(call: ast.Call) -> str:
    """The dotted name of a function, "" for what is called without one; unparse() would cost more than all else."""
    match call.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case _:
            return ""


def test_use_cases_form_a_graph_without_cycles() -> None:
    for noun, may in USE_CASES.items():
        path = ROOT / "linkshot" / "use_cases" / f"{noun}.py"
        named = {
            n.split(".")[2] for n in modules_imported(path) if n.startswith("linkshot.use_cases.")
        }
        assert named <= may | {noun}, noun


VISIT_COLUMNS = {"due_at", "priority", "open_request_id", "sent_at", "lease_until", "blocked_until"}


def test_visit_state_is_written_in_the_catalogue_alone() -> None:
    wrong = [
        f"{where(path)}:{node.lineno}"
        for path in FILES
        if where(path).startswith(SQL) and not where(path).startswith("linkshot/catalogue/")
        for node in nodes(path)
        if VISIT_COLUMNS & _columns_given(node)
    ]
    assert wrong == []


def _columns_given(node: ast.AST) -> set[str | None]:
    """Columns that a values(…) call, a dict that may become its argument or an item of one names."""
    match node:
        case ast.Call(func=ast.Attribute(attr="values"), keywords=words):
            return {word.arg for word in words}
        case ast.Dict(keys=keys):
            return {str(key.value) for key in keys if isinstance(key, ast.Constant)}
        case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(name)))]):
            return {name}
        case _:
            return set()


def test_sql_is_written_in_the_catalogue_and_what_uses_it() -> None:
    wrong = [
        where(path)
        for path in FILES
        if {n.split(".")[0] for n in modules_imported(path)} & {"sqlalchemy", "sqlite3", "alembic"}
        and not where(path).startswith(SQL + OWN_SQL)
    ]
    assert wrong == []


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


def test_the_picture_has_a_line_for_each_module_and_no_other() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    tree = text.split("## 2. The tree")[1].split("```")[1]
    drawn = list(paths_in(tree))
    assert len(drawn) == len(set(drawn))
    there = {where(path) for path in FILES if path.name not in ("__init__.py", "__main__.py")}
    assert set(drawn) == {path for path in there if "/versions/" not in path}


def paths_in(tree: str) -> Iterator[str]:
    """Paths of the modules in a tree of folders, drawn by indentation of two blanks."""
    folders: list[str] = []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0] if line.strip() else ""
        if name.endswith("/"):
            folders[depth:] = [name]
        elif name.endswith(".py"):
            yield "".join([*folders[:depth], name])


def test_the_glossary_names_modules_that_are_there() -> None:
    rows = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    owners = [row.split("|")[-2].strip(" `") for row in rows if row.startswith("| ")][1:]
    assert len(owners) == 21
    assert [owner for owner in owners if not (ROOT / owner).is_file()] == []


def test_contributing_names_files_that_are_there() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Where to make a change")[2]
    named = re.findall(r"`([a-zA-Z_]+/[\w./-]+)`", table)
    assert len(named) > 50
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_docstrings_are_statements() -> None:
    """A `?` in code is no question."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    questions = [
        f"{where(path)}: {getattr(node, 'name', 'module')}"
        for path in (*FILES, *BESIDE)
        for node in nodes(path)
        if isinstance(node, documented)
        and "?" in re.sub(r"`[^`]*`", "", ast.get_docstring(node) or "")
    ]
    assert questions == []


def test_every_module_of_the_packages_says_what_it_does() -> None:
    assert [where(path) for path in FILES if not ast.get_docstring(parsed(path))] == []


def test_no_test_patches_a_private_name() -> None:
    """What fails or waits is given at the edge: a port, a statement (tests/failing.py), a clock, a failpoint."""
    wrong = [
        f"{where(path)}:{node.lineno} {name}"
        for path in TESTS
        for node in nodes(path)
        for name in _patched(node)
        if name.rpartition(".")[2].startswith("_")
    ]
    assert wrong == []


def _patched(node: ast.AST) -> Iterator[str]:
    """Names that setattr(), monkeypatch or a mock replaces, and what is assigned in an object of another."""
    match node:
        case ast.Call(func=ast.Attribute(attr=attr) | ast.Name(id=attr), args=given) if attr.strip(
            "_"
        ) in {"setattr", "delattr", "setitem", "patch", "object"}:
            yield from (one.value for one in given if _is_text(one))
            yield from (one.attr for one in given[:1] if isinstance(one, ast.Attribute))
        case ast.Assign(targets=targets):
            yield from (name for target in targets for name in _assigned(target))
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            yield from _assigned(target)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _assigned(target: ast.AST) -> Iterator[str]:
    inner = target.value if isinstance(target, ast.Subscript) else target
    match inner:
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return
        case ast.Attribute(attr=attr) if not attr.startswith("__"):
            yield attr
        case ast.Tuple(elts=several):
            for one in several:
                yield from _assigned(one)


def test_every_test_says_what_holds() -> None:
    """By an assert, an expected error, or a helper whose name says that it asserts."""
    wrong = [
        f"{where(path)}:{test.lineno} {test.name}"
        for path in TESTS
        for test in nodes(path)
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef)
        and test.name.startswith("test_")
        and not any(map(_asserts, ast.walk(test)))
    ]
    assert wrong == []


def _asserts(node: ast.AST) -> bool:
    match node:
        case ast.Assert():
            return True
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name.startswith(("assert", "raises", "expect"))
    return False
