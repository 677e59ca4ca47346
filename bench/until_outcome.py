"""The measured process of `bench hostile`: runs every role until each link has an outcome."""

import io
import json
import sys
import time

from bench.links import every_link
from linkshot.processes.role_takeover import free_roles
from linkshot.system.config import load_settings
from linkshot.use_cases import imports
from linkshot.wiring import open_app

LIMIT_S = 4 * 3600.0


def run(good: list[str], every: list[str]) -> dict[str, float]:
    """Seconds until all good links have an outcome, and until all have one."""
    app = open_app(load_settings())
    report = imports.run(app, io.BytesIO("\n".join(every).encode()), "urls.txt", format="plain")
    assert report.accepted == len(every), report
    began, good_s, wanted = time.monotonic(), 0.0, set(good)
    with free_roles(app) as roles:
        while True:
            waiting = {link.url for link in every_link(app) if link.last is None}
            seconds = time.monotonic() - began
            assert roles.failure is None, roles.failure
            assert seconds < LIMIT_S, f"{len(waiting)} links without an outcome"
            if not good_s and not waiting & wanted:
                good_s = seconds
            if not waiting:
                break
            time.sleep(1.0)
    app.close()
    return {"good_s": good_s, "all_s": seconds}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(run(given["good"], given["all"])))
