"""Every option of a container, in every form it may be written in (OPT-1 to OPT-4, ENG-21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from aiodockmap.errors import Problem
from aiodockmap.options import OPTIONS, Option, Section, combine_layers, read_layers, translate

SECOND = 1_000_000_000
NO_FIELD = object()

# For each option: a value as somebody writes it, and what the Engine API is sent.
FORMS: Mapping[str, tuple[tuple[object, object], ...]] = {
    "image": (("web:1", "web:1"),),
    "command": (
        ("echo 'a b' c", ["echo", "a b", "c"]),
        (["echo", "a b"], ["echo", "a b"]),
        (("sleep", 10), ["sleep", "10"]),
        ("", []),
    ),
    "entrypoint": (
        ("/bin/sh -c", ["/bin/sh", "-c"]),
        (["/bin/sh"], ["/bin/sh"]),
        ([""], [""]),
    ),
    "hostname": (("web", "web"),),
    "domainname": (("example.org", "example.org"),),
    "user": (
        (1000, "1000"),
        (0, "0"),
        ("web", "web"),
        ("web:www", "web:www"),
        ((1000, 2000), "1000:2000"),
    ),
    "working_dir": (("/srv", "/srv"),),
    "environment": (
        ({"A": "x", "B": 2, "C": "", "D": None}, ["A=x", "B=2", "C=", "D"]),
        (["A=x", "B"], ["A=x", "B"]),
        ("A=x", ["A=x"]),
        (["A=1", "B=1", "A=2"], ["A=2", "B=1"]),
        ({"A": b"x"}, ["A=x"]),
    ),
    "ports": (
        ([80, "443", "53/udp", (54, "udp"), (8080,)],
         {"80/tcp": {}, "443/tcp": {}, "53/udp": {}, "54/udp": {}, "8080/tcp": {}}),
        (80, {"80/tcp": {}}),
        ({"80/tcp": {}, 81: None}, {"80/tcp": {}, "81/tcp": {}}),
        ("8000-8010", {"8000-8010/tcp": {}}),
    ),
    "volumes": (
        ("/data", {"/data": {}}),
        (["/data", "/log"], {"/data": {}, "/log": {}}),
        ({"/data": {}}, {"/data": {}}),
    ),
    "labels": (
        ({"role": "web", "level": 2, "on": True, "none": None},
         {"role": "web", "level": "2", "on": "true", "none": ""}),
        (["role", "level"], {"role": "", "level": ""}),
        ("role", {"role": ""}),
    ),
    "stop_signal": (("SIGINT", "SIGINT"), (2, "2")),
    "stop_timeout": ((3, 3), ("3", 3)),
    "healthcheck": (
        ({"test": ["CMD", "true"], "interval": SECOND, "timeout": "2s", "retries": 3,
          "start_period": "1m30s", "start_interval": "1s"},
         {"Test": ["CMD", "true"], "Interval": SECOND, "Timeout": 2 * SECOND, "Retries": 3,
          "StartPeriod": 90 * SECOND, "StartInterval": SECOND}),
        ({"Test": "curl x", "Interval": 5}, {"Test": ["CMD-SHELL", "curl x"], "Interval": 5}),
        ({"test": ["curl", "x"]}, {"Test": ["CMD", "curl", "x"]}),
        ("curl x", {"Test": ["CMD-SHELL", "curl x"]}),
        ("NONE", {"Test": ["NONE"]}),
        ({"test": ["NONE"], "retries": None}, {"Test": ["NONE"]}),
    ),
    "tty": ((True, True), (0, False)),
    "OpenStdin": ((True, True),),
    "StdinOnce": ((True, True),),
    "AttachStdin": ((True, True),),
    "AttachStdout": ((True, True),),
    "AttachStderr": ((True, True),),
    "network_disabled": ((True, True),),
    "mac_address": (("02:42:ac:11:00:02", "02:42:ac:11:00:02"),),
    "Shell": ((["/bin/sh", "-c"], ["/bin/sh", "-c"]), ("/bin/sh -c", ["/bin/sh", "-c"])),
    "OnBuild": ((["RUN true"], ["RUN true"]),),
    "ArgsEscaped": ((True, True),),
    "networking_config": (
        ({"EndpointsConfig": {"back": {
            "aliases": ["db"], "links": {"m.c": "c"}, "ipv4_address": "10.0.0.2",
            "ipv6_address": "fd00::2", "link_local_ips": ["169.254.1.1"],
            "driver_opt": {"mtu": 1400}, "mac_address": "02:42:ac:11:00:02"}}},
         {"back": {
            "Aliases": ["db"], "Links": ["m.c:c"], "DriverOpts": {"mtu": "1400"},
            "MacAddress": "02:42:ac:11:00:02",
            "IPAMConfig": {"IPv4Address": "10.0.0.2", "IPv6Address": "fd00::2",
                           "LinkLocalIPs": ["169.254.1.1"]}}}),
        ({"EndpointsConfig": {"back": {"Aliases": ["db"], "GwPriority": 1,
                                       "IPAMConfig": {"IPv4Address": "10.0.0.2"}}}},
         {"back": {"Aliases": ["db"], "GwPriority": 1,
                   "IPAMConfig": {"IPv4Address": "10.0.0.2"}}}),
        ({"endpoints_config": {"back": None}}, {"back": {}}),
    ),
    "binds": (
        (["/h:/c:ro", "data:/d"], ["/h:/c:ro", "data:/d"]),
        ("/h:/c", ["/h:/c"]),
        ({"/h": {"bind": "/c", "mode": "ro,z"}, "/i": {"bind": "/d", "ro": True},
          "/j": {"bind": "/e", "ro": False}, "/k": "/f",
          "/l": {"bind": "/g", "mode": "ro", "propagation": "rshared"}},
         ["/h:/c:ro,z", "/i:/d:ro", "/j:/e:rw", "/k:/f:rw", "/l:/g:ro,rshared"]),
    ),
    "mounts": (
        ([{"target": "/c", "source": "/h", "type": "bind", "read_only": True,
           "propagation": "rshared", "consistency": "default"}],
         [{"Target": "/c", "Source": "/h", "Type": "bind", "ReadOnly": True,
           "Consistency": "default", "BindOptions": {"Propagation": "rshared"}}]),
        ([{"target": "/d", "source": "data", "no_copy": True, "labels": {"a": 1},
           "driver_config": {"name": "local", "options": {"o": 1}}, "subpath": "s"}],
         [{"Target": "/d", "Source": "data", "Type": "volume",
           "VolumeOptions": {"NoCopy": True, "Labels": {"a": "1"}, "Subpath": "s",
                             "DriverConfig": {"Name": "local", "Options": {"o": "1"}}}}]),
        ([{"target": "/t", "type": "tmpfs", "tmpfs_size": "64m", "tmpfs_mode": 0o1777}],
         [{"Target": "/t", "Type": "tmpfs",
           "TmpfsOptions": {"SizeBytes": 64 * 1024**2, "Mode": 0o1777}}]),
        ([{"Target": "/c", "Source": "/h", "Type": "bind",
           "BindOptions": {"CreateMountpoint": True}}],
         [{"Target": "/c", "Source": "/h", "Type": "bind",
           "BindOptions": {"CreateMountpoint": True}}]),
        (["/h:/c:ro", "data:/d", "/anonymous"],
         [{"Target": "/c", "Source": "/h", "Type": "bind", "ReadOnly": True},
          {"Target": "/d", "Source": "data", "Type": "volume", "ReadOnly": False},
          {"Target": "/anonymous", "Type": "volume"}]),
    ),
    "tmpfs": (
        ({"/t": "size=3g,uid=1000", "/u": ""}, {"/t": "size=3g,uid=1000", "/u": ""}),
        (["/t:size=64m", "/u"], {"/t": "size=64m", "/u": ""}),
        ("/t", {"/t": ""}),
    ),
    "volumes_from": (
        (["m.a", "m.b:ro"], ["m.a", "m.b:ro"]),
        ("m.a, m.b:ro", ["m.a", "m.b:ro"]),
    ),
    "volume_driver": (("local", "local"),),
    "storage_opt": (({"size": "120g"}, {"size": "120g"}),),
    "shm_size": (("64m", 64 * 1024**2), (65536, 65536)),
    "read_only": ((True, True),),
    "MaskedPaths": ((["/proc/kcore"], ["/proc/kcore"]),),
    "ReadonlyPaths": ((["/proc/sys"], ["/proc/sys"]),),
    "network_mode": (("host", "host"),),
    "port_bindings": (
        ({80: 8080, "53/udp": "5353", 81: None, 82: ("127.0.0.1", 8082), 83: ("127.0.0.1",),
          84: [8084, 8184], 85: {"HostPort": "8085", "HostIp": "::1"}, 86: (8086,),
          87: [("127.0.0.1", 8087), 8088], 88: "8000-8010"},
         {"80/tcp": [{"HostIp": "", "HostPort": "8080"}],
          "53/udp": [{"HostIp": "", "HostPort": "5353"}],
          "81/tcp": [{"HostIp": "", "HostPort": ""}],
          "82/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8082"}],
          "83/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}],
          "84/tcp": [{"HostIp": "", "HostPort": "8084"}, {"HostIp": "", "HostPort": "8184"}],
          "85/tcp": [{"HostIp": "::1", "HostPort": "8085"}],
          "86/tcp": [{"HostIp": "", "HostPort": "8086"}],
          "87/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8087"},
                     {"HostIp": "", "HostPort": "8088"}],
          "88/tcp": [{"HostIp": "", "HostPort": "8000-8010"}]}),
        ({"80/tcp": [{"HostPort": "8080"}], 81: []},
         {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}),
    ),
    "publish_all_ports": ((True, True),),
    "links": (
        ({"m.b": "b", "m.a": None}, ["m.a", "m.b:b"]),
        ([("m.b", "b"), ("m.a", "a")], ["m.a:a", "m.b:b"]),
        (["m.a:a", "m.b"], ["m.a:a", "m.b"]),
    ),
    "dns": ((["8.8.8.8"], ["8.8.8.8"]), ("8.8.8.8", ["8.8.8.8"])),
    "dns_search": ((["example.org"], ["example.org"]),),
    "dns_opt": ((["ndots:2"], ["ndots:2"]),),
    "extra_hosts": (
        ({"b": "10.0.0.2", "a": "10.0.0.1"}, ["a:10.0.0.1", "b:10.0.0.2"]),
        (["a:10.0.0.1"], ["a:10.0.0.1"]),
    ),
    "restart_policy": (
        ({"Name": "on-failure", "MaximumRetryCount": 3},
         {"Name": "on-failure", "MaximumRetryCount": 3}),
        ({"name": "always"}, {"Name": "always"}),
        ("on-failure:3", {"Name": "on-failure", "MaximumRetryCount": 3}),
        ("unless-stopped", {"Name": "unless-stopped"}),
    ),
    "auto_remove": ((True, True),),
    "init": ((True, True), (False, False)),
    "log_config": (
        ({"type": "json-file", "config": {"max-size": "1m", "max-file": 3}},
         {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "3"}}),
        ({"Type": "none"}, {"Type": "none", "Config": {}}),
        ("local", {"Type": "local", "Config": {}}),
    ),
    "runtime": (("runc", "runc"),),
    "isolation": (("default", "default"),),
    "Annotations": (({"a": 1}, {"a": "1"}),),
    "ConsoleSize": (([24, 80], [24, 80]),),
    "ContainerIDFile": (("/run/id", "/run/id"),),
    "pid_mode": (("host", "host"),),
    "ipc_mode": (("shareable", "shareable"),),
    "uts_mode": (("host", "host"),),
    "userns_mode": (("host", "host"),),
    "cgroupns": (("private", "private"),),
    "cgroup_parent": (("/apps", "/apps"),),
    "Cgroup": (("container:x", "container:x"),),
    "privileged": ((True, True),),
    "cap_add": ((["NET_ADMIN"], ["NET_ADMIN"]), ("NET_ADMIN", ["NET_ADMIN"])),
    "cap_drop": ((["MKNOD"], ["MKNOD"]),),
    "security_opt": ((["no-new-privileges"], ["no-new-privileges"]),),
    "group_add": (([1000, "wheel"], ["1000", "wheel"]), (1000, ["1000"])),
    "sysctls": (({"net.ipv4.ip_forward": 1}, {"net.ipv4.ip_forward": "1"}),),
    "devices": (
        (["/dev/null:/dev/x:r", "/dev/zero", "/dev/full:/dev/y", "/dev/tty:rw"],
         [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "r"},
          {"PathOnHost": "/dev/zero", "PathInContainer": "/dev/zero", "CgroupPermissions": "rwm"},
          {"PathOnHost": "/dev/full", "PathInContainer": "/dev/y", "CgroupPermissions": "rwm"},
          {"PathOnHost": "/dev/tty", "PathInContainer": "/dev/tty", "CgroupPermissions": "rw"}]),
        ([{"PathOnHost": "/dev/null", "path_in_container": "/dev/x"}],
         [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}]),
    ),
    "device_cgroup_rules": ((["c 1:3 mr"], ["c 1:3 mr"]),),
    "device_requests": (
        ([{"driver": "nvidia", "count": -1, "device_ids": ["0"], "capabilities": [["gpu"]],
           "options": {"a": 1}}],
         [{"Driver": "nvidia", "Count": -1, "DeviceIDs": ["0"], "Capabilities": [["gpu"]],
           "Options": {"a": "1"}}]),
        ([{"Driver": "cdi", "DeviceIDs": ["x"]}], [{"Driver": "cdi", "DeviceIDs": ["x"]}]),
    ),
    "mem_limit": (
        ("3g", 3 * 1024**3), ("512m", 512 * 1024**2), ("512MB", 512 * 1024**2),
        (1048576, 1048576), ("1048576", 1048576), (1048576.0, 1048576),
    ),
    "memswap_limit": ((-1, -1), ("-1", -1), ("1g", 1024**3)),
    "mem_reservation": (("16m", 16 * 1024**2),),
    "mem_swappiness": ((10, 10),),
    "kernel_memory": (("32m", 32 * 1024**2),),
    "KernelMemoryTCP": (("32m", 32 * 1024**2),),
    "oom_kill_disable": ((True, True),),
    "oom_score_adj": ((-500, -500),),
    "pids_limit": ((100, 100), ("-1", -1)),
    "ulimits": (
        ([{"name": "nofile", "soft": 1024, "hard": 2048}],
         [{"Name": "nofile", "Soft": 1024, "Hard": 2048}]),
        ([{"Name": "nproc", "Soft": 10}], [{"Name": "nproc", "Soft": 10, "Hard": 10}]),
        ({"nofile": 1024, "nproc": {"soft": 5, "hard": 6}},
         [{"Name": "nofile", "Soft": 1024, "Hard": 1024}, {"Name": "nproc", "Soft": 5, "Hard": 6}]),
    ),
    "cpu_shares": ((512, 512), ("512", 512)),
    "cpu_period": ((100000, 100000),),
    "cpu_quota": ((50000, 50000),),
    "cpu_rt_period": ((1000000, 1000000),),
    "cpu_rt_runtime": ((950000, 950000),),
    "cpuset_cpus": (("0,1", "0,1"), (0, "0")),
    "cpuset_mems": (("0", "0"),),
    "nano_cpus": ((500_000_000, 500_000_000), (1e9, 1_000_000_000)),
    "cpu_count": ((1, 1),),
    "cpu_percent": ((50, 50),),
    "blkio_weight": ((300, 300),),
    "blkio_weight_device": (
        ([{"Path": "/dev/vda", "Weight": 400}], [{"Path": "/dev/vda", "Weight": 400}]),
        (["/dev/vda:400"], [{"Path": "/dev/vda", "Weight": 400}]),
    ),
    "device_read_bps": (
        ([{"Path": "/dev/vda", "Rate": 1000}], [{"Path": "/dev/vda", "Rate": 1000}]),
        ([{"path": "/dev/vda", "rate": "1m"}], [{"Path": "/dev/vda", "Rate": 1024**2}]),
    ),
    "device_write_bps": ((["/dev/vda:1m"], [{"Path": "/dev/vda", "Rate": 1024**2}]),),
    "device_read_iops": (
        ([{"Path": "/dev/vda", "Rate": 100}], [{"Path": "/dev/vda", "Rate": 100}]),
    ),
    "device_write_iops": (
        ([{"Path": "/dev/vda", "Rate": 100}], [{"Path": "/dev/vda", "Rate": 100}]),
    ),
    "IOMaximumIOps": ((100, 100),),
    "IOMaximumBandwidth": (("1m", 1024**2),),
    "name": (("other", NO_FIELD),),
    "platform": (("linux/amd64", NO_FIELD),),
    "stdin_open": ((True, NO_FIELD),),
    "detach": ((True, NO_FIELD),),
    "use_config_proxy": ((True, NO_FIELD),),
    "lxc_conf": (({"a": "b"}, NO_FIELD),),
    "init_path": (("/sbin/init", NO_FIELD),),
}  # fmt: skip


def body_of(
    given: Mapping[str, object], section: Section = Section.CREATE
) -> tuple[Mapping[str, object], list[Problem]]:
    problems: list[Problem] = []
    layer = combine_layers(read_layers(given, "$.o", section, problems))
    found = translate(layer, problems)
    networking = {"NetworkingConfig": {"EndpointsConfig": found.endpoints}}
    return {
        **found.config,
        "HostConfig": found.host_config,
        **(networking if found.endpoints else {}),
    }, problems


def field(body: Mapping[str, object], path: tuple[str, ...]) -> object:
    found: object = body
    for part in path:
        assert isinstance(found, Mapping)
        found = found[part]
    return found


def forms() -> Iterator[object]:
    for option in OPTIONS:
        for number, (given, expected) in enumerate(FORMS.get(option.keyword, ())):
            if expected is not NO_FIELD:
                yield pytest.param(option, given, expected, id=f"{option.keyword}-{number}")


def test_every_option_has_an_example_here() -> None:
    assert set(FORMS) == {option.keyword for option in OPTIONS}


@pytest.mark.parametrize(("option", "given", "expected"), list(forms()))
def test_every_form_is_translated_under_every_name(
    option: Option, given: object, expected: object
) -> None:
    for name in option.names:
        body, problems = body_of({name: given})

        assert problems == []
        assert field(body, option.path) == expected


@pytest.mark.parametrize(
    "option", [pytest.param(each, id=each.keyword) for each in OPTIONS if each.is_host_config]
)
def test_options_of_the_host_are_taken_in_every_place(option: Option) -> None:
    given = FORMS[option.keyword][0][0]

    direct, _ = body_of({option.keyword: given})
    nested, _ = body_of({"host_config": {option.keyword: given}})
    engine_style, _ = body_of({"HostConfig": {option.names[-1]: given}})
    own, problems = body_of({option.keyword: given}, Section.HOST)

    assert problems == []
    assert direct == nested == engine_style == own


@pytest.mark.parametrize(
    "option",
    [pytest.param(each, id=each.keyword) for each in OPTIONS if not each.is_host_config],
)
def test_options_of_the_container_are_refused_in_host_config(option: Option) -> None:
    _, problems = body_of({option.keyword: FORMS[option.keyword][0][0]}, Section.HOST)

    assert [str(problem) for problem in problems] == [
        f"$.o.{option.keyword}: is no option of the host (it belongs in create_options)"
    ]


@pytest.mark.parametrize(
    ("section", "name", "expected"),
    [
        pytest.param(
            Section.HOST, "mem_limt", "there is no such option (did you mean 'mem_limit'?)",
            id="host",
        ),
        pytest.param(
            Section.CREATE, "enviroment", "there is no such option (did you mean 'environment'?)",
            id="create",
        ),
        pytest.param(
            Section.CREATE, "RestartPolicies",
            "there is no such option (did you mean 'RestartPolicy'?)", id="engine-style",
        ),
        pytest.param(
            Section.CREATE, "imgae", "there is no such option (did you mean 'image'?)",
            id="in-the-style-it-was-written",
        ),
        pytest.param(Section.CREATE, "zzzzzz", "there is no such option", id="nothing-near"),
    ],
)  # fmt: skip
def test_an_unknown_option_is_named_with_the_nearest_known_one(
    section: Section, name: str, expected: str
) -> None:
    _, problems = body_of({name: 1}, section)

    assert [str(problem) for problem in problems] == [f"$.o.{name}: {expected}"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            {"environment": {"DEBUG": True}},
            "$.o.environment.DEBUG: must be text, not true or false (put it in quotes)",
            id="bool-in-environment",
        ),
        pytest.param(
            {"environment": {"VERSION": 1.10}},
            "$.o.environment.VERSION: must be text, not a number (put it in quotes)",
            id="float-in-environment",
        ),
        pytest.param(
            {"environment": 5},
            "$.o.environment: must be a mapping or a list of NAME=value, not a number",
            id="environment-number",
        ),
        pytest.param(
            {"mem_limit": "much"},
            "$.o.mem_limit: must be a number of bytes or a size such as '512m' or '3g', "
            "not 'much'",
            id="size",
        ),
        pytest.param(
            {"cpu_shares": "half"},
            "$.o.cpu_shares: must be a whole number, not 'half'",
            id="number",
        ),
        pytest.param(
            {"privileged": "yes"},
            "$.o.privileged: must be true or false, not text",
            id="flag",
        ),
        pytest.param(
            {"command": "echo 'a"}, "$.o.command: is no command line: no closing quotation",
            id="quotes",
        ),
        pytest.param(
            {"ports": [80, "53/icmp"]},
            "$.o.ports[1]: has the protocol 'icmp'; there are tcp, udp, sctp",
            id="protocol",
        ),
        pytest.param(
            {"port_bindings": {80: [8080, 99999]}},
            "$.o.port_bindings['80/tcp'][1]: must be a port between 0 and 65535, not '99999'",
            id="port",
        ),
        pytest.param(
            {"restart_policy": {"Name": "sometimes"}},
            "$.o.restart_policy: has the name 'sometimes'; there are 'no', 'always', "
            "'unless-stopped', 'on-failure'",
            id="policy",
        ),
        pytest.param(
            {"ulimits": [{"name": "nofile", "sofd": 3}]},
            "$.o.ulimits[0].sofd: there is no such option (did you mean 'soft'?)",
            id="unknown-field",
        ),
        pytest.param(
            {"devices": [{"PathInContainer": "/dev/x"}]},
            "$.o.devices[0]: lacks PathOnHost",
            id="missing-field",
        ),
        pytest.param(
            {"binds": {"/h": {"bind": "/c", "ro": True, "mode": "rw"}}},
            "$.o.binds['/h']: has both `ro` and `mode`; keep one",
            id="both-modes",
        ),
        pytest.param(
            {"mounts": [{"target": "/t", "type": "tmpfs", "no_copy": True}]},
            "$.o.mounts[0]: is of the type 'tmpfs', which has no 'no_copy'",
            id="mount-option-of-another-type",
        ),
        pytest.param(
            {"healthcheck": {"test": "x", "interval": "often"}},
            "$.o.healthcheck.interval: must be a duration such as '10s' or '1m30s', "
            "or nanoseconds, not 'often'",
            id="duration",
        ),
        pytest.param(
            {"mem_limit": "1g", "Memory": 5},
            "$.o.Memory: is the same option as $.o.mem_limit",
            id="twice",
        ),
        pytest.param(
            {"host_config": ["a"]},
            "$.o.host_config: must be a mapping of options, not a list",
            id="nested",
        ),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_with_its_place_and_the_way_out(
    given: Mapping[str, object], expected: str
) -> None:
    _, problems = body_of(given)

    assert [str(problem) for problem in problems] == [expected]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"environment": {"A": ["hunter2"]}}, id="environment"),
        pytest.param({"environment": ["A=hunter2", {"hunter2": 1}]}, id="environment-list"),
        pytest.param({"labels": {"A": ["hunter2"]}}, id="labels"),
        pytest.param({"log_config": {"type": "x", "config": {"token": ["hunter2"]}}}, id="log"),
        pytest.param({"command": "run 'hunter2"}, id="command"),
    ],
)
def test_complaints_do_not_repeat_what_may_be_secret(given: Mapping[str, object]) -> None:
    _, problems = body_of(given)

    assert len(problems) == 1
    assert "hunter2" not in str(problems[0])


def test_null_values_are_as_good_as_absent() -> None:
    body, problems = body_of({"environment": None, "mem_limit": None, "host_config": None})

    assert problems == []
    assert body == {"HostConfig": {}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            {"stdin_open": True}, {"OpenStdin": True, "StdinOnce": True, "AttachStdin": True},
            id="attached",
        ),
        pytest.param(
            {"stdin_open": True, "detach": True},
            {"OpenStdin": True, "AttachStdout": False, "AttachStderr": False},
            id="detached",
        ),
        pytest.param({"stdin_open": False}, {"OpenStdin": False}, id="closed"),
        pytest.param({"OpenStdin": True}, {"OpenStdin": True}, id="engine-style"),
        pytest.param(
            {"stdin_open": True, "StdinOnce": False},
            {"OpenStdin": True, "StdinOnce": False, "AttachStdin": True},
            id="the-engine-field-wins",
        ),
        pytest.param(
            {"detach": False}, {"AttachStdout": True, "AttachStderr": True}, id="not-detached"
        ),
    ],
)  # fmt: skip
def test_stdin_open_and_detach_stand_for_several_fields(
    given: Mapping[str, object], expected: Mapping[str, object]
) -> None:
    body, problems = body_of(given)

    assert problems == []
    assert body == {**expected, "HostConfig": {}}


@pytest.mark.parametrize("keyword", ["lxc_conf", "init_path"])
def test_what_no_engine_knows_any_more_is_accepted_and_not_sent(
    keyword: str, caplog: pytest.LogCaptureFixture
) -> None:
    body, problems = body_of({keyword: FORMS[keyword][0][0]})

    assert problems == []
    assert body == {"HostConfig": {}}
    assert f"$.o.{keyword} is ignored" in caplog.text


def test_the_order_of_options_does_not_show_in_the_body() -> None:
    options = {
        option.keyword: FORMS[option.keyword][0][0]
        for option in OPTIONS
        if option.keyword not in {"stdin_open", "detach", "lxc_conf", "init_path"}
    }

    forwards, _ = body_of(options)
    backwards, _ = body_of(dict(reversed(options.items())))

    assert str(forwards) == str(backwards)
