"""What a client, and a single run, can be told besides the selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

from attrs import evolve, field, frozen

from ..compile import NamingPolicy
from ..errors import OptionError
from ..execute import OnFailure
from ..model import did_you_mean
from ..plan import OPTIONS

_POLICY_SETTINGS: Final = frozenset(
    {"core_image", "base_image", "hostname_replace", "default_client_name", "default_network_names"}
)
"""The settings of API-11 that are no options of an action; `base_image` has no effect (LEG-1)."""


@frozen(kw_only=True)
class Settings:
    """The option defaults of a client, read once (API-11)."""

    option_defaults: Mapping[str, object] = field(factory=dict)
    core_image: str = "busybox:latest"
    naming: NamingPolicy = field(factory=NamingPolicy)

    @classmethod
    def of(cls, option_defaults: Mapping[str, object], naming: NamingPolicy | None) -> Self:
        """Check the names and take out what is meant for naming and preparing.

        Raises:
            OptionError: for a name that no action and no setting has.
        """
        known = _POLICY_SETTINGS.union(*OPTIONS.values())
        for name in option_defaults:
            if name not in known:
                hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}"
                raise OptionError(f"no option is named {name!r}; {hint}")
        policy = naming or NamingPolicy()
        if "hostname_replace" in option_defaults:
            policy = evolve(policy, hostname_replace=option_defaults["hostname_replace"])
        if "default_client_name" in option_defaults:
            policy = evolve(policy, default_client_name=str(option_defaults["default_client_name"]))
        core_image = option_defaults.get("core_image", "busybox:latest")
        if not isinstance(core_image, str):
            raise OptionError(f"core_image is the name of an image, not {core_image!r}")
        return cls(option_defaults=dict(option_defaults), core_image=core_image, naming=policy)


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
