"""How containers are asked to stop (STOP-1, STOP-2, STOP-5)."""

from __future__ import annotations

import signal
from typing import Final

from ..config import ClientConfiguration, ContainerConfiguration
from ..model import UNSET
from ..state import StopPolicy

_DEFAULT_SIGNAL: Final = "SIGTERM"


def stop_policy(configuration: ContainerConfiguration, client: ClientConfiguration) -> StopPolicy:
    """The signal and the grace period of a container, before any argument of a call.

    An explicit null as `stop_timeout` leaves the period to the engine; nothing at all leaves it to
    the client's own setting.
    """
    grace = configuration.stop_timeout
    written = configuration.stop_signal
    name = signal_name(written) if written else _DEFAULT_SIGNAL
    return StopPolicy(
        signal=None if name == _DEFAULT_SIGNAL else name,
        grace=client.stop_timeout if grace is UNSET else grace,
    )


def signal_name(written: str | int) -> str:
    """`SIGINT` for SIGINT, `INT`, 2 and "2"; numbers without a name stay numbers."""
    word = str(written).strip().upper()
    if word.isdecimal():
        try:
            return signal.Signals(int(word)).name
        except ValueError:
            return word
    return word if word.startswith("SIG") else f"SIG{word}"
