"""Every call, on a real engine."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from anyio import create_task_group, fail_after
from engine_partners import Names
from raw_engine import RawEngine

from aiodockmap.engine import Engine
from aiodockmap.errors import (
    ContainerFailed,
    EngineError,
    ImagePullError,
    InvalidRequest,
    PreparationFailed,
    ResourceConflict,
    ResourceNotFound,
)
from aiodockmap.model import ResourceId, ResourceKind
from aiodockmap.state import ExecSpec, RunState, VolumeOwnership

pytestmark = pytest.mark.engine


async def run(engine: Engine, resource: ResourceId, image: str, **config: object) -> str:
    created = await engine.create_container(resource, {"Image": image, **config})
    await engine.start_container(resource, created.id)
    return created.id


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


async def test_concurrent_first_calls_ask_once_who_the_engine_is(engine: Engine) -> None:
    seen = []

    async def connect() -> None:
        seen.append(await engine.connect())

    async with create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(connect)

    assert len(seen) == 5
    assert all(info is seen[0] for info in seen)
    assert seen[0].api_version >= (1, 41)
    assert seen[0].flavour == "docker"
    assert seen[0].cpus


async def test_a_container_lives_and_goes(engine: Engine, names: Names, test_image: str) -> None:
    web = names.container("web")

    created = await engine.create_container(web, {"Image": test_image})
    fresh = await engine.inspect_container(web, web.name)
    first_start = await engine.start_container(web, created.id)
    second_start = await engine.start_container(web, web.name)
    running = await engine.inspect_container(web, created.id)
    removed = await engine.remove_container(web, created.id, force=True)
    removed_again = await engine.remove_container(web, created.id, force=True)
    gone = await engine.inspect_container(web, created.id)

    assert fresh is not None
    assert (fresh.id, fresh.name, fresh.state) == (created.id, web.name, RunState.INITIAL)
    assert (first_start, second_start) == (True, False)
    assert running is not None
    assert running.state is RunState.RUNNING
    assert running.pid
    assert (removed, removed_again, gone) == (True, False, None)


async def test_warnings_of_a_creation_are_kept(
    engine: Engine, names: Names, test_image: str
) -> None:
    body = {"Image": test_image, "HostConfig": {"KernelMemory": 8_000_000, "OomKillDisable": True}}

    created = await engine.create_container(names.container(), body)

    assert created.warnings


async def test_a_body_may_be_made_of_immutable_values(
    engine: Engine, names: Names, test_image: str
) -> None:
    body = MappingProxyType(
        {"Image": test_image, "Labels": MappingProxyType({"a": "b"}), "Cmd": ("/bin/sleep", "7")}
    )

    await engine.create_container(names.container(), body)

    observed = await engine.inspect_container(names.container(), names.container().name)
    assert observed is not None
    assert observed.labels == {"a": "b"}


async def test_a_missing_image_is_named_with_the_way_out(engine: Engine, names: Names) -> None:
    web = names.container("web")

    with pytest.raises(ResourceNotFound) as refusal:
        await engine.create_container(web, {"Image": "no-such-image:3"})

    assert refusal.value.resource == web
    assert refusal.value.status == 404
    assert refusal.value.call == "POST /containers/create"
    assert "pull no-such-image:3" in str(refusal.value)


async def test_a_taken_name_is_a_conflict(engine: Engine, names: Names, test_image: str) -> None:
    await engine.create_container(names.container(), {"Image": test_image})

    with pytest.raises(ResourceConflict, match="already in use"):
        await engine.create_container(names.container(), {"Image": test_image})


@pytest.mark.parametrize(
    ("config", "error"),
    [
        pytest.param({"HostConfig": {"Memory": 100}}, InvalidRequest, id="too-little-memory"),
        pytest.param(
            {"HostConfig": {"Binds": ["/a:/b:zz"]}}, InvalidRequest, id="unknown-bind-mode"
        ),
        pytest.param({"HostConfig": {"Links": ["zz:a"]}}, ResourceNotFound, id="no-link-target"),
        pytest.param({"HostConfig": {"VolumesFrom": ["zz"]}}, EngineError, id="no-volumes-owner"),
        pytest.param(
            {
                "HostConfig": {
                    "Mounts": [{"Type": "bind", "Source": "/proc/not/there", "Target": "/x"}],
                }
            },
            InvalidRequest,
            id="no-bind-source",
        ),
    ],
)
async def test_a_setting_that_the_engine_refuses_is_one_clear_error(
    engine: Engine,
    names: Names,
    test_image: str,
    config: dict[str, object],
    error: type[EngineError],
) -> None:
    web = names.container("web")

    with pytest.raises(error) as refusal:
        await engine.create_container(web, {"Image": test_image, **config})

    assert refusal.value.resource == web
    assert await engine.inspect_container(web, web.name) is None


async def test_values_of_variables_are_kept_out_of_refusals(
    engine: Engine, names: Names, test_image: str
) -> None:
    body = {"Image": test_image, "Env": ["=correct-horse"]}

    with pytest.raises(InvalidRequest) as refusal:
        await engine.create_container(names.container(), body)

    assert "invalid environment variable" in str(refusal.value)
    assert "horse" not in str(refusal.value)
    assert "horse" not in repr(refusal.value)


async def test_a_taken_port_names_the_port_and_its_holder(
    engine: Engine, names: Names, test_image: str
) -> None:
    first, second = names.container("first"), names.container("second")
    chosen = {
        "ExposedPorts": {"80/tcp": {}},
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1"}]}},
    }
    await run(engine, first, test_image, **chosen)
    holder = await engine.inspect_container(first, first.name)
    assert holder is not None
    (taken,) = holder.host_ports
    bindings = {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(taken.port)}]}
    body = {"ExposedPorts": {"80/tcp": {}}, "HostConfig": {"PortBindings": bindings}}
    await engine.create_container(second, {"Image": test_image, **body})

    with pytest.raises(ResourceConflict) as refusal:
        await engine.start_container(second, second.name)

    assert refusal.value.resource == second
    assert f"port {taken.port} is taken by container {first.name}" in str(refusal.value)


async def test_a_command_that_is_not_there_fails_the_start_with_advice(
    engine: Engine, names: Names, test_image: str
) -> None:
    await engine.create_container(names.container(), {"Image": test_image, "Cmd": ["/bin/nope"]})

    with pytest.raises(ContainerFailed) as failure:
        await engine.start_container(names.container(), names.container().name)

    assert failure.value.exit_code == 127
    assert failure.value.status == 400
    assert "not in the image" in str(failure.value)


async def test_a_start_without_its_network_says_so(
    engine: Engine, names: Names, test_image: str
) -> None:
    body = {"Image": test_image, "HostConfig": {"NetworkMode": names.network("none").name}}
    await engine.create_container(names.container(), body)

    with pytest.raises(ResourceNotFound, match="create the network"):
        await engine.start_container(names.container(), names.container().name)


async def test_a_running_container_is_not_removed_without_force(
    engine: Engine, names: Names, test_image: str
) -> None:
    container = await run(engine, names.container(), test_image)

    with pytest.raises(ResourceConflict, match="running"):
        await engine.remove_container(names.container(), container)


async def test_removing_with_volumes_takes_anonymous_ones_along(
    engine: Engine, names: Names, test_image: str
) -> None:
    body = {"Image": test_image, "Volumes": {"/data": {}}}
    await engine.create_container(names.container(), body)
    observed = await engine.inspect_container(names.container(), names.container().name)
    assert observed is not None
    (anonymous,) = observed.volumes

    await engine.remove_container(names.container(), observed.id, volumes=True)

    assert anonymous not in {volume.name for volume in await engine.list_volumes()}


async def test_concurrent_removals_of_one_container_all_end_with_it_gone(
    engine: Engine, names: Names, test_image: str
) -> None:
    container = await run(engine, names.container(), test_image)
    removed: list[bool] = []

    async def remove() -> None:
        removed.append(await engine.remove_container(names.container(), container, force=True))
        assert await engine.inspect_container(names.container(), container) is None

    async with create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(remove)

    assert sorted(removed) == [False, False, False, True]


async def test_no_end_is_missed_by_who_watches_before_the_start(
    engine: Engine, names: Names, failing_image: str
) -> None:
    created = await engine.create_container(names.container(), {"Image": failing_image})

    async with engine.exit_of(names.container(), created.id) as end:
        await engine.start_container(names.container(), created.id)
        with fail_after(20):
            code = await end.code()
        again = await end.code()

    assert (code, again) == (3, 3)


async def test_watching_a_container_that_is_not_there_fails_at_once(
    engine: Engine, names: Names
) -> None:
    with pytest.raises(ResourceNotFound):
        async with engine.exit_of(names.container(), names.container().name):
            pytest.fail("there is nothing to watch")


async def test_a_dead_container_is_diagnosed_with_code_and_last_words(
    engine: Engine, names: Names, failing_image: str
) -> None:
    created = await engine.create_container(names.container(), {"Image": failing_image})
    async with engine.exit_of(names.container(), created.id) as end:
        await engine.start_container(names.container(), created.id)
        await end.code()

    failure = await engine.diagnose(names.container(), created.id, "it died")

    assert failure.message == "it died"
    assert failure.exit_code == 3
    assert failure.log_tail == ("nothing to serve",)
    assert not failure.oom_killed
    assert "nothing to serve" in str(failure)


async def test_a_diagnosis_quotes_the_last_twenty_lines_whatever_their_encoding(
    engine: Engine, names: Names, test_image: str
) -> None:
    script = r"for i in $(seq 1 30); do echo $i; done; printf 'no text: \377\n'; exit 1"
    body = {"Image": test_image, "Cmd": shell(script)}
    created = await engine.create_container(names.container(), body)
    async with engine.exit_of(names.container(), created.id) as end:
        await engine.start_container(names.container(), created.id)
        await end.code()

    failure = await engine.diagnose(names.container(), created.id, "it died")

    assert failure.log_tail == (
        *(str(number) for number in range(12, 31)),
        "no text: \N{REPLACEMENT CHARACTER}",
    )


async def test_a_diagnosis_reads_terminals_too(
    engine: Engine, names: Names, test_image: str
) -> None:
    body = {"Image": test_image, "Tty": True, "Cmd": shell("echo oh no; exit 5")}
    created = await engine.create_container(names.container(), body)
    async with engine.exit_of(names.container(), created.id) as end:
        await engine.start_container(names.container(), created.id)
        await end.code()

    failure = await engine.diagnose(names.container(), created.id, "it died")

    assert (failure.exit_code, failure.log_tail) == (5, ("oh no",))


async def test_a_diagnosis_leaves_out_what_it_cannot_find_out(
    engine: Engine, names: Names, test_image: str
) -> None:
    silent = {"LogConfig": {"Type": "none"}}
    container = await run(engine, names.container(), test_image, HostConfig=silent)

    of_silent = await engine.diagnose(names.container(), container, "it died")
    of_nobody = await engine.diagnose(names.container("x"), names.container("x").name, "gone")

    assert (of_silent.log_tail, of_silent.exit_code) == ((), None)
    assert (of_nobody.log_tail, of_nobody.exit_code) == ((), None)


@pytest.mark.parametrize(
    ("script", "code"),
    [pytest.param("true", 0, id="well"), pytest.param("echo oops >&2; exit 4", 4, id="badly")],
)
async def test_a_command_is_run_to_its_end(
    engine: Engine, names: Names, test_image: str, script: str, code: int
) -> None:
    container = await run(engine, names.container(), test_image)
    started: list[str] = []

    ran = await engine.run_exec(
        names.container(),
        container,
        ExecSpec(argv=tuple(shell(script))),
        on_started=lambda: started.append("started"),
    )

    assert ran.exit_code == code
    assert ran.id
    assert started == ["started"]


async def test_a_command_runs_as_its_user(engine: Engine, names: Names, test_image: str) -> None:
    container = await run(engine, names.container(), test_image)
    command = ExecSpec(argv=tuple(shell('test "$(id -u)" = 33')), user="33")

    ran = await engine.run_exec(names.container(), container, command)

    assert ran.exit_code == 0


async def test_a_detached_command_is_not_waited_for(
    engine: Engine, names: Names, test_image: str
) -> None:
    container = await run(engine, names.container(), test_image)
    command = ExecSpec(argv=("/bin/sleep", "900"), detach=True)

    with fail_after(20):
        ran = await engine.run_exec(names.container(), container, command)

    assert ran.exit_code is None


async def test_a_command_in_a_stopped_container_is_a_conflict(
    engine: Engine, names: Names, test_image: str
) -> None:
    await engine.create_container(names.container(), {"Image": test_image})

    with pytest.raises(ResourceConflict, match="not running"):
        await engine.run_exec(
            names.container(), names.container().name, ExecSpec(argv=("/bin/true",))
        )


async def test_networks_are_made_connected_and_removed(
    engine: Engine, names: Names, test_image: str
) -> None:
    backend, web = names.network(), names.container()
    container = await run(engine, web, test_image)

    created = await engine.create_network(backend, {"Name": backend.name, "Driver": "bridge"})
    await engine.connect_network(web, backend.name, container, {"Aliases": ["www"]})
    with pytest.raises(ResourceConflict, match="already exists in network"):
        await engine.connect_network(web, backend.name, container, {})
    connected = await engine.inspect_container(web, container)
    with pytest.raises(ResourceConflict, match="active endpoints"):
        await engine.remove_network(backend, created.id)
    disconnected = await engine.disconnect_network(backend, created.id, container)
    disconnected_again = await engine.disconnect_network(backend, created.id, container)
    removed = await engine.remove_network(backend, created.id)
    removed_again = await engine.remove_network(backend, created.id)

    assert connected is not None
    assert connected.networks[backend.name] == created.id
    assert (disconnected, disconnected_again) == (True, False)
    assert (removed, removed_again) == (True, False)
    assert await engine.inspect_network(backend, created.id) is None


async def test_a_second_network_of_one_name_is_refused(engine: Engine, names: Names) -> None:
    await engine.create_network(names.network(), {"Name": names.network().name})

    with pytest.raises(ResourceConflict, match="already exists"):
        await engine.create_network(names.network(), {"Name": names.network().name})


async def test_overlapping_addresses_are_a_conflict_with_advice(
    engine: Engine, names: Names
) -> None:
    ipam = {"Config": [{"Subnet": "10.219.77.0/24"}]}
    first, second = names.network("one"), names.network("two")
    await engine.create_network(first, {"Name": first.name, "IPAM": ipam})

    with pytest.raises(ResourceConflict) as refusal:
        await engine.create_network(second, {"Name": second.name, "IPAM": ipam})

    assert refusal.value.resource == second
    assert refusal.value.status == 403
    assert "choose another subnet" in str(refusal.value)


async def test_networks_of_the_engine_itself_are_not_removed(engine: Engine) -> None:
    bridge = ResourceId("__default__", ResourceKind.NETWORK, "bridge")

    with pytest.raises(InvalidRequest):
        await engine.remove_network(bridge, "bridge")


async def test_connecting_to_a_missing_network_says_so(
    engine: Engine, names: Names, test_image: str
) -> None:
    container = await run(engine, names.container(), test_image)

    with pytest.raises(ResourceNotFound):
        await engine.connect_network(names.container(), names.network().name, container, {})


async def test_volumes_are_made_and_removed(engine: Engine, names: Names, test_image: str) -> None:
    data, web = names.volume(), names.container()

    created = await engine.create_volume(data, {"Name": data.name, "Labels": {"a": "b"}})
    observed = await engine.inspect_volume(data)
    binds = {"Binds": [f"{data.name}:/data"]}
    container = await engine.create_container(web, {"Image": test_image, "HostConfig": binds})
    with pytest.raises(ResourceConflict, match="in use"):
        await engine.remove_volume(data)
    await engine.remove_container(web, container.id)
    removed = await engine.remove_volume(data)
    removed_again = await engine.remove_volume(data)

    assert created["Name"] == data.name
    assert observed is not None
    assert (observed.name, observed.driver, observed.labels) == (data.name, "local", {"a": "b"})
    assert (removed, removed_again) == (True, False)
    assert await engine.inspect_volume(data) is None


async def test_a_volume_gets_owner_and_mode_and_nothing_is_left(
    engine: Engine, names: Names, raw_engine: RawEngine, test_image: str
) -> None:
    data = names.volume()
    await engine.create_volume(data, {"Name": data.name})

    await engine.prepare_volume(
        data, test_image, VolumeOwnership(owner="33:44", mode="u=rwX,go="), wait_timeout=20
    )

    assert raw_engine.container_names(names.prefix) == []
    check = 'test "$(stat -c %u:%g:%a /data)" = 33:44:700'
    body = {"Cmd": shell(check), "HostConfig": {"Binds": [f"{data.name}:/data"]}}
    created = await engine.create_container(names.container(), {"Image": test_image, **body})
    async with engine.exit_of(names.container(), created.id) as end:
        await engine.start_container(names.container(), created.id)
        assert await end.code() == 0


@pytest.mark.parametrize(
    "ownership",
    [
        pytest.param(VolumeOwnership(owner="$(touch /volume-tmp/oops)"), id="substitution"),
        pytest.param(VolumeOwnership(mode="0700 /; touch /volume-tmp/oops"), id="further-command"),
    ],
)
async def test_owner_and_mode_are_never_read_by_a_shell(
    engine: Engine,
    names: Names,
    test_image: str,
    ownership: VolumeOwnership,
) -> None:
    data = names.volume()
    await engine.create_volume(data, {"Name": data.name})

    with pytest.raises(PreparationFailed):
        await engine.prepare_volume(data, test_image, ownership, wait_timeout=20)

    check = "test ! -e /data/oops"
    body = {"Cmd": shell(check), "HostConfig": {"Binds": [f"{data.name}:/data"]}}
    created = await engine.create_container(names.container(), {"Image": test_image, **body})
    async with engine.exit_of(names.container(), created.id) as end:
        await engine.start_container(names.container(), created.id)
        assert await end.code() == 0


async def test_a_failed_preparation_says_what_the_command_said(
    engine: Engine, names: Names, raw_engine: RawEngine, test_image: str
) -> None:
    data = names.volume()
    await engine.create_volume(data, {"Name": data.name})

    with pytest.raises(PreparationFailed) as failure:
        await engine.prepare_volume(
            data, test_image, VolumeOwnership(owner="nobody-knows"), wait_timeout=20
        )

    assert failure.value.resource == data
    assert "nobody-knows" in failure.value.message
    assert raw_engine.container_names(names.prefix) == []


async def test_a_preparation_without_its_image_names_volume_and_image(
    engine: Engine, names: Names
) -> None:
    data = names.volume()
    await engine.create_volume(data, {"Name": data.name})

    with pytest.raises(ResourceNotFound, match="pull no-such-image:3") as failure:
        await engine.prepare_volume(
            data, "no-such-image:3", VolumeOwnership(owner="33"), wait_timeout=20
        )

    assert failure.value.resource == data


async def test_there_is_nothing_to_prepare_without_owner_and_mode(
    engine: Engine, names: Names
) -> None:
    await engine.prepare_volume(
        names.volume(), "no-such-image:3", VolumeOwnership(), wait_timeout=20
    )


async def test_a_registry_out_of_reach_fails_the_pull_with_advice(
    engine: Engine, image: ResourceId
) -> None:
    with pytest.raises(ImagePullError) as failure:
        await engine.pull_image(image, "localhost:1/web:1")

    assert failure.value.resource == image
    assert "cannot reach the registry" in str(failure.value)


async def test_images_are_found_by_any_of_their_names(
    engine: Engine, image: ResourceId, test_image: str
) -> None:
    by_name = await engine.inspect_image(image, test_image)
    listed = await engine.list_images()

    assert by_name is not None
    assert listed[f"docker.io/library/{test_image}"] == by_name
    assert await engine.inspect_image(image, "no-such-image:3") is None
