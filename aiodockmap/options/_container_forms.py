"""Options with a structure of their own, in docker-py's forms and in those of the Engine API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..errors import Problem
from ..model import HealthCheck, step_to
from ..state import LABEL_PREFIX
from ._conversions import (
    BadValue,
    Converter,
    Part,
    integer,
    is_sequence,
    kind_of,
    list_of,
    map_of,
    nanoseconds,
    option_map,
    parts_of,
    record,
    text,
    texts,
)


def environment(value: object) -> list[str]:
    """Accept a mapping, where null means to remove the variable, and `NAME=value` texts.

    The last of several entries for one variable holds; the engine would keep them all.
    """
    if isinstance(value, Mapping):
        values = map_of(_value)(value)
        return [name if given is None else f"{name}={given}" for name, given in values.items()]
    if not is_sequence(value) and not isinstance(value, str):
        raise BadValue(f"must be a mapping or a list of NAME=value, not {kind_of(value)}")
    return list({entry.partition("=")[0]: entry for entry in texts(value)}.values())


def _value(value: object) -> str | None:
    return None if value is None else text(value)


def user(value: object) -> str:
    """Accept a name or number, `user:group`, and the two as a pair (ENG-3)."""
    if not is_sequence(value):
        return text(value)
    parts = texts(value)
    if len(parts) not in {1, 2}:
        raise BadValue("must be a user, or a user and a group")
    return ":".join(parts)


def labels(value: object) -> dict[str, str]:
    """Accept a mapping, and a list of labels without value."""
    if isinstance(value, Mapping):
        return option_map(value)
    return dict.fromkeys(texts(value), "")


def own_labels(value: object) -> dict[str, str]:
    """The same, for what would carry labels of this library as well."""
    found = labels(value)
    reserved = [name for name in found if name.startswith(LABEL_PREFIX)]
    if reserved:
        message = f"labels that start with {LABEL_PREFIX!r} are written by this library"
        raise BadValue.of(
            Problem(step_to(name), message, "choose another prefix") for name in reserved
        )
    return found


def device(value: object) -> dict[str, object]:
    """Accept `host[:container[:permissions]]`, and the engine's fields."""
    if isinstance(value, str):
        source, _, rest = value.partition(":")
        target, _, permissions = rest.partition(":")
        if target and not permissions and not target.startswith("/"):
            target, permissions = "", target
        fields: dict[str, object] = {"PathOnHost": source}
        fields |= {"PathInContainer": target} if target else {}
        fields |= {"CgroupPermissions": permissions} if permissions else {}
    else:
        fields = _DEVICE(value)
    # runc refuses devices without permissions, and the engine does not fill them in.
    return {
        "PathOnHost": fields["PathOnHost"],
        "PathInContainer": fields.get("PathInContainer") or fields["PathOnHost"],
        "CgroupPermissions": fields.get("CgroupPermissions") or "rwm",
    }


_DEVICE: Final = record(
    Part("PathOnHost", ("path_on_host",), text, required=True),
    Part("PathInContainer", ("path_in_container",), text),
    Part("CgroupPermissions", ("cgroup_permissions",), text),
)

device_request: Final = record(
    Part("Driver", ("driver",), text),
    Part("Count", ("count",), integer),
    Part("DeviceIDs", ("device_ids",), texts),
    Part("Capabilities", ("capabilities",), list_of(texts)),
    Part("Options", ("options",), option_map),
)


def device_value(name: str, convert: Converter[int]) -> Converter[dict[str, object]]:
    """Accept `{Path, <name>}`, and `path:value` texts."""
    fields = record(
        Part("Path", ("path",), text, required=True),
        Part(name, (name.lower(),), convert, required=True),
    )

    def converted(value: object) -> dict[str, object]:
        if isinstance(value, str):
            path, _, number = value.rpartition(":")
            return {"Path": path, name: convert(number)}
        return fields(value)

    return converted


def ulimits(value: object) -> list[dict[str, object]]:
    """Accept a list of `{Name, Soft, Hard}`, and a mapping from name to limit or `{soft, hard}`.

    Where one of the two limits is missing, the other holds for both, as on Docker's command line.
    """
    if isinstance(value, Mapping) and not {"Name", "name"} & value.keys():
        return parts_of(
            (step_to(name), _ulimit, {"Name": name, **_soft_and_hard(given)})
            for name, given in value.items()
        )
    return list_of(_ulimit)(value)


def _soft_and_hard(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {"Soft": value, "Hard": value}


def _ulimit(value: object) -> dict[str, object]:
    fields = _ULIMIT(value)
    if "Soft" not in fields and "Hard" not in fields:
        raise BadValue("lacks Soft and Hard")
    soft = fields.get("Soft", fields.get("Hard"))
    return {"Name": fields["Name"], "Soft": soft, "Hard": fields.get("Hard", soft)}


_ULIMIT: Final = record(
    Part("Name", ("name",), text, required=True),
    Part("Soft", ("soft",), integer),
    Part("Hard", ("hard",), integer),
)


def log_config(value: object) -> dict[str, object]:
    """Accept `{type, config}` in either spelling, and the driver's name alone."""
    if isinstance(value, str):
        return {"Type": value, "Config": {}}
    fields = _LOG_CONFIG(value)
    return {"Type": fields.get("Type", ""), "Config": fields.get("Config", {})}


_LOG_CONFIG: Final = record(Part("Type", ("type",), text), Part("Config", ("config",), option_map))


def restart_policy(value: object) -> dict[str, object]:
    """Accept `{Name, MaximumRetryCount}`, and `on-failure:3`."""
    if isinstance(value, str):
        name, colon, count = value.partition(":")
        fields: dict[str, object] = {"Name": name}
        fields |= {"MaximumRetryCount": integer(count)} if colon else {}
    else:
        fields = _RESTART_POLICY(value)
    name = str(fields.get("Name", ""))
    if name not in _RESTART_POLICIES:
        known = ", ".join(repr(policy) for policy in _RESTART_POLICIES if policy)
        raise BadValue(f"has the name {name!r}; there are {known}")
    if name != "on-failure":
        # Engines refuse a count here; it is left over from a weaker layer.
        fields.pop("MaximumRetryCount", None)
    return fields


_RESTART_POLICIES: Final = ("", "no", "always", "unless-stopped", "on-failure")
_RESTART_POLICY: Final = record(
    Part("Name", ("name",), text),
    Part("MaximumRetryCount", ("maximum_retry_count",), integer),
)


def healthcheck(value: object) -> dict[str, object]:
    """Accept a mapping in either spelling, a shell command, and what a map makes of its own forms.

    A list as test begins with its kind, or is run as it is; `NONE` switches the image's check off.
    """
    if isinstance(value, HealthCheck):
        fields = {
            "Test": value.test or None,
            "Interval": value.interval,
            "Timeout": value.timeout,
            "Retries": value.retries,
            "StartPeriod": value.start_period,
        }
        return _HEALTHCHECK(fields)
    if not isinstance(value, Mapping):
        return {"Test": _test(value)}
    return _HEALTHCHECK(value)


def _test(value: object) -> list[str]:
    if isinstance(value, str):
        return ["NONE"] if value in {"", "NONE"} else ["CMD-SHELL", value]
    test = texts(value)
    return test if not test or test[0] in {"NONE", "CMD", "CMD-SHELL"} else ["CMD", *test]


_HEALTHCHECK: Final = record(
    Part("Test", ("test",), _test),
    Part("Interval", ("interval",), nanoseconds),
    Part("Timeout", ("timeout",), nanoseconds),
    Part("Retries", ("retries",), integer),
    Part("StartPeriod", ("start_period",), nanoseconds),
    Part("StartInterval", ("start_interval",), nanoseconds),
)
