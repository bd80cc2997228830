"""All tests of the embedded engine are on a clock that jumps."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from embedded_partners import Asker
from run_partners import VIRTUAL_TIME

from aiodockmap.testing import EmbeddedEngine


@pytest.fixture
def anyio_backend() -> tuple[str, Mapping[str, object]]:
    return VIRTUAL_TIME


@pytest.fixture
def engine() -> EmbeddedEngine:
    return EmbeddedEngine(images=("app:1",))


@pytest.fixture
def ask(engine: EmbeddedEngine) -> Asker:
    return Asker(engine.transport())
