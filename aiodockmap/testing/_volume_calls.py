"""Calls under `/volumes`."""

from __future__ import annotations

from typing import Final

from ._answers import ApiError, Call, JsonDict, Reply, done, json_answer
from ._bodies import CREATED_VOLUME, decoded
from ._filters import has_labels, has_name, read_filters, truth
from ._mount_checks import volume_path
from ._mounts import check_volume_name
from ._records import Volume
from ._world import World

LIST_FILTERS: Final = frozenset({"dangling", "driver", "label", "name"})
OPTIONS: Final = frozenset({"type", "o", "device", "size"})


def document(volume: Volume) -> JsonDict:
    """A volume as inspect and list show it."""
    return {
        "CreatedAt": volume.created,
        "Driver": volume.driver,
        "Labels": volume.labels,
        "Mountpoint": volume_path(volume.name),
        "Name": volume.name,
        "Options": volume.options,
        "Scope": "local",
    }


def list_volumes(world: World, call: Call) -> Reply:
    """`GET /volumes`."""
    place = "error reading volume filters: "
    filters = read_filters(call, LIST_FILTERS, status=400, place=place)
    is_dangling = truth(filters, "dangling")
    found = [
        document(volume)
        for volume in world.volumes.values()
        if has_name([volume.name], filters.get("name", []))
        and has_labels(volume.labels, filters.get("label", []))
        and volume.driver in filters.get("driver", [volume.driver])
        and is_dangling in (None, not world.users_of(volume.name))
    ]
    return json_answer({"Volumes": found, "Warnings": None})


def create_volume(world: World, call: Call) -> Reply:
    """`POST /volumes/create`; a volume of that name that is there stays as it is."""
    body = decoded(call, CREATED_VOLUME)
    name = body.get("Name") or ""
    driver = body.get("Driver") or "local"
    if driver != "local":
        raise ApiError(
            404,
            f'create {name}: error looking up volume plugin {driver}: plugin "{driver}" not found',
        )
    add = world.add_volume if name else world.add_anonymous_volume
    name = name or world.new_id()
    check_volume_name(name)
    options = body.get("DriverOpts")
    if name not in world.volumes:
        _check_options(name, options or {})
    return json_answer(document(add(name, labels=body.get("Labels"), options=options)), status=201)


def _check_options(name: str, options: dict[str, str]) -> None:
    for key in options:
        if key not in OPTIONS:
            raise ApiError(400, f'create {name}: invalid option: "{key}"')
    for needed, needing in (("device", "type"), ("type", "device"), ("device", "o"), ("type", "o")):
        if options.get(needing) and not options.get(needed):
            raise ApiError(400, f'create {name}: missing required option: "{needed}"')


def inspect_volume(world: World, call: Call) -> Reply:
    """`GET /volumes/{name}`."""
    return json_answer(document(_volume(world, call.ref)))


def remove_volume(world: World, call: Call) -> Reply:
    """`DELETE /volumes/{name}`."""
    if call.ref not in world.volumes and call.flag("force"):
        return done()
    volume = _volume(world, call.ref)
    users = world.users_of(volume.name)
    if users:
        message = f"remove {volume.name}: volume is in use - [{', '.join(users)}]"
        raise ApiError(409, message)
    del world.volumes[volume.name]
    world.events.of_volume(volume.name, "destroy")
    return done()


def _volume(world: World, name: str) -> Volume:
    if name not in world.volumes:
        raise ApiError(404, f"get {name}: no such volume")
    return world.volumes[name]
