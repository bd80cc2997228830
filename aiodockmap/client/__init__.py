"""MapClient: what an application talks to."""

from ._actions import CompositeAction, ContainerAction, PlannedAction, method_actions
from ._client import MapClient
from ._housekeeping import Housekeeping
from ._images import EngineImages
from ._landscape import Landscape
from ._logs import ContainerLine, ContainerLines
from ._script_stream import ScriptLine, ScriptStream
from ._status import ContainerStatus
from ._stream import RunStream

__all__ = [
    "CompositeAction",
    "ContainerAction",
    "ContainerLine",
    "ContainerLines",
    "ContainerStatus",
    "EngineImages",
    "Housekeeping",
    "Landscape",
    "MapClient",
    "PlannedAction",
    "RunStream",
    "ScriptLine",
    "ScriptStream",
    "method_actions",
]
