"""Numbers with units: SHP-95, and amounts of memory."""

from __future__ import annotations

import pytest

from aiodockmap.model import parse_bytes, parse_duration_ns

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("written", "nanoseconds"),
    [
        (0, 0),
        ("", 0),
        ("0", 0),
        (5, 5),
        ("5", 5),
        ("7ns", 7),
        ("7us", 7_000),
        ("7 ms", 7_000_000),
        ("10s", 10 * SECOND),
        (" 10 s ", 10 * SECOND),
        ("2m", 120 * SECOND),
        ("1h", 3_600 * SECOND),
        ("1.5s", 1_500_000_000),
        ("0.1s", 100_000_000),
        ("1m30s", 90 * SECOND),
        ("1h 2m 3s", 3_723 * SECOND),
        (2.0, 2),
    ],
)
def test_durations(written: str | int, nanoseconds: int) -> None:
    assert parse_duration_ns(written) == nanoseconds


@pytest.mark.parametrize(
    "written", ["s", "1d", "10 seconds", "1s later", "-1s", "1..5s", -1, True, 1.5, "1.5", None]
)
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        parse_duration_ns(written)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (0, 0),
        (-1, -1),
        ("-1", -1),
        ("1024", 1024),
        ("10b", 10),
        ("1k", 1024),
        ("1 kB", 1024),
        ("512m", 512 * 1024**2),
        ("512M", 512 * 1024**2),
        ("1.5g", 1_610_612_736),
        ("1GiB", 1024**3),
        ("2t", 2 * 1024**4),
    ],
)
def test_amounts_of_memory(written: str | int, size: int) -> None:
    assert parse_bytes(written) == size


@pytest.mark.parametrize("written", ["", "m", "512x", "1 2m", "-5m", True, None, 1.5])
def test_what_is_no_amount_of_memory_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no amount of memory"):
        parse_bytes(written)
