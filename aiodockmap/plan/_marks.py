"""Names of marks, each of one thing that is still to be done, and the end of marks."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from ..model import ResourceId
from ._actions import ClearMark
from ._drafts import Draft
from ._reasons import Cause, Reason

_DIGEST_BYTES: Final = 6


def mark_name(resource: ResourceId, kind: str, content: str) -> str:
    """The name of the mark that says this of a resource; the name itself tells nothing of it."""
    digest = blake2b(content.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return resource.name + kind + digest


def forget(resource: ResourceId, marks: Iterable[str], cause: Cause) -> list[Draft]:
    """The end of marks that stand for nothing any more."""
    return [Draft(resource, ClearMark(mark=mark), (Reason(cause),)) for mark in sorted(marks)]
