"""How a container differs from what the map asks for: a comparison of three.

What is asked for, what was asked for when the container was created (the digests in its labels), and what the
engine shows. A field that cannot change on a container, and is asked for as it was, is as it should be,
however the engine writes it. Only for the others the engine's word is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import field, frozen

from ..model import JsonObject, object_at
from ..state import (
    ImageDetails,
    container_fields,
    digests,
    read_ownership,
    unmounted_volumes,
)
from ._difference import Difference, Remedy
from ._normal_forms import complete_platform
from ._rules import LIMITS, Rule, entry_name, field_name, rule_of


@frozen(kw_only=True)
class Comparison:
    """The two sides, and what is known besides."""

    name: str
    """Of the container on its engine, which keys the digests."""
    fields: Mapping[str, object] = field(repr=False)
    """What is asked for: body and platform, taken apart (`state.container_fields`)."""
    details: JsonObject = field(repr=False)
    """What is: `GET /containers/{id}/json`."""
    image: ImageDetails = field(factory=ImageDetails)
    """Of the image that the container was made from; empty if that is gone."""
    native_platform: str = ""
    """What the engine runs where nobody asks for a platform."""
    container_ids: Mapping[str, str] = field(factory=dict)
    """Names of containers to their ids, for references to them."""
    unsupported: frozenset[str] = frozenset()
    """What the host of the engine cannot limit, by the keys of `GET /info`."""
    changes_limits: bool = True
    """Whether the engine changes limits of a container that exists; if not, they are fields like others."""


@frozen(kw_only=True)
class _Sides:
    """Fields by their paths, on each side."""

    asked: Mapping[str, object]
    """With what an engine makes of it: the ids of other containers, the limit of swap."""
    as_written: Mapping[str, object]
    """The same without, as it was put into digests."""
    shown: Mapping[str, object]
    given: Mapping[str, object]
    """By the image, or the engine."""
    before: Mapping[str, str] | None
    """Digests of what was asked for at creation; None if nobody wrote them down."""
    name: str
    """Of the container, which keys the digests."""
    unsupported: frozenset[str]
    changes_limits: bool

    def is_live(self, rule: Rule) -> bool:
        """Whether the engine can change the field on the container as it runs."""
        return rule.remedy is Remedy.LIVE and self.changes_limits

    def is_as_before(self, name: str) -> bool:
        """Whether the field was asked for in the same way when the container was created."""
        if self.before is None or name not in self.as_written:
            return False
        now = digests({name: self.as_written[name]}, self.name)
        return self.before.get(name) == now[name]


def differences(compared: Comparison) -> tuple[Difference, ...]:
    """All differences but those of the image and of network connections, in the order of the fields."""
    labels = object_at(object_at(compared.details, "Config"), "Labels")
    ownership = read_ownership({key: str(value) for key, value in labels.items()})
    asked = {**compared.fields, **_references(compared.fields, compared.container_ids)}
    if compared.changes_limits:
        asked |= derived_swap(compared.fields)
    if ownership is not None and asked.get("Entrypoint"):
        # With an entrypoint of its own, a container does without the command of the image.
        asked.setdefault("Cmd", None)
    if "Platform" in asked:
        asked["Platform"] = complete_platform(str(asked["Platform"]), compared.native_platform)
    sides = _Sides(
        asked=asked,
        as_written=compared.fields,
        shown=container_fields(_as_body(compared.details), None, _platform(compared)),
        given={**compared.image.fields, "Platform": compared.native_platform},
        before=ownership.digests if ownership else None,
        name=compared.name,
        unsupported=compared.unsupported,
        changes_limits=compared.changes_limits,
    )
    found = {
        difference.field: difference
        for difference in (*_changed(sides), *_removed(sides), *_limits_by_hand(sides))
    }
    return tuple(found[name] for name in sorted(found) if not _is_told_as_bind(name, found))


def _is_told_as_bind(name: str, found: Mapping[str, Difference]) -> bool:
    """Whether it is the place of a mount that is told already (ENG-7 has it in both fields)."""
    return field_name(name) == "Volumes" and f"HostConfig.Binds.{entry_name(name)}" in found


def _changed(sides: _Sides) -> Iterator[Difference]:
    for name, value in sides.asked.items():
        rule = rule_of(name)
        if _is_told_elsewhere(name, sides.asked):
            continue
        is_same = _form(name, value, rule) == _shown_form(name, value, rule, sides.shown)
        if not is_same and (why := _impossible(name, rule, sides)):
            yield _difference(name, why, Remedy.NOTE)
            continue
        is_certain = sides.is_live(rule) or rule.is_plain
        if is_same or (not is_certain and sides.is_as_before(name)):
            continue
        is_known = rule.is_certain or sides.before is not None
        is_there = _shown_form(name, value, rule, sides.shown) not in (None, rule.normal(None))
        what = "changed" if is_there else "is not set"
        if is_known:
            yield _mended(name, rule, what, sides)
        else:
            yield _difference(name, what, Remedy.NOTE)


def _impossible(name: str, rule: Rule, sides: _Sides) -> str | None:
    """Why what is asked for cannot be had from this engine."""
    if rule.capability in sides.unsupported:
        return "is not possible on this host"
    was_asked_for = sides.before is not None and name in sides.before
    if not (rule.may_be_discarded and was_asked_for) or _was_nothing(name, sides):
        return None
    is_there = _shown_form(name, None, rule, sides.shown) not in (None, rule.normal(None))
    return None if is_there else "was asked for, and the engine goes on without it"


_NOTHINGS: Final[tuple[object, ...]] = (None, False, 0, "", [], {})


def _was_nothing(name: str, sides: _Sides) -> bool:
    """Whether what was asked for at creation was to be unset: a digest tells that of known values."""
    before = (sides.before or {}).get(name)
    return any(before == digests({name: each}, sides.name)[name] for each in _NOTHINGS)


def _removed(sides: _Sides) -> Iterator[Difference]:
    for name in sides.before or ():
        if (
            name in sides.asked
            or _is_told_elsewhere(name, sides.asked)
            or sides.is_live(rule := rule_of(name))
        ):
            continue
        form = _shown_form(name, None, rule, sides.shown)
        if form is None or form == rule.default:
            continue
        if rule.is_bag and form == _shown_form(name, None, rule, sides.asked):
            continue
        if (
            name in sides.given
            and form == _form(name, sides.given[name], rule)
            and not (name == "Entrypoint" and _lacks_command_of_image(sides))
        ):
            continue
        yield _mended(name, rule, "removed", sides)


def _lacks_command_of_image(sides: _Sides) -> bool:
    """Whether an entrypoint that is not asked for any more keeps the command of the image away."""
    rule = rule_of("Cmd")
    given = rule.normal(sides.given.get("Cmd"))
    return "Cmd" not in sides.asked and rule.normal(sides.shown.get("Cmd")) != given


def _limits_by_hand(sides: _Sides) -> Iterator[Difference]:
    """Limits that nobody asks for (any more), wherever they come from (UPD-55).

    Where nobody can set them by hand, those that nobody asked for are of the engine's own making.
    """
    for name, rule in LIMITS.items() if sides.changes_limits else ():
        if name in sides.asked or name not in sides.shown or rule.capability in sides.unsupported:
            continue
        if rule.normal(sides.shown[name]) == rule.normal(None):
            continue
        if sides.before is None:
            yield _difference(name, "is set, and not by the map", Remedy.NOTE)
            continue
        remedy = rule.remedy if rule.neutral is not None else Remedy.REPLACE
        yield _difference(name, "removed", remedy)


def _form(name: str, value: object, rule: Rule) -> object:
    return rule.normal(entry_name(name) if rule.is_bag else value)


def _shown_form(name: str, value: object, rule: Rule, shown: Mapping[str, object]) -> object:
    """The form of a field on one side; of a bag, that of the equal entry if there is one."""
    if rule.is_bag:
        wanted, start = _form(name, value, rule), field_name(name) + "."
        forms = (_form(other, None, rule) for other in shown if other.startswith(start))
        return next((form for form in forms if form == wanted), None)
    return rule.normal(shown[name]) if name in shown else None


def _mended(name: str, rule: Rule, what: str, sides: _Sides) -> Difference:
    """A difference with the remedy of its rule, or the next one where the engine does not have that."""
    if rule.remedy is Remedy.LIVE and not sides.is_live(rule):
        return _difference(name, f"{what}, which this engine cannot do live", Remedy.REPLACE)
    return _difference(name, what, rule.remedy)


def _difference(name: str, what: str, remedy: Remedy) -> Difference:
    words, entry = rule_of(name).words or field_name(name).rpartition(".")[2], entry_name(name)
    about = f"{words}: {entry} {what}" if entry else f"{words} {what}"
    return Difference(field=name, words=about, remedy=remedy)


def _is_told_elsewhere(name: str, asked: Mapping[str, object]) -> bool:
    """Connections and images are compared by themselves; network mode `none` says it all (UPD-21)."""
    if name == "NetworkDisabled":
        return asked.get("HostConfig.NetworkMode") == "none"
    return field_name(name) in {"Networks", "Image"}


def _platform(compared: Comparison) -> str:
    """What a container runs as; of itself, engines before API 1.48 show the operating system only."""
    descriptor = object_at(compared.details, "ImageManifestDescriptor")
    own = object_at(descriptor, "platform")
    parts = [str(own[key]) for key in ("os", "architecture", "variant") if own.get(key)]
    return "/".join(parts) or compared.image.platform


def _as_body(details: JsonObject) -> JsonObject:
    """An inspection in the shape of a body to create the container by."""
    host = dict(object_at(details, "HostConfig"))
    shown = {str(bind).split(":")[1] for bind in _texts(host.get("Binds")) if ":" in str(bind)}
    # What was mounted by other means than binds is told by the list of mounts alone.
    for mount in _entries(details.get("Mounts")):
        target = str(mount.get("Destination", ""))
        if target and target not in shown:
            mode = "rw" if mount.get("RW") else "ro"
            source = mount.get("Name") or mount.get("Source")
            host["Binds"] = [*_texts(host.get("Binds")), f"{source}:{target}:{mode}"]
    volumes: dict[str, object] = {
        str(mount.get("Destination")): {} for mount in _entries(details.get("Mounts"))
    }
    config, missing = dict(object_at(details, "Config")), unmounted_volumes(details)
    for path in object_at(config, "Volumes"):
        if path not in missing:
            volumes.setdefault(path, {})
    config["Volumes"] = volumes
    return {**config, "HostConfig": host}


def derived_swap(fields: Mapping[str, object]) -> dict[str, object]:
    """The swap limit that an engine derives from the memory limit (UPD-53); nothing if it has none to."""
    memory = fields.get("HostConfig.Memory")
    if not isinstance(memory, int) or memory <= 0 or fields.get("HostConfig.MemorySwap"):
        return {}
    return {"HostConfig.MemorySwap": 2 * memory}


_REFERENCES: Final = ("HostConfig.NetworkMode", "HostConfig.PidMode", "HostConfig.IpcMode")


def _references(fields: Mapping[str, object], ids: Mapping[str, str]) -> dict[str, object]:
    """References to containers by id, as engines store them."""
    found: dict[str, object] = {}
    for key in _REFERENCES:
        kind, _, name = str(fields.get(key, "")).partition(":")
        if kind == "container" and name in ids:
            found[key] = f"container:{ids[name]}"
    return found


def _entries(value: object) -> list[JsonObject]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
