"""Where the folders of a container come from: `Binds`, `Mounts`, `VolumesFrom` and `Volumes`."""

from __future__ import annotations

import re

from attrs import define, frozen

from ._answers import ApiError, JsonDict
from ._images import missing_image
from ._mount_checks import clean, volume_path
from ._records import Container
from ._world import DATA_ROOT, World

PROPAGATIONS = frozenset({"private", "rprivate", "shared", "rshared", "slave", "rslave"})
VOLUME_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
MODE_GROUPS = (
    frozenset({"ro", "rw"}),
    frozenset({"z", "Z"}),
    PROPAGATIONS,
    frozenset({"nocopy"}),
    frozenset({"consistent", "cached", "delegated", "default"}),
)
"""Words of a mode; at most one of each group may be given."""
BIND_WORDS = 3


@frozen
class Bind:
    """One entry of `HostConfig.Binds`."""

    source: str
    target: str
    mode: str

    @property
    def is_path(self) -> bool:
        """Whether it mounts a folder of the host, and not a volume."""
        return self.source.startswith("/")


def check_volume_name(name: str) -> None:
    """Refuse names that engines refuse.

    Raises:
        ApiError: 400.
    """
    if len(name) == 1:
        message = (
            f"create {name}: volume name is too short, "
            "names should be at least two alphanumeric characters"
        )
        raise ApiError(400, message)
    if not VOLUME_NAME.fullmatch(name):
        message = (
            f'create {name}: "{name}" includes invalid characters for a local volume name, '
            'only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. '
            "If you intended to pass a host directory, use absolute path"
        )
        raise ApiError(400, message)


def parse_bind(text: str) -> Bind:
    """Take a bind apart.

    Raises:
        ApiError: 500, which is what engines answer to one that makes no sense.
    """
    parts = text.split(":")
    if not text or len(parts) > BIND_WORDS or not all(parts):
        raise ApiError(500, f"invalid volume specification: '{text}'")
    if len(parts) == 1:
        raise _bad_bind(text, "volume", f"invalid mount path: '{text}' mount path must be absolute")
    source, target, mode = parts[0], parts[1], parts[2] if len(parts) == BIND_WORDS else ""
    _check_mode(mode)
    bind = Bind(clean(source) if source.startswith("/") else source, clean(target), mode)
    kind = "bind" if bind.is_path else "volume"
    if not target.startswith("/"):
        raise _bad_bind(text, kind, f"invalid mount path: '{target}' mount path must be absolute")
    if bind.target == "/":
        raise _bad_bind(text, kind, "invalid specification: destination can't be '/'")
    words = set(mode.split(","))
    if kind == "volume" and words & PROPAGATIONS:
        raise _bad_bind(text, kind, "field BindOptions must not be specified")
    if kind == "bind" and "nocopy" in words:
        raise _bad_bind(text, kind, "field VolumeOptions must not be specified")
    return bind


def _bad_bind(text: str, kind: str, reason: str) -> ApiError:
    message = f"invalid volume specification: '{text}': invalid mount config for type \"{kind}\": "
    return ApiError(500, message + reason)


def _check_mode(mode: str, *, status: int = 500) -> None:
    words = mode.split(",") if mode else []
    known = frozenset().union(*MODE_GROUPS)
    crowded = any(len(group & set(words)) > 1 for group in MODE_GROUPS)
    if crowded or not set(words) <= known or len(set(words)) != len(words):
        raise ApiError(status, f"invalid mode: {mode}")


@define(eq=False)
class MountPlan:
    """The effective mounts of a container that is being created, by target."""

    world: World
    container: Container
    mounts: dict[str, JsonDict]
    direct: set[str]
    """Targets of binds and mounts, of which there may be one each."""

    def add(self, mount: JsonDict) -> None:
        """Mount something that may be mounted over."""
        self.mounts[mount["Destination"]] = mount

    def add_direct(self, mount: JsonDict) -> None:
        """Mount something that must be the only one there."""
        target = mount["Destination"]
        if target in self.direct:
            raise ApiError(400, f"Duplicate mount point: {target}")
        self.direct.add(target)
        self.add(mount)


def mount_all(world: World, container: Container) -> None:
    """Work out the mounts of a new container; make the volumes that they need.

    Raises:
        ApiError: 400 or 500 for what engines refuse.
    """
    plan = MountPlan(world, container, {}, set())
    host_config = container.host_config
    for entry in host_config["VolumesFrom"] or ():
        _mount_from(plan, entry)
    for text in host_config["Binds"] or ():
        _mount_bind(plan, parse_bind(text))
    for mount in host_config.get("Mounts") or ():
        _mount_entry(plan, mount)
    for path in container.config["Volumes"] or ():
        if clean(path) not in plan.mounts:
            name = _anonymous(plan)
            container.volumes_by_path.add(name)
            plan.add(volume_mount(name, clean(path), mode="", is_writable=True))
    container.mounts = list(plan.mounts.values())


def _mount_from(plan: MountPlan, entry: str) -> None:
    ref, _, mode = entry.partition(":")
    if not ref:
        raise ApiError(400, f"malformed volumes-from specification: {entry}")
    _check_mode(mode, status=400)
    source = plan.world.find_container(ref)
    if source is None:
        raise ApiError(400, f"No such container: {ref}")
    for mount in source.mounts:
        is_writable = mount["RW"] and "ro" not in mode.split(",")
        plan.add({**mount, "RW": is_writable, "Mode": ""})


def _mount_bind(plan: MountPlan, bind: Bind) -> None:
    words = bind.mode.split(",")
    is_writable = "ro" not in words
    if bind.is_path:
        given = [word for word in words if word in PROPAGATIONS]
        mount = path_mount(bind.source, bind.target, bind.mode, is_writable, *given)
    else:
        check_volume_name(bind.source)
        plan.world.add_volume(bind.source)
        mode = bind.mode or "z"
        mount = volume_mount(bind.source, bind.target, mode=mode, is_writable=is_writable)
    plan.add_direct(mount)


def _mount_entry(plan: MountPlan, mount: JsonDict) -> None:
    target = clean(mount["Target"])
    is_writable = not mount.get("ReadOnly")
    match mount["Type"]:
        case "bind":
            given = (mount.get("BindOptions") or {}).get("Propagation") or "rprivate"
            entry = path_mount(clean(mount["Source"]), target, "", is_writable, given)
        case "volume":
            name = mount.get("Source") or ""
            options = mount.get("VolumeOptions") or {}
            if name:
                check_volume_name(name)
                driver = options.get("DriverConfig") or {}
                plan.world.add_volume(
                    name, labels=options.get("Labels"), options=driver.get("Options")
                )
            else:
                name = _anonymous(plan)
            entry = volume_mount(name, target, mode="z", is_writable=is_writable)
        case "image":
            entry = _image_mount(plan.world, mount["Source"], target)
        case _:
            entry = {
                "Type": mount["Type"],
                "Source": "",
                "Destination": target,
                "Mode": "",
                "RW": is_writable,
                "Propagation": "",
            }
    plan.add_direct(entry)


def _image_mount(world: World, image: str, target: str) -> JsonDict:
    if world.images.find(image) is None:
        raise ApiError(404, missing_image(image))
    return {
        "Type": "image",
        "Name": image,
        "Source": f"{DATA_ROOT}/overlay2/{world.new_id()}/merged",
        "Destination": target,
        "Mode": "",
        "RW": False,
        "Propagation": "rprivate",
    }


def _anonymous(plan: MountPlan) -> str:
    name = plan.world.new_id()
    plan.world.add_anonymous_volume(name)
    plan.container.anonymous_volumes.add(name)
    return name


def volume_mount(name: str, target: str, *, mode: str, is_writable: bool) -> JsonDict:
    """An entry of `Mounts` for a volume."""
    return {
        "Type": "volume",
        "Name": name,
        "Source": volume_path(name),
        "Destination": target,
        "Driver": "local",
        "Mode": mode,
        "RW": is_writable,
        "Propagation": "",
    }


def path_mount(
    source: str,
    target: str,
    mode: str,
    is_writable: bool,  # noqa: FBT001 (RW of the entry)
    propagation: str = "rprivate",
) -> JsonDict:
    """An entry of `Mounts` for a folder of the host."""
    return {
        "Type": "bind",
        "Source": source,
        "Destination": target,
        "Mode": mode,
        "RW": is_writable,
        "Propagation": propagation,
    }
