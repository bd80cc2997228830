"""The types of what callers send, by the names that Docker 20.10 has for them, as refusals tell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TEXT: Final = "string"
TEXTS: Final = "[]string"
MAPPING: Final = "map[string]string"
FLAG: Final = "bool"
NUMBER: Final = "int64"
FLEXIBLE: Final = "strslice.StrSlice"
"""A list of texts, or one text."""

NAMED: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("container.CgroupnsMode", "container.CgroupSpec", "container.IpcMode"),
            *("container.Isolation", "container.NetworkMode", "container.PidMode"),
            *("container.RestartPolicyMode", "container.UTSMode", "container.UsernsMode"),
            *("mount.Consistency", "mount.Propagation", "mount.Type"),
        ),
        TEXT,
    ),
    "nat.PortMap": "map[string][]nat.PortBinding",
    "nat.PortSet": "map[string]struct {}",
    "os.FileMode": "uint32",
    "time.Duration": NUMBER,
}
"""Names of types that are others."""
OLDER_NAMES: Final[Mapping[str, str]] = {"container.RestartPolicyMode": TEXT}
NEWER_NAMES: Final[Mapping[str, str]] = {"container.HealthConfig": "v1.HealthcheckConfig"}

_RESOURCES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("CpuShares", "Memory", "NanoCpus", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod"),
            *("CpuRealtimeRuntime", "KernelMemory", "KernelMemoryTCP", "MemoryReservation"),
            *("MemorySwap", "MemorySwappiness", "PidsLimit", "CpuCount", "CpuPercent"),
        ),
        NUMBER,
    ),
    **dict.fromkeys(("CgroupParent", "CpusetCpus", "CpusetMems"), TEXT),
    "BlkioWeight": "uint16",
    "OomKillDisable": FLAG,
    "Devices": "[]container.DeviceMapping",
    "DeviceCgroupRules": TEXTS,
    "DeviceRequests": "[]container.DeviceRequest",
    "Ulimits": "[]*units.Ulimit",
}

STRUCTS: Final[Mapping[str, Mapping[str, str]]] = {
    "runconfig.ContainerConfigWrapper": {
        **dict.fromkeys(
            ("Hostname", "Domainname", "User", "Image", "WorkingDir", "MacAddress", "StopSignal"),
            TEXT,
        ),
        **dict.fromkeys(
            (
                *("AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce"),
                *("ArgsEscaped", "NetworkDisabled"),
            ),
            FLAG,
        ),
        **dict.fromkeys(("Cmd", "Entrypoint", "Shell"), FLEXIBLE),
        **dict.fromkeys(("Env", "OnBuild"), TEXTS),
        "ExposedPorts": "nat.PortSet",
        "Healthcheck": "container.HealthConfig",
        "Volumes": "map[string]struct {}",
        "Labels": MAPPING,
        "StopTimeout": "int",
        "HostConfig": "container.HostConfig",
        "NetworkingConfig": "network.NetworkingConfig",
    },
    "container.HealthConfig": {
        "Test": TEXTS,
        **dict.fromkeys(("Interval", "Timeout", "StartPeriod", "StartInterval"), "time.Duration"),
        "Retries": "int",
    },
    "container.HostConfig": {
        **_RESOURCES,
        **dict.fromkeys(
            (
                *("Binds", "VolumesFrom", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts"),
                *("GroupAdd", "Links", "SecurityOpt", "MaskedPaths", "ReadonlyPaths"),
            ),
            TEXTS,
        ),
        **dict.fromkeys(("ContainerIDFile", "VolumeDriver", "Runtime"), TEXT),
        **dict.fromkeys(
            ("AutoRemove", "Privileged", "PublishAllPorts", "ReadonlyRootfs", "Init"), FLAG
        ),
        **dict.fromkeys(("StorageOpt", "Tmpfs", "Sysctls", "Annotations"), MAPPING),
        **dict.fromkeys(("CapAdd", "CapDrop"), FLEXIBLE),
        "LogConfig": "container.LogConfig",
        "NetworkMode": "container.NetworkMode",
        "PortBindings": "nat.PortMap",
        "RestartPolicy": "container.RestartPolicy",
        "CgroupnsMode": "container.CgroupnsMode",
        "IpcMode": "container.IpcMode",
        "Cgroup": "container.CgroupSpec",
        "OomScoreAdj": "int",
        "PidMode": "container.PidMode",
        "UTSMode": "container.UTSMode",
        "UsernsMode": "container.UsernsMode",
        "ShmSize": NUMBER,
        "Isolation": "container.Isolation",
        "ConsoleSize": "[2]uint",
        "Mounts": "[]mount.Mount",
    },
    "container.UpdateConfig": {**_RESOURCES, "RestartPolicy": "container.RestartPolicy"},
    "container.LogConfig": {"Type": TEXT, "Config": MAPPING},
    "container.RestartPolicy": {"Name": "container.RestartPolicyMode", "MaximumRetryCount": "int"},
    "container.DeviceMapping": dict.fromkeys(
        ("PathOnHost", "PathInContainer", "CgroupPermissions"), TEXT
    ),
    "container.DeviceRequest": {
        "Driver": TEXT,
        "Count": "int",
        "DeviceIDs": TEXTS,
        "Capabilities": "[][]string",
        "Options": MAPPING,
    },
    "units.Ulimit": {"Name": TEXT, "Hard": NUMBER, "Soft": NUMBER},
    "nat.PortBinding": {"HostIp": TEXT, "HostPort": TEXT},
    "struct {}": {},
    "mount.Mount": {
        "Type": "mount.Type",
        "Source": TEXT,
        "Target": TEXT,
        "ReadOnly": FLAG,
        "Consistency": "mount.Consistency",
        "BindOptions": "*mount.BindOptions",
        "VolumeOptions": "*mount.VolumeOptions",
        "ImageOptions": "*mount.ImageOptions",
        "TmpfsOptions": "*mount.TmpfsOptions",
    },
    "mount.BindOptions": {
        "Propagation": "mount.Propagation",
        **dict.fromkeys(
            ("NonRecursive", "CreateMountpoint", "ReadOnlyNonRecursive", "ReadOnlyForceRecursive"),
            FLAG,
        ),
    },
    "mount.VolumeOptions": {
        "NoCopy": FLAG,
        "Labels": MAPPING,
        "Subpath": TEXT,
        "DriverConfig": "*mount.Driver",
    },
    "mount.ImageOptions": {"Subpath": TEXT},
    "mount.TmpfsOptions": {"SizeBytes": NUMBER, "Mode": "os.FileMode", "Options": "[][]string"},
    "mount.Driver": {"Name": TEXT, "Options": MAPPING},
    "network.NetworkingConfig": {"EndpointsConfig": "map[string]*network.EndpointSettings"},
    "network.EndpointSettings": {
        **dict.fromkeys(
            (
                *("MacAddress", "NetworkID", "EndpointID", "Gateway", "IPAddress", "IPv6Gateway"),
                "GlobalIPv6Address",
            ),
            TEXT,
        ),
        **dict.fromkeys(("IPPrefixLen", "GlobalIPv6PrefixLen", "GwPriority"), "int"),
        "IPAMConfig": "*network.EndpointIPAMConfig",
        "Links": TEXTS,
        "Aliases": TEXTS,
        "DNSNames": TEXTS,
        "DriverOpts": MAPPING,
    },
    "network.EndpointIPAMConfig": {
        "IPv4Address": TEXT,
        "IPv6Address": TEXT,
        "LinkLocalIPs": TEXTS,
    },
    "types.NetworkCreateRequest": {
        **dict.fromkeys(("Name", "Driver", "Scope"), TEXT),
        **dict.fromkeys(
            (
                *("CheckDuplicate", "EnableIPv4", "EnableIPv6", "Internal", "Attachable"),
                *("Ingress", "ConfigOnly"),
            ),
            FLAG,
        ),
        "IPAM": "*network.IPAM",
        "Options": MAPPING,
        "Labels": MAPPING,
    },
    "network.IPAM": {"Driver": TEXT, "Options": MAPPING, "Config": "[]network.IPAMConfig"},
    "network.IPAMConfig": {
        **dict.fromkeys(("Subnet", "IPRange", "Gateway"), TEXT),
        "AuxiliaryAddresses": MAPPING,
    },
    "types.NetworkConnect": {
        "Container": TEXT,
        "EndpointConfig": "*network.EndpointSettings",
    },
    "types.NetworkDisconnect": {"Container": TEXT, "Force": FLAG},
    "volume.VolumeCreateBody": {
        "Name": TEXT,
        "Driver": TEXT,
        "DriverOpts": MAPPING,
        "Labels": MAPPING,
    },
    "types.ExecConfig": {
        **dict.fromkeys(("User", "DetachKeys", "WorkingDir"), TEXT),
        **dict.fromkeys(
            ("Privileged", "Tty", "AttachStdin", "AttachStdout", "AttachStderr", "Detach"), FLAG
        ),
        "Env": TEXTS,
        "Cmd": TEXTS,
    },
    "types.ExecStartCheck": {"Detach": FLAG, "Tty": FLAG},
    "types.AuthConfig": {},
}
"""Structs, and the types of their fields."""
