"""What prepares volumes on the host of an engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

CommandRunner: TypeAlias = Callable[[Sequence[Sequence[str]], str], Awaitable[object]]
"""Runs argument vectors on the host of an engine, one after the other, for the mount point of a volume
that is to be prepared there, which comes second (VOL-26); raises if one of them fails."""
