"""Where the command begins, also on a machine that lacks what it is written with."""

from __future__ import annotations

import sys

from ._exit import ExitCode

OPTIONAL = ("click", "rich")


def main() -> None:
    """Run the command line and end the process with one of `ExitCode`."""
    try:
        from ._commands import command_line  # noqa: PLC0415  # needs the packages of the extra
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
        sys.exit("the command line needs two more packages: pip install 'aiodockmap[cli]'")
    except KeyboardInterrupt:
        # Nothing has begun. An interrupt while Python imports the package itself comes before this.
        sys.stderr.write("interrupted\n")
        sys.exit(ExitCode.INTERRUPTED)
    command_line(prog_name="aiodockmap")
