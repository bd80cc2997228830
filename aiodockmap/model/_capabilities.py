"""What hosts can limit, in the words of `GET /info`."""

from __future__ import annotations

from typing import Final

CAPABILITIES: Final = frozenset(
    {
        "CPUSet",
        "CPUShares",
        "CpuCfsPeriod",
        "CpuCfsQuota",
        "KernelMemory",
        "MemoryLimit",
        "OomKillDisable",
        "PidsLimit",
        "SwapLimit",
    }
)
"""Keys that are true where the host can (UPD-51)."""
