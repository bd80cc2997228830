"""How places in a document are written: `$.containers.web.exposes[1]`."""

from __future__ import annotations

import re
from typing import Final

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][\w-]*")


def step_to(key: object) -> str:
    """The step to the entry of a mapping: `.web`, or `['app.one']` where that is clearer."""
    text = str(key)
    return f".{text}" if _PLAIN_KEY.fullmatch(text) else f"[{text!r}]"
