"""The measured process of `bench capture`: from a list of URLs to searchable snapshots."""

import io
import json
import sys
import time

from bench.split import Split
from linkshot.processes.role_takeover import free_roles
from linkshot.system.config import load_settings
from linkshot.use_cases import imports
from linkshot.wiring import open_app
from tests.fleet import all_settled

LIMIT_S = 1800.0
SAMPLE_S = 3.0
"""Between two samples of all processes, which cost CPU themselves."""


def run(urls: list[str]) -> None:
    """Imports the URLs and runs every role until each is visited, announced and indexed."""
    app = open_app(load_settings())
    report = imports.run(app, io.BytesIO("\n".join(urls).encode()), "urls.txt", format="plain")
    assert report.accepted == len(urls), report
    deadline = time.monotonic() + LIMIT_S
    split = Split()
    with free_roles(app) as roles:
        while not all_settled(app, len(urls)):
            assert roles.failure is None, roles.failure
            assert time.monotonic() < deadline, "not settled in time"
            split.sample()
            time.sleep(SAMPLE_S)
    app.close()
    print(json.dumps(split.seconds()))


if __name__ == "__main__":
    run(json.load(sys.stdin))
