"""All tests of the embedded engine are on a clock that jumps."""

from __future__ import annotations

from typing import Any

import pytest
from embedded_partners import Asker

from aiodockmap.testing import EmbeddedEngine, VirtualTimeLoop


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@pytest.fixture
def engine() -> EmbeddedEngine:
    return EmbeddedEngine(images=("app:1",))


@pytest.fixture
def ask(engine: EmbeddedEngine) -> Asker:
    return Asker(engine.transport())
