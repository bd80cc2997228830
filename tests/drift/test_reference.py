"""The page about updates says of each field what the table of rules does."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiodockmap.drift import RULES, Remedy, Rule

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "update.md"


def row(field: str, rule: Rule) -> str:
    """The row of the page: field, what plans call it, what mends a change, what mends a removal."""
    return (
        f"| `{field}` | {rule.words} | {_mends(rule.remedy)} | {_mends(_of_removal(rule))} "
        f"| {'yes' if rule.is_certain else 'note only'} |"
    )


def _of_removal(rule: Rule) -> Remedy:
    lifts = rule.remedy is not Remedy.LIVE or rule.neutral is not None
    return rule.remedy if lifts else Remedy.REPLACE


def _mends(remedy: Remedy) -> str:
    names = {Remedy.NOTE: "nothing, a note", Remedy.LIVE: "live", Remedy.REPLACE: "replaced"}
    return names[remedy]


@pytest.mark.parametrize("field", RULES)
def test_the_page_has_the_row_of_a_field(field: str) -> None:
    assert row(field, RULES[field]) in PAGE.read_text().splitlines()


def test_the_page_has_no_other_rows() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]

    assert len(rows) == len(RULES)
