"""How hard generated inputs are tried: a seeded few with every change, `FUZZ_EXAMPLES=20000` by hand."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

BY_HAND = os.environ.get("FUZZ_EXAMPLES")

settings.register_profile(
    "fuzz",
    max_examples=int(BY_HAND or 150),
    derandomize=BY_HAND is None,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
