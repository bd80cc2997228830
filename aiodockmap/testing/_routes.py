"""Which call is answered by whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from attrs import evolve

from ._answers import ApiError, Call, Reply
from ._archives import put_archive, stat_archive
from ._attach import attach_container, resize_terminal
from ._commits import commit_container
from ._container_calls import (
    inspect_container,
    kill_container,
    list_containers,
    list_processes,
    pause_container,
    remove_container,
    rename_container,
    restart_container,
    start_container,
    stop_container,
    unpause_container,
    update_container,
    wait_for_container,
)
from ._creation import create_container
from ._execs import create_exec, inspect_exec, start_exec
from ._image_calls import (
    create_image,
    inspect_image,
    remove_image,
    tag_image,
)
from ._image_lists import list_images
from ._network_calls import (
    connect_network,
    create_network,
    disconnect_network,
    inspect_network,
    list_networks,
    remove_network,
)
from ._output import read_logs
from ._prune import prune_containers, prune_networks, prune_volumes
from ._push_calls import check_login, push_image
from ._system_calls import events, info, inspect_plugin, list_plugins, ping, version
from ._unmodelled import check_modelled
from ._upkeep import disk_usage, image_history, prune_builds, prune_images
from ._volume_calls import create_volume, inspect_volume, list_volumes, remove_volume
from ._world import World

Handler: TypeAlias = Callable[[World, Call], Reply]
"""Does at once what is asked for; what takes time is left to the timeline and to the reply."""

ROUTES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("GET", "_ping", ping),
    ("HEAD", "_ping", ping),
    ("GET", "version", version),
    ("GET", "info", info),
    ("GET", "events", events),
    ("GET", "containers/json", list_containers),
    ("POST", "containers/create", create_container),
    ("GET", "containers/{ref}/json", inspect_container),
    ("POST", "containers/{ref}/start", start_container),
    ("POST", "containers/{ref}/stop", stop_container),
    ("POST", "containers/{ref}/restart", restart_container),
    ("POST", "containers/{ref}/kill", kill_container),
    ("POST", "containers/{ref}/pause", pause_container),
    ("POST", "containers/{ref}/unpause", unpause_container),
    ("POST", "containers/{ref}/wait", wait_for_container),
    ("POST", "containers/{ref}/rename", rename_container),
    ("POST", "containers/{ref}/update", update_container),
    ("POST", "containers/{ref}/exec", create_exec),
    ("GET", "containers/{ref}/top", list_processes),
    ("GET", "containers/{ref}/logs", read_logs),
    ("POST", "containers/{ref}/attach", attach_container),
    ("POST", "containers/{ref}/resize", resize_terminal),
    ("POST", "containers/prune", prune_containers),
    ("PUT", "containers/{ref}/archive", put_archive),
    ("HEAD", "containers/{ref}/archive", stat_archive),
    ("DELETE", "containers/{ref}", remove_container),
    ("GET", "exec/{ref}/json", inspect_exec),
    ("POST", "exec/{ref}/start", start_exec),
    ("POST", "exec/{ref}/resize", resize_terminal),
    ("GET", "networks", list_networks),
    ("POST", "networks/create", create_network),
    ("POST", "networks/prune", prune_networks),
    ("GET", "networks/{ref}", inspect_network),
    ("POST", "networks/{ref}/connect", connect_network),
    ("POST", "networks/{ref}/disconnect", disconnect_network),
    ("DELETE", "networks/{ref}", remove_network),
    ("GET", "volumes", list_volumes),
    ("POST", "volumes/create", create_volume),
    ("POST", "volumes/prune", prune_volumes),
    ("GET", "volumes/{ref}", inspect_volume),
    ("DELETE", "volumes/{ref}", remove_volume),
    ("POST", "commit", commit_container),
    ("GET", "system/df", disk_usage),
    ("POST", "build/prune", prune_builds),
    ("GET", "images/json", list_images),
    ("POST", "images/create", create_image),
    ("POST", "images/prune", prune_images),
    ("GET", "images/{ref}/history", image_history),
    ("GET", "images/{ref}/json", inspect_image),
    ("POST", "images/{ref}/tag", tag_image),
    ("POST", "images/{ref}/push", push_image),
    ("POST", "auth", check_login),
    ("GET", "plugins", list_plugins),
    ("GET", "plugins/{ref}/json", inspect_plugin),
    ("DELETE", "images/{ref}", remove_image),
)
READ_JSON: Final[frozenset[Handler]] = frozenset(
    (
        *(create_container, update_container, commit_container, create_exec, start_exec),
        *(create_network, connect_network, disconnect_network, create_volume),
    )
)
"""Those that look first whether what they are sent is said to be JSON."""
_PATTERNS: Final = tuple(
    # Names of images and links have slashes.
    (method, re.compile(re.escape(path).replace(r"\{ref\}", "(?P<ref>.+)")), handler)
    for method, path, handler in ROUTES
)


def route(call: Call) -> tuple[Handler, Call]:
    """Find who answers a call, and what it is about.

    Raises:
        ApiError: 501 if only real engines do, 404 if nobody does.
    """
    for method, pattern, handler in _PATTERNS:
        match = pattern.fullmatch(call.path)
        if match and method == call.method:
            return handler, evolve(call, ref=match.groupdict().get("ref") or "")
    check_modelled(call)
    raise ApiError(404, "page not found")
