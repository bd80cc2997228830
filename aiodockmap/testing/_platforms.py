"""What images are made for, and what is asked for, the way engines read it."""

from __future__ import annotations

from typing import Final, Self

from attrs import frozen

from ._answers import ApiError

_OTHER_NAMES: Final = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386"}
_OWN_VARIANTS: Final = {"amd64": "v1", "arm64": "v8", "arm": "v7"}
_SYSTEMS: Final = frozenset({"linux", "windows", "darwin", "freebsd"})
_ARCHITECTURES: Final = frozenset(
    {"386", "amd64", "arm", "arm64", "ppc64le", "riscv64", "s390x", *_OTHER_NAMES}
)


@frozen
class Platform:
    """A system and a processor."""

    system: str
    architecture: str
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `linux/arm64/v8`, `linux` or `arm64`; what is not said is the engine's own.

        Raises:
            ApiError: 400 if it is none.
        """
        parts = text.lower().split("/")
        if len(parts) == 1:
            if parts[0] in _SYSTEMS:
                return cls(parts[0], NATIVE.architecture)
            if parts[0] not in _ARCHITECTURES:
                message = f'"{text}": unknown operating system or architecture: invalid argument'
                raise ApiError(400, message)
            parts = [NATIVE.system, *parts]
        if len(parts) > 3:  # noqa: PLR2004  # system, architecture, variant
            raise ApiError(400, f'"{text}": cannot parse platform specifier: invalid argument')
        system, architecture, *rest = parts
        architecture = _OTHER_NAMES.get(architecture, architecture)
        return cls(system, architecture, *rest)

    def suits(self, other: Platform) -> bool:
        """Whether what is made for one is what is asked for as the other."""
        return self._key() == other._key()

    def _key(self) -> tuple[str, str, str]:
        variant = self.variant or _OWN_VARIANTS.get(self.architecture, "")
        return (self.system, self.architecture, variant)

    def __str__(self) -> str:
        return "/".join(part for part in (self.system, self.architecture, self.variant) if part)


NATIVE: Final = Platform("linux", "amd64")
"""Of the embedded engine."""


def other_platform(name: str, asked: Platform, made_for: Platform) -> ApiError:
    """What engines say of an image that is there for another platform."""
    return ApiError(
        404,
        f"image with reference {name} was found but does not match the specified platform: "
        f"wanted {asked}, actual: {made_for}",
    )
