"""The edge: everything that is said to an engine, and nothing that decides what to say."""

from ._clients import EngineSource, open_engine, uses_socket
from ._containers import Created, ExitWaiter
from ._credentials import Credentials
from ._engine import Engine
from ._execs import ExecResult
from ._logs import LogLine, OutputStream
from ._observe import Interest, observe
from ._redaction import without_values
from ._settled import settled
from ._transport import (
    ApiRequest,
    ApiResponse,
    ApiStream,
    ConnectionBroken,
    Refused,
    Transport,
)

__all__ = [
    "ApiRequest",
    "ApiResponse",
    "ApiStream",
    "ConnectionBroken",
    "Created",
    "Credentials",
    "Engine",
    "EngineSource",
    "ExecResult",
    "ExitWaiter",
    "Interest",
    "LogLine",
    "OutputStream",
    "Refused",
    "Transport",
    "observe",
    "open_engine",
    "settled",
    "uses_socket",
    "without_values",
]
