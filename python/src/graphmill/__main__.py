"""``python -m graphmill``: the command."""

import os
import sys

from ._command import command, environment


def main() -> None:
    """Goes on as the command."""
    try:
        program = command()
    except FileNotFoundError as error:
        sys.exit(str(error))
    os.execve(program, ["graphmill", *sys.argv[1:]], environment())


if __name__ == "__main__":
    main()
