"""What has piled up on one engine, whether or not a map describes it."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from ..engine import Engine
from ..errors import OptionError
from ..model import ResourceKind
from ..plan import (
    Plan,
    plan_container_cleanup,
    plan_container_removal,
    plan_container_stop,
    plan_full_removal,
    plan_image_cleanup,
    plan_image_removal,
)
from ._pipeline import Pipeline

Names = Iterable[str]


@frozen(kw_only=True)
class Housekeeping:
    """Looks at one engine, and plans what can go from it; `MapClient.housekeeping` makes it.

    The plans are like any other: `render()` is the dry run, `plan.notes` say what stays and why, and
    `MapClient.apply` carries them out. What vanished meanwhile, or is used by then, is left alone or
    reported. Of volumes, only marks of commands that were to be run in what is gone are removed, and
    anonymous ones if `plan_container_removal` is told to. Doing it twice does no harm.

    All methods raise `EngineError` if the engine cannot be looked at.
    """

    engine_name: str
    _engine: Engine = field(repr=False)
    _pipeline: Pipeline = field(repr=False)

    async def container_names(self) -> frozenset[str]:
        """The names of all containers, running or not (UTL-8)."""
        return frozenset(each.name for each in await self._engine.list_containers())

    async def image_tags(self) -> dict[str, str]:
        """The tags of all images, `repository:tag` as the engine writes it, with the images' ids (UTL-8)."""
        images = await self._engine.list_all_images()
        return {tag: image.id for image in images for tag in image.tags}

    async def plan_container_cleanup(
        self, *, include_initial: bool = False, exclude: Names = ()
    ) -> Plan:
        """Plan the removal of the containers that have ended (UTL-5).

        Persistent containers of the client's maps stay.

        Args:
            include_initial: Also those that were never started.
            exclude: Names of containers that stay.
        """
        keep = self._persistent() | self._excluded(exclude)
        # Asked for first: a container exists before its marks do.
        volumes = await self._engine.list_volumes()
        containers = await self._engine.list_containers()
        return plan_container_cleanup(
            self.engine_name,
            containers,
            include_initial=include_initial,
            keep=keep,
            volumes=volumes,
        )

    async def plan_full_removal(self, *, timeout: int = 10, exclude: Names = ()) -> Plan:  # noqa: ASYNC109  # Docker's own patience
        """Plan to stop all containers that run, and to remove all that there are (UTL-7).

        Args:
            timeout: Seconds of grace before a container is killed.
            exclude: Names of containers that stay.
        """
        volumes = await self._engine.list_volumes()
        containers = await self._engine.list_containers()
        return plan_full_removal(
            self.engine_name,
            containers,
            grace=timeout,
            keep=self._excluded(exclude),
            volumes=volumes,
        )

    async def plan_container_stop(self, names: Names, *, timeout: int | None = None) -> Plan:  # noqa: ASYNC109  # Docker's own patience
        """Plan to stop the named containers, whoever made them (UTL-4); notes tell of those that are gone.

        Args:
            names: As they are called on the engine.
            timeout: Seconds of grace before a container is killed; None for the container's own.
        """
        containers = await self._engine.list_containers()
        return plan_container_stop(
            self.engine_name, containers, _names("names", names), grace=timeout
        )

    async def plan_container_removal(
        self,
        names: Names,
        *,
        timeout: int | None = None,  # noqa: ASYNC109  # Docker's own patience
        volumes: bool = False,
    ) -> Plan:
        """Plan to stop and remove the named containers, whoever made them (UTL-4).

        Notes tell of those that are gone.

        Args:
            names: As they are called on the engine.
            timeout: As of `plan_container_stop`.
            volumes: Their anonymous volumes go as well.
        """
        present = await self._engine.list_volumes()
        return plan_container_removal(
            self.engine_name,
            await self._engine.list_containers(),
            _names("names", names),
            grace=timeout,
            anonymous=volumes,
            volumes=present,
        )

    async def plan_image_removal(self, references: Names, *, force: bool = False) -> Plan:
        """Plan to remove the named images (UTL-4); notes tell of those that are gone.

        An image with several names loses the given one, and goes with its last. The engine refuses, as a
        failed step, what a container uses.

        Args:
            references: Names, without a tag `latest` is meant, or ids: then all names go.
            force: Also if containers that do not run use it.

        Raises:
            PlanningError: for what is no name of an image.
        """
        images = await self._engine.list_all_images()
        return plan_image_removal(
            self.engine_name, images, _names("references", references), force=force
        )

    async def plan_image_cleanup(
        self, *, remove_old: bool = False, keep_tags: Names = (), force: bool = False
    ) -> Plan:
        """Plan the removal of images that no container and no image that stays needs (UTL-6).

        Images with a tag stay, unless `remove_old` is set. What was pulled by its digest has no tag.

        Args:
            remove_old: Of those that no container uses, only images with the tag `latest` stay.
            keep_tags: Further tags that stay; without `remove_old` all do anyway.
            force: What is planned goes also if by then a container uses it that does not run.
        """
        tags = {"latest", *_names("keep_tags", keep_tags)} if remove_old else None
        images = await self._engine.list_all_images()
        # Asked for later, so that an image whose container is just being made is seen as used.
        containers = await self._engine.list_containers()
        return plan_image_cleanup(self.engine_name, images, containers, keep_tags=tags, force=force)

    def _persistent(self) -> dict[str, str]:
        return {
            each.name: f"it is persistent on map {name}"
            for name in self._pipeline.maps.by_name
            for each in self._pipeline.persistent(name)
            if each.kind is ResourceKind.CONTAINER and each.engine == self.engine_name
        }

    def _excluded(self, names: Names) -> dict[str, str]:
        return dict.fromkeys(_names("exclude", names), "it is excluded")


def _names(argument: str, names: Names) -> tuple[str, ...]:
    found = (names,) if isinstance(names, str) else tuple(names)
    if not all(isinstance(each, str) for each in found):
        raise OptionError(f"{argument} are names")
    return found
