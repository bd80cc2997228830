"""The command line: `aiodockmap ACTION MAP.yaml [CONTAINERS…]`."""

from ._main import main

__all__ = ["main"]
