"""`python -m crawler` is one crawl worker; `linkshot up` starts it."""

import argparse
import sys
from pathlib import Path

from crawler.exit_codes import ExitCode, ParentProcess
from linkshot.errors import ConfigError
from linkshot.system.config import load_settings, secrets_of
from linkshot.system.log_config import configure_logging
from linkshot.system.signals import exit_on_signal, exit_when_done


def main() -> int:
    """Run one worker; its exit code."""
    exit_on_signal()
    options = argparse.ArgumentParser(prog="python -m crawler", description=__doc__)
    options.add_argument("--parent-fd", type=int, help="end when this pipe closes")
    options.add_argument("--config", type=Path, help="a TOML file with settings")
    given = options.parse_args()
    parent = None if given.parent_fd is None else ParentProcess(given.parent_fd)
    if parent is not None:
        parent.watch()
    from crawler.run import run_crawl

    try:
        settings = load_settings(given.config)
        secrets = secrets_of(settings)
        configure_logging(settings.log_level, secrets=secrets, form=settings.log_format)
        return run_crawl(settings, parent=parent)
    except ConfigError as exc:
        print(f"linkshot: {exc.message}", file=sys.stderr)  # noqa: T201  # there is no log yet
        return int(ExitCode.CONFIG)


if __name__ == "__main__":
    exit_when_done(main())
