"""What a command that only looks must not load: everybody waits for it, every time."""

import json
import subprocess
import sys

import pytest

from linkshot import links
from linkshot.model import NewLink

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
    """Every module of a process that did this."""
    links.add(app, NewLink(url="https://example.com/"))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--data", str(app.settings.data), *request.param],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    return set(modules)


def test_looking_at_links_loads_nothing_heavy(loaded):
    assert loaded & HEAVY == set()
