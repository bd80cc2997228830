"""The signals that engines know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_NAMES: Final = """
HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU
URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS
"""
_REAL_TIME: Final = ("RTMIN", *(f"RTMIN+{more}" for more in range(1, 16)))
_FROM_THE_LAST: Final = ("RTMAX", *(f"RTMAX-{less}" for less in range(1, 15)))
_FIRST_REAL_TIME: Final = 34
_LAST: Final = 64

SIGNALS: Final[Mapping[str, int]] = {
    **{f"SIG{name}": number for number, name in enumerate(_NAMES.split(), 1)},
    **{f"SIG{name}": number for number, name in enumerate(_REAL_TIME, _FIRST_REAL_TIME)},
    **{f"SIG{name}": _LAST - less for less, name in enumerate(_FROM_THE_LAST)},
    "SIGCLD": 17,
    "SIGIOT": 6,
    "SIGPOLL": 29,
}
"""The numbers of signals by name: those of Docker, on every processor but MIPS (moby/sys, `signal`)."""

_NUMBER: Final = re.compile(r"\+?[0-9]{1,9}")


def signal_number(written: object) -> int | None:
    """The number of a signal: of `SIGTERM`, `term`, `15`; None if there is no such signal (STOP-5)."""
    if isinstance(written, str):
        name = written.upper()
        if not _NUMBER.fullmatch(name):
            return SIGNALS.get(name if name.startswith("SIG") else f"SIG{name}")
        written = int(name)
    if isinstance(written, bool) or not isinstance(written, int):
        return None
    return written if 0 < written <= _LAST else None
