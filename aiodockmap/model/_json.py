"""What travels to and from an engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

JsonObject: TypeAlias = Mapping[str, object]
"""One decoded JSON object, as the Engine API defines it. Nobody changes it after it was built."""
