"""Where the command begins, also on a machine that lacks what it is written with."""

from __future__ import annotations

import sys

OPTIONAL = ("click", "rich")


def main() -> None:
    """Run the command line and end the process with one of `ExitCode`."""
    try:
        from ._commands import command_line  # noqa: PLC0415  # needs the packages of the extra
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
        sys.exit("the command line needs two more packages: pip install 'aiodockmap[cli]'")
    command_line(prog_name="aiodockmap")
