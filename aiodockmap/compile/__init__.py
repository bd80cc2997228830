"""From maps to what engines are asked for: names, dependencies, and bodies of the Engine API."""

from ._desired import compile_maps
from ._live import live_fields
from ._names import NamingPolicy
from ._request import CompileRequest, Scope

__all__ = ["CompileRequest", "NamingPolicy", "Scope", "compile_maps", "live_fields"]
