"""An engine in memory on a clock that jumps."""

from __future__ import annotations

from typing import Any

import pytest
from sites import IMAGE, PROMPT

from aiodockmap.testing import EmbeddedEngine, VirtualTimeLoop


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@pytest.fixture
def engine() -> EmbeddedEngine:
    """An engine with one image, whose process ends as soon as it is asked to."""
    engine = EmbeddedEngine(images=[IMAGE])
    engine.behaviour(PROMPT, command="/bin/sleep 1000")
    return engine
