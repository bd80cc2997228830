"""An engine in memory on a clock that jumps."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from run_partners import VIRTUAL_TIME
from sites import IMAGE, PROMPT

from aiodockmap.testing import EmbeddedEngine


@pytest.fixture
def anyio_backend() -> tuple[str, Mapping[str, object]]:
    return VIRTUAL_TIME


@pytest.fixture
def engine() -> EmbeddedEngine:
    """An engine with one image, whose process ends as soon as it is asked to."""
    engine = EmbeddedEngine(images=[IMAGE])
    engine.behaviour(PROMPT, command="/bin/sleep 1000")
    return engine
