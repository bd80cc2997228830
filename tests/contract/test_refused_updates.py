"""Updates of limits that are refused, in a real engine's words."""

from __future__ import annotations

import pytest
from contract_calls import (
    A,
    Refusals,
    assert_refused,
    case,
    update,
    with_host,
)
from contract_partners import Partner

CPU_RANGE = "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"
PERIOD = "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"
ON_28 = {
    "cpus": (400, CPU_RANGE.replace("Range", "range")),
    "cpus-minus-one": (400, CPU_RANGE.replace("Range", "range")),
    "policy": (
        400,
        (
            "invalid restart policy: unknown policy 'zz'; "
            "use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
        ),
    ),
    "policy-no-with-count": (
        400,
        "invalid restart policy: maximum retry count can only be used with 'on-failure'",
    ),
}
UPDATE = [
    case(identifier, before, update(**limits), status, message, on_28=ON_28.get(identifier))
    for identifier, before, limits, status, message in (
        ("memory", [A], {"Memory": 1000}, 400, "Minimum memory limit allowed is 6MB"),
        ("memory-minus-one", [A], {"Memory": -1}, 400, "Minimum memory limit allowed is 6MB"),
        (
            "memory-without-swap",
            [A],
            {"Memory": 20971520},
            409,
            (
                "Cannot update container <id>: Memory limit should be smaller than already set "
                "memoryswap limit, update the memoryswap at the same time"
            ),
        ),
        (
            "swap-below-memory",
            [A],
            {"Memory": 20971520, "MemorySwap": 1},
            400,
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        ),
        ("cpu-period", [A], {"CpuPeriod": -1}, 400, PERIOD),
        ("cpus", [A], {"NanoCpus": 10**12}, 400, CPU_RANGE),
        ("cpus-minus-one", [A], {"NanoCpus": -1}, 400, CPU_RANGE),
        (
            "cpus-after-period",
            [A, update(CpuPeriod=100000)],
            {"NanoCpus": 10**9},
            409,
            (
                "Cannot update container <id>: Conflicting options: "
                "Nano CPUs cannot be updated as CPU Period has already been set"
            ),
        ),
        (
            "cpus-after-quota",
            [A, update(CpuQuota=50000)],
            {"NanoCpus": 10**9},
            409,
            (
                "Cannot update container <id>: Conflicting options: "
                "Nano CPUs cannot be updated as CPU Quota has already been set"
            ),
        ),
        (
            "quota-after-cpus",
            [with_host("~a", NanoCpus=10**9)],
            {"CpuQuota": 5000},
            409,
            (
                "Cannot update container <id>: Conflicting options: "
                "CPU Quota cannot be updated as NanoCPUs has already been set"
            ),
        ),
        (
            "period-after-cpus",
            [with_host("~a", NanoCpus=10**9)],
            {"CpuPeriod": 5000},
            409,
            (
                "Cannot update container <id>: Conflicting options: "
                "CPU Period cannot be updated as NanoCPUs has already been set"
            ),
        ),
        (
            "cpu-set",
            [A],
            {"CpusetCpus": "99"},
            400,
            "Requested CPUs are not available - requested 99, available: 0-1",
        ),
        ("policy", [A], {"RestartPolicy": {"Name": "zz"}}, 400, "invalid restart policy 'zz'"),
        (
            "policy-no-with-count",
            [A],
            {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 3}},
            400,
            "maximum retry count cannot be used with restart policy 'no'",
        ),
        (
            "policy-of-auto-remove",
            [with_host("~a", AutoRemove=True)],
            {"RestartPolicy": {"Name": "always"}},
            409,
            (
                "Cannot update container <id>: Restart policy cannot be updated because "
                "AutoRemove is enabled for the container"
            ),
        ),
        ("missing", [], {}, 404, "No such container: ~a"),
    )
]


@pytest.mark.parametrize("refusals", UPDATE)
async def test_the_engine_refuses_updates(partner: Partner, refusals: Refusals) -> None:
    await assert_refused(partner, refusals)
