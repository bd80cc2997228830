"""What a client takes up does not grow with what it has done; `benchmarks/soak.py` tries it for longer."""

from __future__ import annotations

import tracemalloc
from functools import partial

from run_partners import in_virtual_time
from soaking import IMAGE, soak

from aiodockmap.testing import EmbeddedEngine

CYCLES = 60
A_LITTLE = 192 * 1024
"""Bytes: less than four kilobytes a cycle, where one report alone has more."""


def test_update_after_update_takes_up_no_more() -> None:
    engine = EmbeddedEngine(images=(f"{IMAGE}:latest",))
    tracemalloc.start()
    try:
        early, late = in_virtual_time(partial(soak, engine.transport(), CYCLES, engine.calls.clear))
    finally:
        tracemalloc.stop()

    assert late.traced - early.traced < A_LITTLE
    assert (late.tasks, late.files) == (early.tasks, early.files)
    assert engine.container_names() == []
