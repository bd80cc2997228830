"""What a client, and a single run, can be told besides the selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self, TypeVar

from attrs import evolve, field, frozen

from ..compile import NamingPolicy
from ..config import is_engine_name
from ..errors import OptionError
from ..execute import Emit, OnFailure
from ..model import ImageReference, did_you_mean
from ..plan import OPTIONS

_POLICY_SETTINGS: Final = frozenset(
    {"core_image", "base_image", "hostname_replace", "default_client_name", "default_network_names"}
)
"""The settings of API-11 that are no options of an action; `base_image` has no effect (LEG-1)."""


_CORE_IMAGE: Final = "busybox:latest"

T = TypeVar("T")


def of_type(name: str, value: object, expected: type[T]) -> T:
    """The value of an argument, if it is what it is to be.

    Raises:
        OptionError: if not; the value itself is not shown.
    """
    if not isinstance(value, expected):
        raise OptionError(f"{name} is a {expected.__name__}, not a {type(value).__name__}")
    return value


def mapping_of(name: str, value: Mapping[str, object]) -> Mapping[str, object]:
    """The same for arguments that are mappings."""
    if not isinstance(value, Mapping):
        raise OptionError(f"{name} is a mapping, not a {type(value).__name__}")
    return value


def listener_of(name: str, value: Emit | None) -> Emit | None:
    """The same for what is called with events, if there is any."""
    if value is not None and not callable(value):
        raise OptionError(f"{name} is called with events: a function, not a {type(value).__name__}")
    return value


@frozen(kw_only=True)
class Settings:
    """The option defaults of a client, read once (API-11)."""

    option_defaults: Mapping[str, object] = field(factory=dict)
    core_image: str = _CORE_IMAGE
    naming: NamingPolicy = field(factory=NamingPolicy)
    default_networks: tuple[str, ...] = ()
    """Of containers that name none (OPTN-17); empty for the engine's own default."""

    @classmethod
    def of(cls, option_defaults: Mapping[str, object], naming: NamingPolicy | None) -> Self:
        """Check the names and take out what is meant for naming and preparing.

        Raises:
            OptionError: for a name that no action and no setting has, or that only a call can have.
        """
        option_defaults = mapping_of("option_defaults", option_defaults)
        known = _POLICY_SETTINGS.union(*OPTIONS.values())
        for name in option_defaults:
            if name == "force_update":
                raise OptionError(
                    "force_update is no default: each call names what it makes anew,"
                    " update(…, force_update=…)"
                )
            if name not in known:
                hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}"
                raise OptionError(f"no option is named {name!r}; {hint}")
        policy = NamingPolicy() if naming is None else of_type("naming", naming, NamingPolicy)
        if "hostname_replace" in option_defaults:
            try:
                policy = evolve(policy, hostname_replace=option_defaults["hostname_replace"])
            except (TypeError, ValueError):
                raise OptionError(
                    "hostname_replace is a list of pairs: what is replaced, and by what"
                ) from None
        if "default_client_name" in option_defaults:
            policy = evolve(policy, default_client_name=str(option_defaults["default_client_name"]))
        core_image = of_type("core_image", option_defaults.get("core_image", _CORE_IMAGE), str)
        try:
            ImageReference.parse(core_image)
        except ValueError as wrong:
            raise OptionError(f"core_image: {wrong}") from None
        return cls(
            option_defaults=dict(option_defaults),
            core_image=core_image,
            naming=policy,
            default_networks=_default_networks(option_defaults.get("default_network_names")),
        )


def _default_networks(names: object) -> tuple[str, ...]:
    names = [names] if isinstance(names, str) else names
    if names is None:
        return ()
    if (
        not isinstance(names, list | tuple)
        or not names
        or not all(isinstance(name, str) and is_engine_name(name) for name in names)
        or {"host", "none"}.intersection(names)
    ):
        raise OptionError(
            "default_network_names are names of networks on the engine, one at least; a container on the"
            " network of its host, or on none, has a network_mode that says so"
        )
    return tuple(dict.fromkeys(names))


@frozen(kw_only=True)
class RunSettings:
    """The keywords that every action takes."""

    on_failure: OnFailure = OnFailure.CONTINUE
    raise_on_error: bool = True

    @classmethod
    def split(cls, options: Mapping[str, object]) -> tuple[Self, dict[str, object]]:
        """Take these keywords out of all that were given.

        Raises:
            OptionError: for a value that they cannot take.
        """
        rest = dict(options)
        on_failure = rest.pop("on_failure", OnFailure.CONTINUE)
        raise_on_error = rest.pop("raise_on_error", True)
        if not isinstance(raise_on_error, bool):
            raise OptionError(f"raise_on_error is True or False, not {raise_on_error!r}")
        try:
            chosen = OnFailure(on_failure)
        except ValueError:
            raise OptionError(f"on_failure is 'continue' or 'stop', not {on_failure!r}") from None
        return cls(on_failure=chosen, raise_on_error=raise_on_error), rest
