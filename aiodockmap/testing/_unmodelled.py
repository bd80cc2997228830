"""What a container engine does and the embedded one does not, with the reason."""

from __future__ import annotations

import re
from typing import Final

from ._answers import ApiError, Call

STATUS: Final = 501
_NO_FILES: Final = "it has no file systems, so that there is nothing to {}"
_NO_RESOURCES: Final = "its processes use no {}"
_NO_MEMORY: Final = "its processes have no memory to save"
_NO_PLUGINS: Final = "it has no plugins"
_NO_SWARM: Final = "it is one engine, and never a part of a swarm"

REASONS: Final[tuple[tuple[str, str, str], ...]] = (
    # Method, path, and why it is not done; `*` is any method.
    ("POST", "build", _NO_FILES.format("build images from")),
    ("POST", "session", "it builds no images"),
    ("GET", "images/get", _NO_FILES.format("save")),
    ("GET", "images/{ref}/get", _NO_FILES.format("save")),
    ("POST", "images/load", _NO_FILES.format("load images into")),
    ("GET", "images/search", "its registry knows images by their names only"),
    ("GET", "distribution/{ref}/json", "its registry knows images by their names only"),
    ("GET", "containers/{ref}/archive", _NO_FILES.format("copy from")),
    ("GET", "containers/{ref}/changes", _NO_FILES.format("compare")),
    ("GET", "containers/{ref}/export", _NO_FILES.format("export")),
    ("GET", "containers/{ref}/stats", _NO_RESOURCES.format("memory and no processor")),
    ("GET", "containers/{ref}/checkpoints", _NO_MEMORY),
    ("POST", "containers/{ref}/checkpoints", _NO_MEMORY),
    ("DELETE", "containers/{ref}/checkpoints/{ref}", _NO_MEMORY),
    *(
        ("*", f"{kind}{rest}", _NO_SWARM)
        for kind in ("swarm", "services", "nodes", "tasks", "secrets", "configs")
        for rest in ("", "/{ref}")
    ),
    ("*", "plugins", _NO_PLUGINS),
    ("*", "plugins/{ref}", _NO_PLUGINS),
)
_PATTERNS: Final = tuple(
    (method, re.compile(re.escape(path).replace(r"\{ref\}", ".+")), reason)
    for method, path, reason in REASONS
)


def check_modelled(call: Call) -> None:
    """Refuse a call of the Engine API that the embedded engine does not answer.

    Raises:
        ApiError: 501.
    """
    for method, path, reason in _PATTERNS:
        if method in ("*", call.method) and path.fullmatch(call.path):
            said = f"the embedded engine does not answer {call.method} /{call.path}: {reason}"
            raise ApiError(STATUS, said)
