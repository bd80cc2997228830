"""What differs between the releases of Docker that the embedded engine can be, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from ._answers import ApiError, Call


@frozen(kw_only=True)
class Release:
    """One release of Docker, as far as callers can tell it from another."""

    version: str
    api_version: str
    oldest_api_version: str
    ping_headers: Mapping[str, str] = field(factory=dict)
    """What a ping says beyond what every answer does."""

    @property
    def headers(self) -> dict[str, str]:
        """What every answer carries."""
        return {
            "api-version": self.api_version,
            "docker-experimental": "false",
            "ostype": "linux",
            "server": f"Docker/{self.version} (linux)",
        }

    def check(self, call: Call) -> None:
        """Refuse a call of a version of the API that this release does not have.

        Raises:
            ApiError: 400.
        """
        if call.version is None:
            return
        asked = f"client version {call.version} is too"
        if _numbers(call.version) > _numbers(self.api_version):
            newest = f"Maximum supported API version is {self.api_version}"
            raise ApiError(400, f"{asked} new. {newest}")
        if _numbers(call.version) < _numbers(self.oldest_api_version):
            oldest = f"Minimum supported API version is {self.oldest_api_version}"
            raise ApiError(
                400, f"{asked} old. {oldest}, please upgrade your client to a newer version"
            )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


DOCKER_20_10: Final = Release(version="20.10.24", api_version="1.41", oldest_api_version="1.12")
