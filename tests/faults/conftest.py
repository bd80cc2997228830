"""Engines that may come to harm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from own_engine import SMALL_DISK, OwnEngine

IMAGE = "site-example"
RUN_UNTIL_ASKED = (
    "/bin/sh",
    "-c",
    "trap 'exit 0' TERM INT; while :; do sleep 1000 & wait $!; done",
)


@pytest.fixture(scope="module")
def own_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    engine = OwnEngine.begun_in(tmp_path_factory.mktemp("engine"))
    try:
        engine.raw.import_image(IMAGE, "latest", RUN_UNTIL_ASKED)
        yield engine
    finally:
        engine.end()


@pytest.fixture
def small_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    """One whose disk is soon full."""
    engine = OwnEngine.begun_in(tmp_path_factory.mktemp("engine"), disk=SMALL_DISK)
    try:
        engine.raw.import_image(IMAGE, "latest", RUN_UNTIL_ASKED)
        yield engine
    finally:
        engine.end()
