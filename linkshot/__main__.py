"""`linkshot` and `python -m linkshot`: a role hears signals before the rest is loaded."""

import sys

from linkshot.system.command_line import is_role
from linkshot.system.signals import exit_on_signal, exit_when_done


def main() -> int:
    """Run one command; its exit code."""
    role = is_role(sys.argv[1:])
    if role:
        exit_on_signal()
    from linkshot.cli import main as command

    code = command()
    if role:
        exit_when_done(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
