"""What a command that only looks must not load: everybody waits for it, every time."""

import json
import subprocess
import sys

import pytest

from linkshot.app import App
from linkshot.domain.model import NewLink
from linkshot.use_cases import links

HEAVY = {
    "alembic", "asyncpg", "elasticsearch", "fastapi", "jinja2", "kafka", "lxml", "minio", "opencc",
    "PIL", "playwright", "psycopg", "pydantic", "rich", "scrapy", "starlette", "tantivy",
    "trafilatura", "twisted", "uvicorn", "zstandard", "sqlalchemy.dialects.postgresql",
    "crawler", "indexer", "pipelines", "web", "linkshot.adapters",
}  # fmt: skip
"""What only other commands need."""
PROGRAM = """
import json, sys
from linkshot.cli import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]))
"""


@pytest.fixture(params=[["list"], ["list", "#tag"], ["show", "https://example.com/"]], ids=" ".join)
def loaded(app, request) -> set[str]:
    """Every module of a process that did this; no visit is due."""
    links.add(app, NewLink(url="https://example.com/"))
    with app.catalogue.write() as conn:
        conn.exec_driver_sql("UPDATE links SET due_at = NULL")
    return modules_of(app, *request.param)


def modules_of(app: App, *words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--data", str(app.settings.data), *words],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    return set(modules)


def test_looking_at_links_loads_nothing_heavy(loaded):
    assert loaded & HEAVY == set()


def test_how_far_a_visit_is_needs_queue_and_store_alone(app):
    links.add(app, NewLink(url="https://example.com/"))
    loaded = modules_of(app, "show", "https://example.com/")
    assert loaded & HEAVY == {"linkshot.adapters"}
    assert {name for name in loaded if name.startswith("linkshot.adapters.index")} == set()
