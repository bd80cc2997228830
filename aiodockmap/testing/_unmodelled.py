"""What a container engine does and the embedded one does not, with the reason."""

from __future__ import annotations

import re
from typing import Final

from ._answers import ApiError, Call

STATUS: Final = 501
_NO_FILES: Final = "it has no file systems, so that there is nothing to {}"
_NO_RESOURCES: Final = "its processes use no {}"
_NO_SWARM: Final = "it is one engine, and never a part of a swarm"

REASONS: Final[tuple[tuple[str, str, str], ...]] = (
    # Methods, path, and why it is not done.
    ("POST", "build", _NO_FILES.format("build images from")),
    ("POST", "session", "it builds no images"),
    ("GET", r"images/get|images/.+/get", _NO_FILES.format("save")),
    ("POST", "images/load", _NO_FILES.format("load images into")),
    ("GET", "images/search", "its registry knows images by their names only"),
    ("GET", "distribution/.+/json", "its registry knows images by their names only"),
    ("GET|HEAD", "containers/.+/archive", _NO_FILES.format("copy from")),
    ("GET", "containers/.+/changes", _NO_FILES.format("compare")),
    ("GET", "containers/.+/export", _NO_FILES.format("export")),
    ("GET", "containers/.+/stats", _NO_RESOURCES.format("memory and no processor")),
    (".*", "containers/.+/checkpoints.*", "its processes have no memory to save"),
    (".*", "(?:swarm|services|nodes|tasks|secrets|configs)(?:/.*)?", _NO_SWARM),
    (".*", "plugins(?:/.*)?", "it has no plugins"),
)
_PATTERNS: Final = tuple(
    (re.compile(methods), re.compile(path), reason) for methods, path, reason in REASONS
)


def check_modelled(call: Call) -> None:
    """Refuse a call of the Engine API that the embedded engine does not answer.

    Raises:
        ApiError: 501.
    """
    for methods, path, reason in _PATTERNS:
        if methods.fullmatch(call.method) and path.fullmatch(call.path):
            said = f"the embedded engine does not answer {call.method} /{call.path}: {reason}"
            raise ApiError(STATUS, said)
