"""The engine's core: calls in, answers out, whoever carries them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from functools import partial
from typing import Final

from anyio import get_cancelled_exc_class, move_on_after
from attrs import define, evolve, field, frozen

from ._answers import Answer, ApiError, Call, Dropped, Pending, Reply, Streaming, chunks_of
from ._bodies import check_type
from ._container_calls import start_container
from ._daemon import befall, leave_half_made
from ._faults import (
    CutPower,
    DaemonFault,
    Delay,
    DropAfter,
    DropBefore,
    Fault,
    KillDaemon,
    PlannedFault,
    Reject,
    RestartDaemon,
)
from ._home import Home
from ._routes import READ_JSON, route
from ._world import World

AWAY: Final = "the engine went away"
PLANNED: Final = "the connection was planned to break"


@define(eq=False, kw_only=True)
class ReceivedCall:
    """A call that the engine got."""

    call: str
    """`POST /containers/web/start`, as it came."""
    name: str
    """Of the container, network, volume or image that it is about, whatever it was addressed by."""
    began: float
    """Seconds on the engine's clock."""
    ended: float | None = None
    """When it was answered, or broke off; None while it is not, or if the caller hung up."""
    status: int | None = None
    """What was answered; None for a broken connection."""

    def end(self, now: float, status: int | None = None) -> None:
        """Take note of the answer, or of the end of the connection."""
        self.ended, self.status = now, status


@frozen
class _Names:
    shown: str
    all: tuple[str, ...]


@define(eq=False)
class Core:
    """Answers calls, and has those fail that are meant to."""

    world: World
    home: Home = field(factory=Home)
    calls: list[ReceivedCall] = field(factory=list)
    faults: list[PlannedFault] = field(factory=list)

    async def handle(self, call: Call) -> Answer | Streaming:
        """Answer a call; the body of an answer that streams is still to come.

        A caller that is cancelled has hung up: what it asked for happens all the same.

        Raises:
            ApiError: for an answer with a status of 400 or more.
            Dropped: if the connection was planned to break, or the daemon goes away.
        """
        self.world.timeline.settle()
        if self.world.is_down:
            raise Dropped("the engine is being restarted", connected=False)
        names = self._names(call)
        received = ReceivedCall(
            call=f"{call.method} /{call.path}", name=names.shown, began=self.world.timeline.now
        )
        self.calls.append(received)
        try:
            answer = await self._answer(call, received, names)
        except ApiError as error:
            received.end(self.world.timeline.now, error.status)
            raise
        except Dropped:
            received.end(self.world.timeline.now)
            raise
        received.end(self.world.timeline.now, answer.status)
        return answer

    async def _answer(
        self, call: Call, received: ReceivedCall, names: _Names
    ) -> Answer | Streaming:
        fault = self._fault(received.call, names)
        match fault:
            case Reject(status, message):
                raise ApiError(status, message)
            case DropBefore():
                raise Dropped(PLANNED)
            case DropAfter():
                await whole(await self._done(call))
                raise Dropped(PLANNED)
            case RestartDaemon() | KillDaemon() | CutPower():
                await self._begin(call, fault)
                self.world.timeline.settle()
                befall(self.world, fault)
                raise Dropped(AWAY)
            case Delay(seconds):
                await self._delay(call, seconds)
            case _:
                pass
        reply = await self._done(call)
        if isinstance(reply, Streaming):
            reply = self._cut_off(reply)
        return evolve(reply, headers={**self.world.release.headers, **reply.headers})

    async def _done(self, call: Call) -> Answer | Streaming:
        """Do it, and wait for what it takes.

        Of a pull, a wait or an exec the effect is the end of the stream.
        """
        try:
            reply = self._do(call)
            if isinstance(reply, Pending):
                await self.world.timeline.until(reply.until)
                return reply.then()
        except ApiError as error:
            raise self.world.release.worded(error) from None
        return reply

    async def _begin(self, call: Call, fault: DaemonFault) -> None:
        """Do as much of a call as is done when something happens to the daemon."""
        with suppress(ApiError):
            if fault.when == "after":
                await whole(await self._done(call))
            elif fault.when == "within" and not self._loses_process(call, fault):
                before = set(self.world.containers)
                self._do(call)
                is_sudden = not isinstance(fault, RestartDaemon)
                for made in self.world.containers.keys() - before:
                    if is_sudden and self.world.release.leaves_half_made:
                        leave_half_made(self.world, self.world.containers[made])

    def _loses_process(self, call: Call, fault: DaemonFault) -> bool:
        """Whether there is a process from now on that the daemon does not know of when it is back."""
        handler, routed = route(call)
        if not isinstance(fault, KillDaemon) or not self.world.release.loses_processes:
            return False
        container = self.world.find_container(routed.ref)
        if handler is not start_container or container is None or container.state.is_running:
            return False
        container.has_lost_process = True
        return True

    def _cut_off(self, reply: Streaming) -> Streaming:
        """Let an answer that streams break off when the connections do, with all that is there by then."""
        timeline = self.world.timeline
        before = timeline.interruptions

        async def chunks() -> AsyncIterator[bytes]:
            async with aclosing(chunks_of(reply)) as inner:
                while True:
                    patience = None if timeline.interruptions == before else 0
                    with move_on_after(patience) as waiting:
                        chunk = await anext(inner, None)
                    if waiting.cancelled_caught:
                        raise Dropped(AWAY)
                    if chunk is None:
                        return
                    yield chunk

        return evolve(reply, chunks=chunks)

    async def _delay(self, call: Call, seconds: float) -> None:
        timeline = self.world.timeline
        due = timeline.now + seconds
        before = timeline.interruptions
        try:
            await timeline.sleep(seconds)
        except get_cancelled_exc_class():
            abandoned = evolve(call, is_abandoned=True)
            timeline.after(due - timeline.now, partial(self._do_unheard, abandoned, before))
            timeline.tell()
            raise

    def _do_unheard(self, call: Call, interruptions: int) -> None:
        """Do what somebody asked for who is gone, unless the daemon of that time is gone, too."""
        if self.world.timeline.interruptions == interruptions:
            with suppress(ApiError):
                self._do(call)

    def _do(self, call: Call) -> Reply:
        release = self.world.release
        release.check(call)
        is_document = call.method == "POST" and call.path != "containers/create"
        is_empty = is_document and not call.body.strip()
        body = b"{}" if is_empty and release.takes_empty_bodies else call.body
        known = evolve(call, body=body, version=call.version or release.api_version)
        handler, routed = route(known)
        if handler in READ_JSON:
            check_type(call)
        reply = handler(self.world, routed)
        self.world.timeline.tell()
        return reply

    def _fault(self, call: str, names: _Names) -> Fault | None:
        # All of them count the call, whichever strikes.
        due = [planned for planned in reversed(self.faults) if planned.is_due(call, names.all)]
        return due[0].strike() if due else None

    def _names(self, call: Call) -> _Names:
        kind, _, rest = call.path.partition("/")
        ref = ""
        with suppress(ApiError):
            ref = route(call)[1].ref
        if not ref:
            ref = call.query.get("name") or _named_in_body(call)
        if kind == "images" and rest == "create":
            ref = f"{call.query.get('fromImage', '')}:{call.query.get('tag') or 'latest'}"
        shown = self._own_name(kind, ref)
        names = [shown, ref]
        if kind == "networks" and rest.endswith("connect"):
            names.append(self._own_name("containers", _named_in_body(call)))
        return _Names(shown, tuple(names))

    def _own_name(self, kind: str, ref: str) -> str:
        if kind == "exec" and ref in self.world.execs:
            kind, ref = "containers", self.world.execs[ref].container_id
        if kind == "containers" and (container := self.world.find_container(ref)) is not None:
            return container.name
        if kind == "networks" and (network := self.world.find_network(ref)) is not None:
            return network.name
        return ref


async def whole(reply: Answer | Streaming) -> Answer:
    """Wait for the end of an answer."""
    if isinstance(reply, Answer):
        return reply
    return Answer(status=reply.status, headers=reply.headers, body=await _drain(reply))


async def _drain(reply: Streaming) -> bytes:
    return b"".join([chunk async for chunk in reply.chunks()])


def _named_in_body(call: Call) -> str:
    try:
        body = json.loads(call.body or b"{}")
    except (ValueError, RecursionError):
        return ""
    return str(body.get("Name") or body.get("Container") or "") if isinstance(body, dict) else ""
