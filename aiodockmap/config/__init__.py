"""What people write: maps and clients, read, merged, checked and selected from."""

from ._container import ContainerConfiguration
from ._frozen import Entries, FrozenMapping
from ._short_forms import ContainerReference

__all__ = [
    "ContainerConfiguration",
    "ContainerReference",
    "Entries",
    "FrozenMapping",
]
