"""Settings of the host side that are refused, in a real engine's words."""

from __future__ import annotations

import pytest
from contract_calls import (
    A,
    Refusals,
    assert_refused,
    case,
    with_host,
)
from contract_partners import Partner

CPU_RANGE = "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"
PERIOD = "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"
ONLY_ON_FAILURE = "invalid restart policy: maximum retry count can only be used with 'on-failure'"
ON_28 = {
    "cpus-negative": (400, CPU_RANGE.replace("Range", "range")),
    "cpus-too-many": (400, CPU_RANGE.replace("Range", "range")),
    "network-mode-empty": (
        400,
        "invalid network mode: invalid container format container:<name|id>",
    ),
    "host-port-number": (
        400,
        (
            "invalid JSON: json: cannot unmarshal number into Go struct field "
            ".HostConfig.PortBindings.80~1tcp.0.HostPort of type string"
        ),
    ),
    "restart-policy": (
        400,
        (
            "invalid restart policy: unknown policy 'zz'; "
            "use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
        ),
    ),
    "restart-count-with-no": (400, ONLY_ON_FAILURE),
    "restart-count-with-always": (400, ONLY_ON_FAILURE),
    "restart-count-negative": (
        400,
        "invalid restart policy: maximum retry count cannot be negative",
    ),
    "runtime": (400, "unknown or invalid runtime name: zz"),
}
HOST_CONFIG = [
    case(
        identifier,
        [A],
        with_host("~b", **host_config),
        status,
        message,
        on_28=ON_28.get(identifier),
    )
    for identifier, host_config, status, message in (
        ("memory", {"Memory": 1000}, 400, "Minimum memory limit allowed is 6MB"),
        (
            "swap-below-memory",
            {"Memory": 6291456, "MemorySwap": 1},
            400,
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        ),
        (
            "swap-without-memory",
            {"MemorySwap": 8000000},
            400,
            "You should always set the Memory limit when using Memoryswap limit, see usage",
        ),
        (
            "reservation-above-memory",
            {"Memory": 6291456, "MemoryReservation": 7291456},
            400,
            "Minimum memory limit can not be less than memory reservation limit, see usage",
        ),
        ("reservation", {"MemoryReservation": 1}, 400, "Minimum memory reservation allowed is 6MB"),
        (
            "swappiness",
            {"MemorySwappiness": 101},
            400,
            "Invalid value: 101, valid memory swappiness range is 0-100",
        ),
        ("cpus-negative", {"NanoCpus": -1}, 400, CPU_RANGE),
        ("cpus-too-many", {"NanoCpus": 10**12}, 400, CPU_RANGE),
        (
            "cpus-and-quota",
            {"NanoCpus": 10**9, "CpuQuota": 5000},
            400,
            "Conflicting options: Nano CPUs and CPU Quota cannot both be set",
        ),
        (
            "cpus-and-period",
            {"NanoCpus": 10**9, "CpuPeriod": 5000},
            400,
            "Conflicting options: Nano CPUs and CPU Period cannot both be set",
        ),
        ("cpu-period", {"CpuPeriod": 1}, 400, PERIOD),
        ("cpu-quota", {"CpuQuota": 1}, 400, "CPU cfs quota can not be less than 1ms (i.e. 1000)"),
        (
            "cpu-set",
            {"CpusetCpus": "99"},
            400,
            "Requested CPUs are not available - requested 99, available: 0-1",
        ),
        (
            "cpu-set-malformed",
            {"CpusetCpus": "x"},
            400,
            "Invalid value x for cpuset cpus: invalid format: x",
        ),
        (
            "memory-nodes",
            {"CpusetMems": "5"},
            400,
            "Requested memory nodes are not available - requested 5, available: 0",
        ),
        ("bind-mode", {"Binds": ["~v:/b:zz"]}, 500, "invalid mode: zz"),
        ("bind-modes-contradict", {"Binds": ["/tmp:/x:ro,rw"]}, 500, "invalid mode: ro,rw"),
        (
            "bind-without-target",
            {"Binds": ["a"]},
            500,
            (
                "invalid volume specification: 'a': invalid mount config for type \"volume\": "
                "invalid mount path: 'a' mount path must be absolute"
            ),
        ),
        (
            "bind-relative",
            {"Binds": ["a:b"]},
            500,
            (
                "invalid volume specification: 'a:b': invalid mount config for type \"volume\": "
                "invalid mount path: 'b' mount path must be absolute"
            ),
        ),
        (
            "bind-four-parts",
            {"Binds": ["a:/b:ro:x"]},
            500,
            "invalid volume specification: 'a:/b:ro:x'",
        ),
        ("bind-empty", {"Binds": [""]}, 500, "invalid volume specification: ''"),
        (
            "bind-over-root",
            {"Binds": ["/tmp:/"]},
            500,
            (
                "invalid volume specification: '/tmp:/': invalid mount config for type \"bind\": "
                "invalid specification: destination can't be '/'"
            ),
        ),
        (
            "bind-volume-name",
            {"Binds": ["a b:/b"]},
            400,
            (
                'create a b: "a b" includes invalid characters for a local volume name, '
                'only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. '
                "If you intended to pass a host directory, use absolute path"
            ),
        ),
        (
            "bind-volume-name-short",
            {"Binds": ["x:/x"]},
            400,
            (
                "create x: volume name is too short, names should be at least two "
                "alphanumeric characters"
            ),
        ),
        (
            "bind-twice",
            {"Binds": ["/tmp:/x", "/usr:/x"]},
            400,
            "Duplicate mount point: /x",
        ),
        (
            "bind-and-mount",
            {"Binds": ["/tmp:/x"], "Mounts": [{"Type": "bind", "Source": "/tmp", "Target": "/x"}]},
            400,
            "Duplicate mount point: /x",
        ),
        (
            "bind-volume-propagation",
            {"Binds": ["~v:/x:rprivate"]},
            500,
            (
                "invalid volume specification: '~v:/x:rprivate': invalid mount config for type "
                '"volume": field BindOptions must not be specified'
            ),
        ),
        (
            "bind-path-nocopy",
            {"Binds": ["/tmp:/x:nocopy"]},
            500,
            (
                "invalid volume specification: '/tmp:/x:nocopy': invalid mount config for type "
                '"bind": field VolumeOptions must not be specified'
            ),
        ),
        (
            "mount-source-missing",
            {"Mounts": [{"Type": "bind", "Source": "/nonexistent", "Target": "/x"}]},
            400,
            'invalid mount config for type "bind": bind source path does not exist: /nonexistent',
        ),
        (
            "mount-source-relative",
            {"Mounts": [{"Type": "bind", "Source": "rel", "Target": "/x"}]},
            400,
            (
                "invalid mount config for type \"bind\": invalid mount path: 'rel' "
                "mount path must be absolute"
            ),
        ),
        (
            "mount-type",
            {"Mounts": [{"Type": "zz", "Source": "/x", "Target": "/x"}]},
            400,
            'invalid mount config for type "zz": mount type unknown',
        ),
        (
            "mount-without-target",
            {"Mounts": [{"Type": "volume", "Source": "~v", "Target": ""}]},
            400,
            'invalid mount config for type "volume": field Target must not be empty',
        ),
        (
            "mount-tmpfs-source",
            {"Mounts": [{"Type": "tmpfs", "Source": "x", "Target": "/x"}]},
            400,
            'invalid mount config for type "tmpfs": field Source must not be specified',
        ),
        (
            "link-target",
            {"Links": ["~x:x"]},
            400,
            "could not get container for ~x: No such container: ~x",
        ),
        ("link-malformed", {"Links": ["a:b:c"]}, 500, "bad format for links: a:b:c"),
        ("link-empty", {"Links": [""]}, 500, "empty string specified for links"),
        ("volumes-from-target", {"VolumesFrom": ["~x"]}, 400, "No such container: ~x"),
        ("volumes-from-mode", {"VolumesFrom": ["~a:zz"]}, 400, "invalid mode: zz"),
        ("pid-mode-target", {"PidMode": "container:~x"}, 400, "No such container: ~x"),
        (
            "network-mode-empty",
            {"NetworkMode": "container:"},
            400,
            "Invalid network mode: invalid container format container:<name|id>",
        ),
        (
            "shared-network-ports",
            {"NetworkMode": "container:~a", "PortBindings": {"80/tcp": [{}]}},
            400,
            "conflicting options: port publishing and the container type network mode",
        ),
        (
            "shared-network-dns",
            {"NetworkMode": "container:~a", "Dns": ["1.1.1.1"]},
            400,
            "conflicting options: dns and the network mode",
        ),
        (
            "shared-network-hosts",
            {"NetworkMode": "container:~a", "ExtraHosts": ["a:1.1.1.1"]},
            400,
            "conflicting options: custom host-to-IP mapping and the network mode",
        ),
        (
            "shared-network-links",
            {"NetworkMode": "container:~a", "Links": ["~a:b"]},
            400,
            (
                "conflicting options: container type network can't be used with links. "
                "This would result in undefined behavior"
            ),
        ),
        (
            "host-network-links",
            {"NetworkMode": "host", "Links": ["~a:b"]},
            400,
            (
                "conflicting options: host type networking can't be used with links. "
                "This would result in undefined behavior"
            ),
        ),
        (
            "port-malformed",
            {"PortBindings": {"x/tcp": [{}]}},
            400,
            'invalid port specification: "x"',
        ),
        (
            "host-port-malformed",
            {"PortBindings": {"80/tcp": [{"HostPort": "x"}]}},
            400,
            'invalid port specification: "x"',
        ),
        (
            "host-port-too-high",
            {"PortBindings": {"80/tcp": [{"HostPort": "99999"}]}},
            400,
            'invalid port specification: "99999"',
        ),
        (
            "host-port-range",
            {"PortBindings": {"80/tcp": [{"HostPort": "90-80"}]}},
            400,
            'invalid port specification: "90-80"',
        ),
        (
            "host-port-number",
            {"PortBindings": {"80/tcp": [{"HostPort": 80}]}},
            500,
            (
                "json: cannot unmarshal number into Go struct field "
                "PortBinding.HostConfig.PortBindings.HostPort of type string"
            ),
        ),
        ("restart-policy", {"RestartPolicy": {"Name": "zz"}}, 400, "invalid restart policy 'zz'"),
        (
            "restart-count-with-no",
            {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 1}},
            400,
            "maximum retry count cannot be used with restart policy 'no'",
        ),
        (
            "restart-count-with-always",
            {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 1}},
            400,
            "maximum retry count cannot be used with restart policy 'always'",
        ),
        (
            "restart-count-negative",
            {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": -1}},
            400,
            "maximum retry count cannot be negative",
        ),
        (
            "restart-and-auto-remove",
            {"RestartPolicy": {"Name": "always"}, "AutoRemove": True},
            400,
            "can't create 'AutoRemove' container with restart policy",
        ),
        ("capability", {"CapAdd": ["ZZ"]}, 400, 'invalid CapAdd: unknown capability: "CAP_ZZ"'),
        ("shared-memory", {"ShmSize": -1}, 400, "SHM size can not be less than 0"),
        (
            "log-driver",
            {"LogConfig": {"Type": "zz"}},
            400,
            'error looking up logging plugin zz: plugin "zz" not found',
        ),
        (
            "log-option",
            {"LogConfig": {"Type": "json-file", "Config": {"zz": "1"}}},
            400,
            "unknown log opt 'zz' for json-file log driver",
        ),
        (
            "oom-score",
            {"OomScoreAdj": 5000},
            400,
            "Invalid value 5000, range for oom score adj is [-1000, 1000]",
        ),
        ("runtime", {"Runtime": "zz"}, 400, "Unknown runtime specified zz"),
        ("extra-host", {"ExtraHosts": ["zz"]}, 400, 'bad format for add-host: "zz"'),
        (
            "tmpfs-relative",
            {"Tmpfs": {"rel": ""}},
            400,
            "invalid mount path: 'rel' mount path must be absolute",
        ),
        ("security-option", {"SecurityOpt": ["zz"]}, 500, 'invalid --security-opt 1: "zz"'),
    )
]


@pytest.mark.parametrize("refusals", HOST_CONFIG)
async def test_the_engine_refuses_host_configurations(partner: Partner, refusals: Refusals) -> None:
    await assert_refused(partner, refusals)
