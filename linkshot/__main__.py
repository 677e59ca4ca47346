"""`python -m linkshot` is the `linkshot` command."""

import sys

from linkshot.cli import main

if __name__ == "__main__":
    sys.exit(main())
