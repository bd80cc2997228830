"""Images of one engine on their way from and to registries, whether or not a map names them."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from ..engine import Credentials, Engine
from ..errors import OptionError, RegistryError
from ..plan import Plan, plan_pulls, plan_pushes

References = Iterable[str]


@frozen(kw_only=True)
class EngineImages:
    """Pulls and pushes images of one engine; `MapClient.images` makes it.

    What is to be done is a plan like any other: `render()` is the dry run, and `MapClient.apply` carries it
    out, with events of progress, all images side by side, `Limits.pull` of them at a time. Cancelling ends
    transfers at once. Credentials are those of the client (`auth_configs`, `docker_config`).

    All methods raise `EngineError` if the engine cannot be looked at.
    """

    engine_name: str
    _engine: Engine = field(repr=False)
    _credentials: Credentials = field(repr=False)

    async def plan_pull(self, references: References, *, missing: bool = False) -> Plan:
        """Plan to pull images (UTL-1); carrying it out may fail, each with an `ImagePullError`.

        Args:
            references: Names; without a tag or digest, `latest` is meant.
            missing: Only what the engine does not have; notes tell of the others.

        Raises:
            PlanningError: for what is no name of an image.
        """
        present = await self._engine.list_images()
        return plan_pulls(self.engine_name, _texts(references), present, missing=missing)

    async def plan_push(self, references: References) -> Plan:
        """Plan to push images to the registries that their names begin with (UTL-1).

        Carrying it out may fail, each with an `ImagePushError`. The digest that an image has in its registry
        is in the `results` of the report; it has none there if the engine does not tell.

        Args:
            references: Names of images that are on the engine; without a tag, `latest` is meant.

        Raises:
            PlanningError: for what is not on the engine, or has no tag; all of it at once.
        """
        present = await self._engine.list_images()
        return plan_pushes(self.engine_name, _texts(references), present)

    async def check_login(self, registry: str) -> None:
        """Have the engine show the credentials of the client to a registry (UTL-2).

        Nothing is remembered by that, here or on the engine: credentials go with each pull and push.

        Args:
            registry: As names of images have it: `registry.example.com:5000`; `docker.io` for Docker Hub.

        Raises:
            RegistryError: if the client has none for it, if the registry refuses them, or cannot be reached.
        """
        (named,) = _texts(registry)
        known = await self._credentials.find(named, None, RegistryError)
        if known is None:
            raise RegistryError(
                f"the client has no credentials for {named}",
                advice="give it auth_configs, or docker_config",
            )
        await self._engine.check_login(named, known)


def _texts(references: References) -> tuple[str, ...]:
    found = (references,) if isinstance(references, str) else tuple(references)
    if not all(isinstance(each, str) for each in found):
        raise OptionError("images are named by texts")
    return found
