"""What an engine shows to registries: credentials, looked for when a pull or push needs them first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Self

from anyio import Lock, to_thread
from attrs import define, field

from ..errors import ImagePullError, RegistryError
from ..model import JsonObject, LazyOr, ResourceId, resolve, resolve_deep
from ._credential_helpers import ask_helper
from ._docker_config import DockerConfig, by_registry, config_path, plain_credentials


@define(eq=False)
class Credentials:
    """The credentials of one engine, for one run (PULL-3).

    Those of the client's configuration win, then come a credential helper and the Docker configuration,
    if the client is to use one. What was found, or not found, is remembered.
    """

    _explicit: Mapping[str, JsonObject] = field(factory=dict, repr=False)
    _docker_config: str | bool | None = None
    _file: DockerConfig | None = field(default=None, init=False, repr=False)
    _found: dict[str, JsonObject | str | None] = field(factory=dict, init=False, repr=False)
    """By registry; a text is why there are none."""
    _asking: dict[str, Lock] = field(factory=lambda: defaultdict(Lock), init=False, repr=False)

    @classmethod
    def of(
        cls,
        auth_configs: Mapping[str, object],
        docker_config: LazyOr[str] | bool | None = None,  # noqa: FBT001  # what users write
    ) -> Self:
        """The credentials that a client's configuration names; nothing is read yet."""
        resolved = resolve_deep(auth_configs)
        explicit = by_registry(resolved if isinstance(resolved, Mapping) else {})
        if docker_config is None or docker_config is False:
            return cls(explicit)
        return cls(explicit, docker_config if docker_config is True else resolve(docker_config))

    async def find(
        self,
        registry: str,
        image: ResourceId | None,
        error: type[RegistryError] = ImagePullError,
    ) -> JsonObject | None:
        """The credentials of a registry, as images name it; None to do without.

        Each registry is looked up once, however many ask; cancelling a look-up ends its helper.

        Args:
            registry: Host, and port if it has one.
            image: What is to be pulled or pushed, for errors.
            error: What a failure is a failure of.

        Raises:
            RegistryError: of that class, if they are somewhere, and cannot be had; says nothing of what they
                are.
        """
        async with self._asking[registry]:
            if registry not in self._found:
                self._found[registry] = await self._look_up(registry)
        found = self._found[registry]
        if isinstance(found, str):
            raise error(
                f"there are no credentials for {registry}: {found}",
                resource=image,
                advice="mend that, or give auth_configs to the client, which win",
            )
        return found

    async def _look_up(self, registry: str) -> JsonObject | str | None:
        place = "auth_configs of the client"
        try:
            entry = self._explicit.get(registry)
            if entry is None and self._docker_config is not None:
                place = "docker_config of the client"
                config = await self._read()
                place = str(config.path)
                helper = config.helper(registry)
                kept = await ask_helper(helper, registry) if helper else None
                entry = kept or config.auths.get(registry)
            return None if entry is None else plain_credentials(entry)
        except ValueError as problem:
            return f"{place}: {problem}"

    async def _read(self) -> DockerConfig:
        if self._file is None:
            setting = self._docker_config
            assert setting is not None  # noqa: S101  # looked at before
            must_exist = setting is not True
            self._file = await to_thread.run_sync(
                lambda: DockerConfig.read(config_path(setting), must_exist=must_exist)
            )
        return self._file
