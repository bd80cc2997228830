"""The two sides of the comparison: what is desired and what was observed, data only."""

from ._desired import (
    ContainerSpec,
    Dependency,
    DesiredContainer,
    DesiredImage,
    DesiredNetwork,
    DesiredState,
    DesiredVolume,
    EndpointSpec,
    ExecSpec,
    StopPolicy,
    VolumeOwnership,
)
from ._observed import (
    EngineInfo,
    EngineState,
    ObservedContainer,
    ObservedNetwork,
    ObservedState,
    ObservedVolume,
    RunState,
)

__all__ = [
    "ContainerSpec",
    "Dependency",
    "DesiredContainer",
    "DesiredImage",
    "DesiredNetwork",
    "DesiredState",
    "DesiredVolume",
    "EndpointSpec",
    "EngineInfo",
    "EngineState",
    "ExecSpec",
    "ObservedContainer",
    "ObservedNetwork",
    "ObservedState",
    "ObservedVolume",
    "RunState",
    "StopPolicy",
    "VolumeOwnership",
]
