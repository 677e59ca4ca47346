"""What does `python -m crawler` do? It is one crawl worker; `linkshot crawl` and `linkshot up` start it."""

import argparse
import sys
from pathlib import Path

from linkshot.config import load_settings, secrets_of
from linkshot.errors import ConfigError
from linkshot.logs import configure


def main() -> int:
    """Run one worker; its exit code."""
    options = argparse.ArgumentParser(prog="python -m crawler", description=__doc__)
    options.add_argument("--parent-fd", type=int, help="end when this pipe closes")
    options.add_argument("--config", type=Path, help="a TOML file with settings")
    given = options.parse_args()
    from crawler.run import Exit, run_crawl

    try:
        settings = load_settings(given.config)
        secrets = secrets_of(settings)
        configure(settings.log_level, secrets=secrets, form=settings.log_format)
        return run_crawl(settings, parent_fd=given.parent_fd)
    except ConfigError as exc:
        print(f"linkshot: {exc.message}", file=sys.stderr)  # noqa: T201  # there is no log yet
        return int(Exit.CONFIG)


if __name__ == "__main__":
    sys.exit(main())
