"""The networks that a container is created with."""

from __future__ import annotations

from typing import Final

from ._answers import ApiError, Call, JsonDict
from ._networks import check_sent_endpoint, empty_endpoint, main_network
from ._records import Container
from ._releases import ENDPOINT_MAC_ADDRESS, SEVERAL_NETWORKS
from ._world import World, short

MOVED: Final = (
    "The container-wide MacAddress field is now deprecated. "
    "It should be specified in EndpointsConfig instead."
)
NOT_MOVED: Final = (
    "HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks"
)
TWO_ADDRESSES: Final = (
    "the container-wide MAC address must match the endpoint-specific MAC address "
    "for the main network, or be left empty"
)


def sent_endpoints(
    world: World, call: Call, body: JsonDict, mode: str, warnings: list[str]
) -> JsonDict:
    """`EndpointsConfig` of a create body, by the names that count.

    Raises:
        ApiError: 400 for what engines refuse.
    """
    sent = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    # The command line says `default` where it means the default network.
    names = {"default": "bridge"} if mode in ("default", "bridge") else {}
    endpoints = {names.get(name, name): dict(settings or {}) for name, settings in sent.items()}
    if len(endpoints) > 1 and not call.speaks(SEVERAL_NETWORKS):
        shown = ", ".join(endpoints)
        message = f"Container cannot be connected to network endpoints: {shown}"
        raise ApiError(400, message, networks=shown)
    if world.release.moves_mac_address:
        _move_mac_address(call, body, mode, endpoints, warnings)
    for name, settings in endpoints.items():
        check_sent_endpoint(world, name, settings)
    return endpoints


def _move_mac_address(
    call: Call, config: JsonDict, mode: str, endpoints: JsonDict, warnings: list[str]
) -> None:
    address = config.get("MacAddress") or ""
    has_endpoint = mode not in ("host", "none") and not mode.startswith("container:")
    if not call.speaks(ENDPOINT_MAC_ADDRESS):
        for settings in endpoints.values():
            settings.pop("MacAddress", None)
        if address and not has_endpoint:
            raise ApiError(400, "conflicting options: mac-address and the network mode")
        if address:
            endpoints.setdefault(next(iter(endpoints), mode), {})["MacAddress"] = address
        return
    if address:
        warnings.append(MOVED)
    if address and has_endpoint:
        if endpoints and mode not in endpoints:
            problem = (
                f"unable to migrate container-wide MAC address to a specific network: {NOT_MOVED}"
            )
            raise ApiError(400, problem)
        settings = endpoints.setdefault(mode, {})
        if settings.setdefault("MacAddress", address) != address:
            raise ApiError(400, TWO_ADDRESSES)
    # What is shown here is what the endpoint has.
    config["MacAddress"] = endpoints.get(mode, {}).get("MacAddress", "")


def endpoints_of(world: World, container: Container, sent: JsonDict) -> dict[str, JsonDict]:
    """`NetworkSettings.Networks` of a new container; its host name depends on the same things."""
    mode: str = container.host_config["NetworkMode"]
    config = container.config
    if not config["Hostname"]:
        config["Hostname"] = world.name if mode == "host" else short(container.id)
    if mode.startswith("container:") or config.get("NetworkDisabled"):
        return {}
    main = main_network(world, container)
    container.mac_addresses = {main: config.get("MacAddress") or ""}
    if world.release.moves_mac_address:
        container.mac_addresses = {
            name: settings.get("MacAddress") or "" for name, settings in sent.items()
        }
    return {
        name: empty_endpoint(world.release, settings)
        for name, settings in (sent or {main: {}}).items()
    }
