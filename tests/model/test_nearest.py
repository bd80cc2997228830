"""What somebody probably meant, and what that costs."""

from __future__ import annotations

import pytest

from aiodockmap.model import nearest


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("exposse", "exposes", id="typo"),
        pytest.param("EXPOSES", "exposes", id="case"),
        pytest.param("volume", "volumes", id="number"),
        pytest.param("zzz", None, id="nothing-alike"),
    ],
)
def test_the_most_similar_name_is_suggested(name: str, expected: str | None) -> None:
    assert nearest(name, ["exposes", "volumes", "links"]) == expected


def test_among_very_many_names_only_those_that_begin_alike_count() -> None:
    known = [f"worker-{number}" for number in range(2_000)] + ["database"]

    assert nearest("databse", known) == "database"
    assert nearest("atabase", known) is None
