"""What was changed by hand is found and mended, and what can stay as it runs does (behaviour 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from raw_engine import RawEngine

pytestmark = pytest.mark.engine

LIMITS = {"mem_limit": "64m", "cpu_shares": 512, "pids_limit": 100}


def post(engine: RawEngine, path: str, body: Mapping[str, object] | None = None) -> None:
    status, answer = engine.call("POST", path, body)
    assert status < 300, answer


def identities(engine: RawEngine, prefix: str) -> dict[str, tuple[object, ...]]:
    """Which process each container is, and since when."""
    found: dict[str, tuple[object, ...]] = {}
    for name in engine.container_names(prefix):
        details = engine.get(f"containers/{name}/json")
        state = details["State"]
        found[name.removeprefix(f"{prefix}.")] = (details["Id"], state["Pid"], state["StartedAt"])
    return found


def host_config(engine: RawEngine, name: str) -> Any:
    return engine.get(f"containers/{name}/json")["HostConfig"]


async def test_what_was_changed_by_hand_is_mended_as_it_runs(
    raw_engine: RawEngine, prefix: str, prompt_image: str, client_of: Any
) -> None:
    """UPD-30 to UPD-36, UPD-54, UPD-57."""
    image = {"image": f"/{prompt_image}"}
    landscape = {
        "containers": {
            "limited": {**image, "host_config": {**LIMITS, "restart_policy": {"Name": "always"}}},
            "free": image,
            "lost": {**image, "networks": "net"},
            "strayed": {**image, "networks": "net"},
            "cut": {**image, "networks": "other"},
            "fine": {**image, "networks": "net", "host_config": LIMITS},
        },
        "networks": {"net": None, "other": None, "more": None},
    }
    async with client_of(landscape) as maps:
        await maps.startup("__all__")
        post(raw_engine, "networks/create", {"Name": f"{prefix}.elsewhere"})
        before = identities(raw_engine, prefix)

        changes = {"Memory": 2**27, "MemorySwap": 2**28, "CpuShares": 2, "PidsLimit": 7,
                   "RestartPolicy": {"Name": "no"}}  # fmt: skip
        post(raw_engine, f"containers/{prefix}.limited/update", changes)
        post(raw_engine, f"containers/{prefix}.free/update", {"CpuShares": 2, "PidsLimit": 7})
        leaving = {"Container": f"{prefix}.lost", "Force": True}
        post(raw_engine, f"networks/{prefix}.net/disconnect", leaving)
        straying = {"Container": f"{prefix}.strayed"}
        post(raw_engine, f"networks/{prefix}.elsewhere/connect", straying)
        cutting = {"Container": f"{prefix}.cut", "Force": True}
        post(raw_engine, f"networks/{prefix}.other/disconnect", cutting)
        assert raw_engine.call("DELETE", f"networks/{prefix}.other")[0] == 204
        post(raw_engine, "networks/create", {"Name": f"{prefix}.other"})

        report = await maps.update("__all__")
        again = await maps.plan("update", "__all__")

    assert report.ok
    assert {step.resource.name.removeprefix(f"{prefix}.") for step in report.plan.steps} == {
        "limited",
        "free",
        "lost",
        "strayed",
        "cut",
    }
    assert again.is_empty, again.render()
    assert identities(raw_engine, prefix) == before
    mended = host_config(raw_engine, f"{prefix}.limited")
    limits = ("Memory", "MemorySwap", "CpuShares", "PidsLimit")
    assert [mended[key] for key in limits] == [2**26, 2**27, 512, 100]
    assert mended["RestartPolicy"]["Name"] == "always"
    assert host_config(raw_engine, f"{prefix}.free")["CpuShares"] in {0, 1024}


async def test_what_was_put_aside_stopped_or_swapped_by_hand_is_there_again(
    raw_engine: RawEngine, prefix: str, prompt_image: str, client_of: Any
) -> None:
    """GEN-4, GEN-5, UPD-2, UPD-7, UPD-17."""
    image = {"image": f"/{prompt_image}"}
    variables = {"create_options": {"environment": {"LEVEL": "map"}}}
    landscape = {"away": image, "down": image, "swapped": {**image, **variables}}
    async with client_of(landscape) as maps:
        await maps.startup("__all__")
        before = identities(raw_engine, prefix)

        post(raw_engine, f"containers/{prefix}.away/rename?name={prefix}-elsewhere")
        post(raw_engine, f"containers/{prefix}.down/stop")
        raw_engine.call("DELETE", f"containers/{prefix}.swapped", force="true")
        other = {"Image": prompt_image, "Env": ["LEVEL=hand"]}
        post(raw_engine, f"containers/create?name={prefix}.swapped", other)
        post(raw_engine, f"containers/{prefix}.swapped/start")

        report = await maps.update("__all__")
        again = await maps.plan("update", "__all__")

    after = identities(raw_engine, prefix)
    elsewhere = after.pop(f"{prefix}-elsewhere")
    assert report.ok
    assert again.is_empty, again.render()
    # What has another name by now is nobody's, and runs on.
    assert elsewhere == before["away"]
    assert after["down"][0] == before["down"][0]
    assert all(process for _, process, _ in after.values())
    swapped = raw_engine.get(f"containers/{prefix}.swapped/json")
    assert "LEVEL=map" in swapped["Config"]["Env"]
    assert raw_engine.container_names(prefix) == sorted(
        [f"{prefix}-elsewhere", *(f"{prefix}.{name}" for name in landscape)]
    )


async def test_a_map_that_asks_for_other_limits_keeps_its_processes(
    raw_engine: RawEngine, prefix: str, prompt_image: str, client_of: Any
) -> None:
    """UPD-54: up and down, and with the swap limit that follows."""
    web = {"image": f"/{prompt_image}"}
    versions = [
        {**web, "host_config": {"mem_limit": size, "pids_limit": pids}}
        for size, pids in (("64m", 100), ("256m", 200), ("32m", 50))
    ]
    async with client_of({"web": versions[0]}) as maps:
        await maps.startup("web")
    before = identities(raw_engine, prefix)

    for version, memory in zip(versions[1:], (2**28, 2**25), strict=True):
        async with client_of({"web": version}) as maps:
            await maps.update("web")
            assert (await maps.plan("update", "web")).is_empty

        found = host_config(raw_engine, f"{prefix}.web")
        assert (found["Memory"], found["MemorySwap"]) == (memory, 2 * memory)
    assert identities(raw_engine, prefix) == before


@pytest.mark.parametrize("skip", [False, True])
async def test_a_limit_that_cannot_be_lifted_live_replaces_unless_that_is_skipped(
    raw_engine: RawEngine, prefix: str, prompt_image: str, client_of: Any, *, skip: bool
) -> None:
    """UPD-55."""
    web = {"image": f"/{prompt_image}"}
    async with client_of({"web": {**web, "host_config": {"nano_cpus": 500_000_000}}}) as maps:
        await maps.startup("web")
    before = identities(raw_engine, prefix)

    async with client_of({"web": web}) as maps:
        report = await maps.update("web", skip_limit_reset=skip)
        again = await maps.plan("update", "web", skip_limit_reset=skip)

    assert again.is_empty
    assert (identities(raw_engine, prefix) == before) is skip
    assert any("CPU limit removed" in note for note in report.plan.notes) is skip


async def test_what_only_a_warning_tells_is_tried_once(
    raw_engine: RawEngine, prefix: str, prompt_image: str, client_of: Any
) -> None:
    """UPD-51: no engine says beforehand whether its host weighs block I/O."""
    web = {"image": f"/{prompt_image}"}
    async with client_of({"web": web}) as maps:
        await maps.startup("web")
    before = identities(raw_engine, prefix)

    async with client_of({"web": {**web, "host_config": {"blkio_weight": 300}}}) as maps:
        report = await maps.update("web")
        again = await maps.plan("update", "web")

    assert report.ok
    assert again.is_empty, again.render()
    assert identities(raw_engine, prefix) == before
    is_weighed = host_config(raw_engine, f"{prefix}.web")["BlkioWeight"] == 300
    assert any("block I/O weight" in note for note in again.notes) is not is_weighed


# -- images that set everything themselves

SETTINGS: Mapping[str, object] = {
    "Env": ["LEVEL=image", "MODE=plain"],
    "Cmd": ["/bin/sleep", "1000"],
    "Entrypoint": ["/bin/env"],
    "Labels": {"role": "image"},
    "ExposedPorts": {"8080/tcp": {}},
    "Volumes": {"/own": {}},
    "User": "nobody",
    "WorkingDir": "/tmp",
    "StopSignal": "SIGKILL",
    "Healthcheck": {"Test": ["CMD", "/bin/true"], "Interval": 10**10, "Retries": 2},
}
# An option, what the image has, and something else.
OF_THE_IMAGE: Mapping[str, tuple[object, object]] = {
    "environment": ({"LEVEL": "image"}, {"LEVEL": "map"}),
    "command": (["/bin/sleep", "1000"], ["/bin/sleep", "999"]),
    "entrypoint": (["/bin/env"], ["/bin/busybox", "env"]),
    "labels": ({"role": "image"}, {"role": "map"}),
    "ports": ([8080], [9090]),
    "volumes": (["/own"], ["/other"]),
    "user": ("nobody", "root"),
    "working_dir": ("/tmp", "/"),
    "stop_signal": ("SIGKILL", "SIGTERM"),
    "healthcheck": (
        {"test": ["CMD", "/bin/true"], "interval": "10s"},
        {"test": ["CMD", "/bin/true"], "interval": "20s"},
    ),
}


@pytest.fixture
def full_image(raw_engine: RawEngine, prefix: str, prompt_image: str) -> Iterator[str]:
    """An image that says everything that an image can say."""
    post(
        raw_engine,
        f"containers/create?name={prefix}source",
        {**SETTINGS, "Image": prompt_image},
    )
    name = f"{prefix}full"
    post(raw_engine, f"commit?container={prefix}source&repo={name}&tag=latest")
    made = raw_engine.get(f"images/{name}/json")["Config"]
    assert {key: made[key] for key in SETTINGS if key != "Env"} == {
        key: value for key, value in SETTINGS.items() if key != "Env"
    }
    yield name
    raw_engine.remove_all(prefix)
    raw_engine.call("DELETE", f"images/{name}:latest", force="true")


def _landscape(image: str, which: int | None) -> dict[str, object]:
    containers: dict[str, object] = {"plain": {"image": f"/{image}"}}
    for option, values in OF_THE_IMAGE.items():
        given = {} if which is None else {option: values[which]}
        # An entrypoint of one's own does without the command of the image.
        command = {"command": ["/bin/sleep", "1000"]} if option == "entrypoint" else {}
        create = {**command, **given}
        containers[option] = {"image": f"/{image}", "create_options": create, "stop_timeout": 1}
    return {"containers": containers}


async def test_what_an_image_says_is_no_difference(
    prefix: str, full_image: str, client_of: Any
) -> None:
    """Created without any of it, with the same, with something else; then each compared with the others."""
    of_image, same, other = (_landscape(full_image, which) for which in (None, 0, 1))

    async def planned(landscape: Mapping[str, object]) -> set[str]:
        async with client_of(landscape) as maps:
            plan = await maps.plan("update", "__all__")
        return {rescue.step.resource.name.removeprefix(f"{prefix}.") for rescue in plan.rescues}

    async with client_of(of_image) as maps:
        await maps.create("__all__")
    assert await planned(of_image) == set()
    assert await planned(same) == set()
    assert await planned(other) == set(OF_THE_IMAGE)

    async with client_of(other) as maps:
        await maps.update("__all__")
        assert (await maps.plan("update", "__all__")).is_empty
    assert await planned(same) == set(OF_THE_IMAGE)
    assert await planned(of_image) == set(OF_THE_IMAGE)

    async with client_of(same) as maps:
        await maps.update("__all__")
        assert (await maps.plan("update", "__all__")).is_empty
    assert await planned(of_image) == set()


async def test_a_stopped_container_joins_the_network_that_was_made_in_place_of_one_that_is_gone(
    raw_engine: RawEngine, prefix: str, prompt_image: str, client_of: Any
) -> None:
    """UPD-30: what a stopped container knows of the old one is replaced as it is connected."""
    web = {"image": f"/{prompt_image}", "networks": "net"}
    async with client_of({"containers": {"web": web}, "networks": {"net": None}}) as maps:
        await maps.startup("web")
        await maps.stop("web", timeout=0)
        assert raw_engine.call("DELETE", f"networks/{prefix}.net")[0] == 204

        report = await maps.update("web")
        again = await maps.plan("update", "web")

    assert report.ok
    assert again.is_empty, again.render()


async def test_of_several_containers_whose_volumes_are_used_the_last_one_decides(
    prompt_image: str, client_of: Any
) -> None:
    """UPD-14: what it has not from one of them, it has from a later one."""
    shared = {"image": f"/{prompt_image}", "shares": "/shared"}
    both = {"image": f"/{prompt_image}", "uses": ["one", "two"]}
    async with client_of({"one": shared, "two": shared, "both": both}) as maps:
        await maps.startup("both")
        again = await maps.plan("update", "both")

    assert again.is_empty, again.render()
