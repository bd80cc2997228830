"""MapClient: what an application talks to."""

from ._client import MapClient
from ._status import ContainerStatus
from ._stream import RunStream

__all__ = ["ContainerStatus", "MapClient", "RunStream"]
