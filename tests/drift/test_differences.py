"""Which fields differ: what is asked for, what was asked for, what is shown."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from aiodockmap.drift import Comparison, Remedy, differences
from aiodockmap.model import MapItem, ResourceKind
from aiodockmap.state import ImageDetails, container_fields, ownership_labels

ITEM = MapItem(ResourceKind.CONTAINER, "m", "web")
SECRET = "hunter2"


def created_from(body: Mapping[str, object], **shown: object) -> dict[str, object]:
    """What an engine shows of a container that this library made from a body."""
    labels = ownership_labels(ITEM, "m.web", container_fields(body))
    host = body.get("HostConfig", {})
    assert isinstance(host, dict)
    config = {key: value for key, value in body.items() if key != "HostConfig"}
    given = body.get("Labels", {})
    assert isinstance(given, dict)
    return {"Config": {**config, "Labels": {**given, **labels}}, "HostConfig": {**host, **shown}}


def adopted(body: Mapping[str, object]) -> dict[str, object]:
    """The same made by somebody else."""
    details = created_from(body)
    config = details["Config"]
    assert isinstance(config, dict)
    return {**details, "Config": {**config, "Labels": body.get("Labels", {})}}


def told(
    body: Mapping[str, object],
    details: Mapping[str, object],
    image: Mapping[str, object] | None = None,
) -> dict[str, Remedy]:
    given = ImageDetails(config=image or {})
    found = differences(
        Comparison(name="m.web", fields=container_fields(body), details=details, image=given)
    )
    return {str(each): each.remedy for each in found}


BODY = {
    "Image": "web",
    "Env": ["LEVEL=1", "PORT=80"],
    "Labels": {"role": "web"},
    "User": "web",
    "HostConfig": {
        "Memory": 2**25,
        "MemorySwap": 2**26,
        "CapAdd": ["NET_ADMIN"],
        "Links": ["m.db:db"],
        "Binds": ["/h:/c:ro"],
        "RestartPolicy": {"Name": "always"},
    },
}


def changed(**fields: object) -> dict[str, object]:
    after = {**BODY, **fields}
    return {key: value for key, value in after.items() if value is not None}


def host(**fields: object) -> dict[str, object]:
    before = BODY["HostConfig"]
    assert isinstance(before, dict)
    after = {**before, **fields}
    return {**BODY, "HostConfig": {key: value for key, value in after.items() if value is not None}}


def test_what_is_asked_for_as_before_does_not_differ_however_it_is_shown() -> None:
    """An engine may write an unchangeable field as it likes."""
    shown = created_from(BODY, CapAdd=["CAP_SOMETHING_ELSE"], Links=["/m.db:/m.web/db"])

    assert told(BODY, shown) == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            changed(Env=["LEVEL=2"]),
            {
                "environment: LEVEL changed": Remedy.REPLACE,
                "environment: PORT removed": Remedy.REPLACE,
            },
            id="environment",
        ),
        pytest.param(changed(User="root"), {"user changed": Remedy.REPLACE}, id="user"),
        pytest.param(
            changed(Labels={}), {"labels: role removed": Remedy.REPLACE}, id="removed-label"
        ),
        pytest.param(
            host(Memory=2**26, MemorySwap=2**27),
            {"memory limit changed": Remedy.LIVE, "swap limit changed": Remedy.LIVE},
            id="limit",
        ),
        pytest.param(
            host(Memory=None, MemorySwap=None),
            {"memory limit removed": Remedy.LIVE, "swap limit removed": Remedy.LIVE},
            id="removed-limit",
        ),
        pytest.param(
            host(Memory=2**25, MemorySwap=None), {}, id="a-derived-limit-is-as-good-as-written"
        ),
        pytest.param(
            host(RestartPolicy=None), {"restart policy removed": Remedy.LIVE}, id="restart-policy"
        ),
        pytest.param(host(CapAdd=["cap_net_admin"]), {}, id="another-spelling-is-no-difference"),
        pytest.param(host(Binds=["/h:/c"]), {"binds: /c changed": Remedy.REPLACE}, id="bind"),
        pytest.param(
            host(Links=None), {"links: m.db:db removed": Remedy.REPLACE}, id="removed-link"
        ),
    ],
)
def test_a_changed_map_is_noticed_with_the_least_remedy(
    body: dict[str, object], expected: dict[str, Remedy]
) -> None:
    assert told(body, created_from(BODY)) == expected


def test_a_limit_that_was_changed_by_hand_is_mended() -> None:
    shown = created_from(BODY, Memory=2**24, CpuShares=2)

    assert told(BODY, shown) == {
        "memory limit changed": Remedy.LIVE,
        "CPU shares removed": Remedy.LIVE,
    }


def test_what_the_image_gives_again_was_not_removed() -> None:
    shown = created_from(BODY)

    found = told(changed(Env=["PORT=80"], User=None), shown, {"Env": ["LEVEL=1"], "User": "web"})

    assert found == {}


def test_a_container_of_somebody_else_is_judged_by_what_is_certain() -> None:
    """UPD-17: a variable that is missing is certain; what it has besides is its own affair."""
    body = changed(Env=["LEVEL=1"], User="root")

    assert told(body, adopted(BODY)) == {
        "user changed": Remedy.REPLACE,
    }


def test_an_uncertain_difference_in_a_container_of_somebody_else_is_a_note() -> None:
    body = host(IpcMode="private", CpuShares=None)
    shown = adopted(host(IpcMode="shareable", CpuShares=512))

    assert told(body, shown) == {
        "IPC mode changed": Remedy.NOTE,
        "CPU shares is set, and not by the map": Remedy.NOTE,
    }


def test_no_difference_shows_a_value() -> None:
    body = changed(Env=[f"PASSWORD={SECRET}"], Labels={"token": SECRET})

    found = differences(
        Comparison(name="m.web", fields=container_fields(body), details=adopted(BODY))
    )

    assert found
    assert SECRET not in repr(found)


def test_a_reference_to_a_container_follows_its_id() -> None:
    """UPD-22: the engine stores the id, and a new owner has another."""
    body = host(NetworkMode="container:m.db")
    shown = created_from(body, NetworkMode="container:aaa")
    compared = Comparison(
        name="m.web", fields=container_fields(body), details=shown, container_ids={"m.db": "aaa"}
    )
    moved = Comparison(
        name="m.web",
        fields=container_fields(host(NetworkMode="container:m.sql")),
        details=shown,
        container_ids={"m.sql": "bbb"},
    )

    assert differences(compared) == ()
    assert [str(each) for each in differences(moved)] == ["network mode changed"]


def test_what_the_host_cannot_do_is_only_told() -> None:
    """UPD-51."""
    shown = created_from(BODY, Memory=0, MemorySwap=0)
    compared = Comparison(
        name="m.web",
        fields=container_fields(BODY),
        details=shown,
        unsupported=frozenset({"MemoryLimit", "SwapLimit"}),
    )

    assert {str(each): each.remedy for each in differences(compared)} == {
        "memory limit is not possible on this host": Remedy.NOTE,
        "swap limit is not possible on this host": Remedy.NOTE,
    }


IGNORED = "was asked for, and the engine goes on without it"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(300, 300, {f"block I/O weight {IGNORED}": Remedy.NOTE}, id="as-before"),
        pytest.param(300, 400, {f"block I/O weight {IGNORED}": Remedy.NOTE}, id="changed"),
        pytest.param(0, 400, {"block I/O weight is not set": Remedy.LIVE}, id="new-in-effect"),
        pytest.param(None, 400, {"block I/O weight is not set": Remedy.LIVE}, id="new"),
        pytest.param(300, None, {}, id="removed"),
    ],
)
def test_what_an_engine_went_on_without_is_not_tried_again(
    before: int | None, after: int | None, expected: dict[str, Remedy]
) -> None:
    shown = created_from(host(BlkioWeight=before), BlkioWeight=0)

    assert told(host(BlkioWeight=after), shown) == expected


def test_rates_that_a_host_cannot_limit_never_replace_a_container() -> None:
    rates = [{"Path": "/dev/sda", "Weight": 400}]
    shown = created_from(host(BlkioWeightDevice=rates), BlkioWeightDevice=[])

    found = told(host(BlkioWeightDevice=[{"Path": "/dev/sda", "Weight": 500}]), shown)

    assert found == {f"block I/O weights of devices {IGNORED}": Remedy.NOTE}


def test_the_place_of_a_mount_is_told_once() -> None:
    """ENG-7 has the target of each bind among the volumes, too."""
    body = changed(Volumes={"/c": {}, "/s": {}})

    assert told(changed(HostConfig={}), created_from(body)) == told(
        changed(HostConfig={}), created_from({**body, "Volumes": {"/s": {}}})
    )


def test_no_network_is_told_by_the_mode() -> None:
    """UPD-21: others make such a container by its network mode alone."""
    none = {**host(NetworkMode="none"), "NetworkDisabled": True}

    assert told(none, adopted(host(NetworkMode="none"))) == {}
    assert told(changed(NetworkDisabled=True), created_from(BODY)) == {
        "network disabled is not set": Remedy.REPLACE
    }


def test_a_host_name_that_nobody_wrote_replaces_no_container_of_somebody_else() -> None:
    """NAME-8 gives every container one."""
    body = changed(Hostname="m-web")

    assert told(body, adopted(changed(Hostname="0123456789ab"))) == {
        "host name changed": Remedy.NOTE
    }


def test_the_default_isolation_is_none() -> None:
    assert told(BODY, created_from(host(Isolation="default"))) == {}


ENTRY, COMMAND = ["/bin/env"], ["/bin/sleep", "9"]
IMAGE = {"Entrypoint": ENTRY, "Cmd": COMMAND}


@pytest.mark.parametrize(
    ("before", "shown_command", "after", "expected"),
    [
        pytest.param(
            {"Entrypoint": ENTRY}, None, {}, {"entrypoint removed": Remedy.REPLACE}, id="removed"
        ),
        pytest.param(
            {}, COMMAND, {"Entrypoint": ENTRY}, {"command changed": Remedy.REPLACE}, id="added"
        ),
        pytest.param({"Entrypoint": ENTRY}, None, {"Entrypoint": ENTRY}, {}, id="kept"),
        pytest.param({}, COMMAND, {"Entrypoint": ENTRY, "Cmd": COMMAND}, {}, id="all-as-the-image"),
        pytest.param(
            {"Entrypoint": ENTRY, "Cmd": COMMAND}, COMMAND, {}, {}, id="back-to-the-image"
        ),
    ],
)
def test_an_entrypoint_does_without_the_command_of_the_image(
    before: dict[str, object],
    shown_command: list[str] | None,
    after: dict[str, object],
    expected: dict[str, Remedy],
) -> None:
    """Engines take the image's command only if neither of the two was asked for."""
    shown = created_from({**BODY, **before})
    config = shown["Config"]
    assert isinstance(config, dict)
    shown = {**shown, "Config": {**config, "Entrypoint": ENTRY, "Cmd": shown_command}}

    assert told({**BODY, **after}, shown, IMAGE) == expected


def test_a_command_beside_the_entrypoint_is_the_affair_of_somebody_else() -> None:
    """UPD-18: only if it is configured."""
    shown = adopted({**BODY, "Entrypoint": ENTRY, "Cmd": COMMAND})

    assert told({**BODY, "Entrypoint": ENTRY}, shown, IMAGE) == {}


def on_podman(
    body: Mapping[str, object], asked_before: Mapping[str, object]
) -> list[tuple[str, Remedy]]:
    """What differs on Podman 4.3.1, which showed this of a container with a memory limit and half a CPU."""
    shown = {
        "Memory": 2**25,
        "MemorySwap": 2**26,
        "NanoCpus": 500_000_000,
        "CpuQuota": 50_000,
        "CpuPeriod": 100_000,
        "PidsLimit": 2048,
        "RestartPolicy": {"Name": "", "MaximumRetryCount": 0},
    }
    compared = Comparison(
        name="m.web",
        fields=container_fields(body),
        details=created_from(asked_before, **shown),
        changes_limits=False,
    )
    return [(each.words, each.remedy) for each in differences(compared)]


ON_PODMAN = {"Image": "web", "HostConfig": {"Memory": 2**25, "NanoCpus": 500_000_000}}


def test_limits_that_podman_sets_by_itself_are_its_own_affair() -> None:
    """Podman limits processes, and shows a CPU limit in both of its spellings."""
    assert on_podman(ON_PODMAN, ON_PODMAN) == []


@pytest.mark.parametrize(
    ("host_config", "expected"),
    [
        pytest.param(
            {"Memory": 2**26, "NanoCpus": 500_000_000},
            "memory limit changed, which this engine cannot do live",
            id="changed",
        ),
        pytest.param(
            {"NanoCpus": 500_000_000},
            "memory limit removed, which this engine cannot do live",
            id="removed",
        ),
        pytest.param(
            {"Memory": 2**25, "NanoCpus": 500_000_000, "PidsLimit": 100},
            "process limit changed, which this engine cannot do live",
            id="instead_of_its_own",
        ),
    ],
)
def test_limits_need_another_container_where_the_engine_cannot_change_them(
    host_config: Mapping[str, object], expected: str
) -> None:
    found = on_podman({"Image": "web", "HostConfig": host_config}, ON_PODMAN)

    assert found == [(expected, Remedy.REPLACE)]


def test_a_process_limit_of_the_map_that_is_gone_from_it_is_removed_on_podman() -> None:
    before = {"Image": "web", "HostConfig": {**ON_PODMAN["HostConfig"], "PidsLimit": 2048}}  # type: ignore[dict-item]

    found = on_podman(ON_PODMAN, before)

    assert found == [("process limit removed, which this engine cannot do live", Remedy.REPLACE)]


@pytest.mark.parametrize(
    ("before", "now", "image", "expected"),
    [
        pytest.param("linux/amd64", None, "linux/amd64", set(), id="removed-and-native"),
        pytest.param("linux/arm64", None, "linux/arm64/v8", {"platform removed"}, id="removed"),
        pytest.param("linux/amd64", "linux", "linux/amd64", set(), id="other-words"),
        pytest.param("linux/arm64", "arm64", "linux/arm64/v8", set(), id="architecture-alone"),
        pytest.param(
            "linux/amd64", "linux/arm64", "linux/amd64", {"platform changed"}, id="changed"
        ),
        pytest.param(None, "linux/amd64", "linux/amd64", set(), id="added-and-native"),
        pytest.param(None, "linux/arm64", "linux/amd64", {"platform changed"}, id="added"),
        pytest.param("linux/amd64", None, "", set(), id="image-is-gone"),
    ],
)
def test_a_platform_is_that_of_the_image_or_the_engine(
    before: str | None, now: str | None, image: str, expected: set[str]
) -> None:
    """What an engine shows of a container says no more than `linux`."""
    body: Mapping[str, object] = {"Image": "web"}
    labels = ownership_labels(ITEM, "m.web", container_fields(body, None, before))
    found = differences(
        Comparison(
            name="m.web",
            fields=container_fields(body, None, now),
            details={"Config": {**body, "Labels": labels}, "Platform": "linux"},
            image=ImageDetails(platform=image),
            native_platform="linux/x86_64",
        )
    )

    assert {str(each) for each in found} == expected
    assert all(each.remedy is Remedy.REPLACE for each in found)


def test_the_platform_that_an_engine_shows_of_the_container_itself_counts() -> None:
    """From API 1.48 on; an image of several platforms shows but one of them."""
    descriptor = {"platform": {"architecture": "arm64", "os": "linux", "variant": "v8"}}
    body: Mapping[str, object] = {"Image": "web"}
    labels = ownership_labels(ITEM, "m.web", container_fields(body, None, "linux/arm64"))
    [difference] = differences(
        Comparison(
            name="m.web",
            fields=container_fields(body),
            details={"Config": {**body, "Labels": labels}, "ImageManifestDescriptor": descriptor},
            image=ImageDetails(platform="linux/amd64"),
            native_platform="linux/x86_64",
        )
    )

    assert str(difference) == "platform removed"
