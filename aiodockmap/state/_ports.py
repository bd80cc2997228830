"""A port of the host that a container is published on."""

from __future__ import annotations

from attrs import frozen

_ANYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  # compared, never bound


@frozen(kw_only=True)
class HostPort:
    """One published port, as the host sees it."""

    address: str = ""
    """"" for all addresses."""
    port: int
    protocol: str = "tcp"

    def collides_with(self, other: HostPort) -> bool:
        """Whether the two cannot be bound at the same time.

        All IPv4 and all IPv6 addresses do not collide with each other, but an engine binds both for "".
        """
        if (self.port, self.protocol) != (other.port, other.protocol):
            return False
        if self.address == other.address or "" in {self.address, other.address}:
            return True
        if (":" in self.address) != (":" in other.address):
            return False
        return bool(_ANYWHERE & {self.address, other.address})

    def __str__(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return (
            f"{address}:{self.port}/{self.protocol}" if address else f"{self.port}/{self.protocol}"
        )
