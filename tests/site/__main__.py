"""Serves the test site for a person: `python -m tests.site [--port N]`."""

import argparse
import signal

from tests.site import PAGES, Site


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.site", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    with Site(port=parser.parse_args().port) as site:
        width = max(map(len, PAGES))
        for path, about in PAGES.items():
            print(f"{site.url(path):<{width + 24}} {about}")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
