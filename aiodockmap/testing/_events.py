"""What happens on an engine, as `GET /events` tells it."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Final

from attrs import Factory, define, frozen

from ._answers import NANOSECONDS, ApiError, Call, JsonDict, Reply, Streaming, json_answer
from ._filters import has_labels, read_filters
from ._records import Container, Network
from ._timeline import Timeline

KEPT: Final = 256
"""How many past events an engine still knows."""


@frozen
class _Happened:
    number: int
    moment: int
    """Nanoseconds since 1970."""
    document: JsonDict


@define(eq=False)
class EventLog:
    """What has happened so far, as far as it is still known."""

    timeline: Timeline
    _known: deque[_Happened] = Factory(lambda: deque(maxlen=KEPT))
    count: int = 0

    def add(
        self, kind: str, action: str, actor_id: str, attributes: Mapping[str, str], **legacy: str
    ) -> None:
        """Note that something has happened now; `legacy` comes first, as before API 1.22."""
        moment = self.timeline.nanoseconds()
        document = {
            **legacy,
            "Type": kind,
            "Action": action,
            "Actor": {"ID": actor_id, "Attributes": dict(sorted(attributes.items()))},
            "scope": "local",
            "time": moment // NANOSECONDS,
            "timeNano": moment,
        }
        self._known.append(_Happened(self.count, moment, document))
        self.count += 1

    def of_container(self, container: Container, action: str, **attributes: str) -> None:
        """Something has happened to a container."""
        self.add(
            "container",
            action,
            container.id,
            {
                **(container.config["Labels"] or {}),
                "image": container.config["Image"],
                "name": container.name,
                **attributes,
            },
            status=action,
            id=container.id,
            **{"from": container.config["Image"]},
        )

    def of_network(self, network: Network, action: str, container_id: str = "") -> None:
        """Something has happened to a network, or to the connection of a container."""
        attributes = {"name": network.name, "type": network.driver}
        if container_id:
            attributes["container"] = container_id
        self.add("network", action, network.id, attributes)

    def of_volume(self, name: str, action: str, **attributes: str) -> None:
        """Something has happened to a volume."""
        self.add("volume", action, name, {"driver": "local", **attributes})

    def of_image(
        self, ref: str, action: str, name: str = "", labels: Mapping[str, str] | None = None
    ) -> None:
        """Something has happened to an image; `ref` is its id, or the name that was pulled or pushed."""
        attributes = {**(labels or {}), "name": name or ref}
        self.add("image", action, ref, attributes, status=action, id=ref)

    def of_prune(self, kind: str) -> None:
        """Somebody had everything of a kind removed that nobody uses."""
        legacy = {"status": "prune"} if kind in ("container", "image") else {}
        self.add(kind, "prune", "", {"reclaimed": "0"}, **legacy)

    def forget(self) -> None:
        """Know of nothing that has happened so far."""
        self._known.clear()

    def from_number(self, number: int) -> list[_Happened]:
        """Everything that is known from a number on."""
        return [happened for happened in self._known if happened.number >= number]


def stream_events(log: EventLog, call: Call) -> Reply:
    """Answer `GET /events`: what has happened since, and what will happen until then."""
    filters = read_filters(call, None)
    since, until = call.moment("since"), call.moment("until")
    if since is not None and until is not None and since > until:
        shown = call.query["since"], call.query["until"]
        raise ApiError(400, "`since` time ({}) cannot be after `until` time ({})".format(*shown))
    timeline = log.timeline
    first = 0 if since is not None else log.count

    async def chunks() -> AsyncIterator[bytes]:
        number = first
        if until is not None:
            timeline.after((until - timeline.nanoseconds()) / NANOSECONDS, timeline.tell)
        while True:
            for happened in log.from_number(number):
                number = happened.number + 1
                is_meant = (since or 0) <= happened.moment <= (until or happened.moment)
                if is_meant and _is_wanted(happened.document, filters):
                    yield json_answer(happened.document).body
            if until is not None and timeline.nanoseconds() >= until:
                return
            await timeline.until(
                lambda number=number: (  # type: ignore[misc]  # the number of this round
                    log.count > number or (until is not None and timeline.nanoseconds() >= until)
                )
            )

    return Streaming(chunks=chunks, headers={"content-type": "application/json"})


def _is_wanted(document: JsonDict, filters: Mapping[str, list[str]]) -> bool:
    kind, actor = document["Type"], document["Actor"]
    attributes = actor["Attributes"]
    action = document["Action"].partition(":")[0]
    wanted_actions = filters.get("event", [])
    return (
        (not wanted_actions or action in wanted_actions or document["Action"] in wanted_actions)
        and ("type" not in filters or kind in filters["type"])
        and has_labels(attributes, filters.get("label", []))
        and all(
            kind == subject and _is_about(actor["ID"], attributes, filters[subject])
            for subject in ("container", "image", "network", "volume")
            if subject in filters and not (subject == "image" and kind == "container")
        )
        and (
            kind != "container"
            or "image" not in filters
            or attributes.get("image") in filters["image"]
        )
    )


def _is_about(actor_id: str, attributes: Mapping[str, str], wanted: list[str]) -> bool:
    return any(
        ref and (actor_id.startswith(ref) or ref == attributes.get("name")) for ref in wanted
    )
