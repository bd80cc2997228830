"""A map on one engine: what its parts are called there."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from ..config import ClientConfiguration, ContainerConfiguration, ContainerMap
from ..model import ImageReference, MapItem, ResourceId, ResourceKind
from ..options import evaluated_deep
from ._names import NamingPolicy


@frozen(kw_only=True)
class Placement:
    """One map, with all defaults applied and expanded, on one of its engines."""

    map: ContainerMap
    engine: str
    client: ClientConfiguration = field(repr=False)
    naming: NamingPolicy
    given_names: Mapping[MapItem, str] = field(factory=dict)
    """Containers that the arguments of a call give another name (OPT-1)."""

    def container(self, configuration: str, instance: str | None = None) -> ResourceId:
        """The container of a configuration, or of one of its instances."""
        item = MapItem(ResourceKind.CONTAINER, self.map.name, configuration, instance)
        name = self.given_names.get(item) or self._own_name(configuration)
        return ResourceId(
            self.engine,
            ResourceKind.CONTAINER,
            name or self.naming.container_name(self.map.name, configuration, instance),
        )

    def volume(self, owner: str, alias: str) -> ResourceId:
        """The volume that a configuration attaches."""
        owner_part = owner if self.map.use_attached_parent_name else None
        return ResourceId(
            self.engine,
            ResourceKind.VOLUME,
            self.naming.volume_name(self.map.name, alias, owner_part),
        )

    def network(self, name: str) -> ResourceId:
        """A network of the map, or one of the engine's own."""
        return ResourceId(
            self.engine, ResourceKind.NETWORK, self.naming.network_name(self.map.name, name)
        )

    def resource(self, item: MapItem) -> ResourceId:
        """What an item of the map is here.

        Raises:
            ValueError: for images, which are none of the map's own.
        """
        match item.kind:
            case ResourceKind.CONTAINER:
                return self.container(item.name, item.instance)
            case ResourceKind.VOLUME:
                return self.volume(item.name, item.instance or "")
            case ResourceKind.NETWORK:
                return self.network(item.name)
            case ResourceKind.IMAGE:
                raise ValueError(f"{item} is an image")

    def image(self, name: str, configuration: ContainerConfiguration) -> ImageReference:
        """The image of a configuration; evaluates the map's late repository and tag.

        Raises:
            ValueError: if that is no reference to an image.
        """
        return self.naming.image_name(
            configuration.image or None,
            name,
            _late_text(self.map.repository),
            _late_text(self.map.default_tag),
        )

    def _own_name(self, configuration: str) -> str | None:
        found = self.map.containers.get(configuration)
        options = found.create_options if found else None
        name = options.get("name") if isinstance(options, Mapping) else None
        return name if isinstance(name, str) else None


def _late_text(value: object) -> str | None:
    found = evaluated_deep(value)
    return str(found) if found else None
