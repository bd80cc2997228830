"""The calls of an engine that are about one container."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from ..errors import ContainerFailed
from ..model import JsonObject, ResourceId
from ..state import ExecSpec, ObservedContainer, Process, StopPolicy
from . import _archives, _containers, _diagnosis, _execs, _logs, _stopping
from ._connection import Connection
from ._containers import Created, ExitWaiter
from ._execs import ExecResult
from ._logs import LogLine, LogQuery


class ContainerCalls:
    """A part of `Engine`, which says what goes for all of them."""

    __slots__ = ()

    _connection: Connection

    async def create_container(
        self,
        resource: ResourceId,
        body: JsonObject,
        *,
        platform: str | None = None,
        name: str | None = None,
    ) -> Created:
        """Create a container, named as the resource unless it gets another name.

        Raises:
            ResourceConflict: if the name is taken.
            ResourceNotFound: if the image is not on the engine.
        """
        return await _containers.create_container(
            self._connection, resource, name or resource.name, body, platform=platform
        )

    async def rename_container(self, resource: ResourceId, ref: str, name: str) -> None:
        """Give a container another name.

        Raises:
            ResourceConflict: if the name is taken.
            ResourceNotFound: if there is no such container.
        """
        await _containers.rename_container(self._connection, resource, ref, name)

    async def update_container(
        self, resource: ResourceId, ref: str, body: JsonObject
    ) -> tuple[str, ...]:
        """Change limits and restart policy of a container as it runs; gives the engine's warnings.

        Raises:
            InvalidRequest: for a value that the engine does not accept.
            ResourceConflict: for limits that exclude each other.
        """
        return await _containers.update_container(self._connection, resource, ref, body)

    async def list_processes(self, resource: ResourceId, ref: str) -> tuple[Process, ...] | None:
        """What runs in a container; None if it does not run."""
        return await _containers.list_processes(self._connection, resource, ref)

    async def start_container(self, resource: ResourceId, ref: str) -> bool:
        """Start a container; False if it was running already (EXEC-1).

        Raises:
            ResourceConflict: if a port that it publishes is taken.
            ResourceNotFound: if it, or a network of it, is gone.
            ContainerFailed: if it cannot run otherwise.
        """
        return await _diagnosis.start_container(self._connection, resource, ref)

    def exit_of(self, resource: ResourceId, ref: str) -> AbstractAsyncContextManager[ExitWaiter]:
        """Watch for the next end of a container, which may be started inside the context.

        Once it is entered, no end is missed. Leaving it stops watching.
        """
        return _containers.exit_of(self._connection, resource, ref)

    async def stop_container(self, resource: ResourceId, ref: str, policy: StopPolicy) -> bool:
        """Stop a container as its policy says; False if it was not running (STOP-2 to STOP-5).

        A stop that is cancelled goes on all the same.

        Raises:
            EngineTimeout: if it still runs after all patience.
        """
        return await _stopping.stop_container(self._connection, resource, ref, policy)

    async def outwait_stop(self, resource: ResourceId, ref: str, policy: StopPolicy) -> bool:
        """Wait for the end of a stop that was cancelled; False if the container runs all the same."""
        return await _stopping.outwait_stop(self._connection, resource, ref, policy)

    async def kill_container(self, resource: ResourceId, ref: str, signal: str | None) -> bool:
        """Send a signal, SIGKILL if None; False if the container was not running (SIG-1)."""
        return await _stopping.kill_container(self._connection, resource, ref, signal)

    async def remove_container(
        self,
        resource: ResourceId,
        ref: str,
        *,
        force: bool = False,
        volumes: bool = False,
    ) -> bool:
        """Remove a container; False if it was gone already (REM-1, REM-2).

        Args:
            resource: The container, for errors.
            ref: The container.
            force: Kill it first if it runs.
            volumes: Remove its anonymous volumes, too.

        Raises:
            ResourceConflict: if it runs.
        """
        return await _containers.remove_container(
            self._connection, resource, ref, force=force, volumes=volumes
        )

    async def inspect_container(self, resource: ResourceId, ref: str) -> ObservedContainer | None:
        """A container as it is now, with all details; None if there is none.

        Engines answer only after a start under way has ended.
        """
        return await _containers.inspect_container(self._connection, resource, ref)

    def follow_logs(
        self,
        resource: ResourceId,
        ref: str,
        *,
        stdout: bool = True,
        stderr: bool = True,
        follow: bool = True,
        since: str | None = None,
        tail: int | None = None,
        timestamps: bool = False,
    ) -> AbstractAsyncContextManager[AsyncGenerator[LogLine]]:
        """Read what a container prints: `async with … as lines: async for line in lines`.

        Nothing is read ahead: who reads slowly slows the connection down, not the container, as long as
        the engine keeps the output in files. Leaving the context closes the connection.

        Args:
            resource: The container, for errors.
            ref: The container.
            stdout: Read its standard output.
            stderr: Read its standard error.
            follow: Go on until it ends; one that does not run has ended.
            since: Only what was printed from then on: seconds since 1970, with up to nine decimals.
            tail: Only so many of the last lines that are there, of both streams together.
            timestamps: Have each line say when it was printed.

        Raises:
            ResourceNotFound: if there is no such container.
            EngineError: also if the engine cannot read what the container's log driver has written.
        """
        query = LogQuery(
            stdout=stdout,
            stderr=stderr,
            follow=follow,
            since=since,
            tail=tail,
            timestamps=timestamps,
        )
        return _logs.follow_logs(self._connection, resource, ref, query)

    async def wait_for_end(self, resource: ResourceId, ref: str) -> int:
        """Wait until a container does not run, which may be so already; gives its exit code.

        Raises:
            ResourceNotFound: if it is gone.
        """
        return await _containers.wait_for_end(self._connection, resource, ref)

    async def copy_into(self, resource: ResourceId, ref: str, source: Path, target: str) -> None:
        """Copy a file, or all that is in a folder, of this machine into a folder of a container.

        Modes and links stay as they are; everything belongs to root. Files of any size pass through a
        temporary one, and not through memory. Cancelling it may leave a part of them there.

        Args:
            resource: The container, for errors.
            ref: The container; it need not run.
            source: The file or the folder.
            target: The folder; it is made if there is none.

        Raises:
            EngineError: also if the files cannot be read.
        """
        await _archives.copy_into(self._connection, resource, ref, source, target)

    async def run_exec(
        self,
        resource: ResourceId,
        ref: str,
        command: ExecSpec,
        *,
        on_started: Callable[[], None] | None = None,
        on_output: Callable[[LogLine], None] | None = None,
    ) -> ExecResult:
        """Run a command inside a running container, to its end unless it is detached (EXEC-3).

        Cancelling it leaves the command running. A status other than 0 is a result, no error.

        Args:
            resource: The container, for errors.
            ref: The container.
            command: What to run.
            on_started: Called once the command runs and there is only waiting left to do.
            on_output: Called with each line that it prints.

        Raises:
            ResourceConflict: if the container does not run, or is paused.
        """
        return await _execs.run_exec(
            self._connection, resource, ref, command, on_started=on_started, on_output=on_output
        )

    async def outwait_command(
        self, resource: ResourceId, ref: str, command: ExecSpec, *, within: float
    ) -> bool:
        """Whether somebody else begins a command in a container, or has begun it since its start.

        Returns when it has ended; if it is detached, when it has begun. Two calls, and one every quarter
        of a second while it goes on. Engines that do not name commands in their events (Podman) have
        none begun.

        Args:
            resource: The container, for errors.
            ref: The container.
            command: What is waited for.
            within: Seconds until it has to be begun.
        """
        return await _execs.outwait_command(self._connection, resource, ref, command, within=within)

    async def running_commands(
        self, resource: ResourceId, exec_ids: Iterable[str]
    ) -> frozenset[tuple[str, ...]]:
        """The argument vectors of the commands that go on, of some that were begun (`ExecIDs`).

        One call for each. Those that an engine has forgotten have ended.
        """
        return await _execs.running_commands(self._connection, resource, exec_ids)

    async def diagnose(
        self,
        resource: ResourceId,
        ref: str,
        message: str,
        *,
        call: str = "",
        status: int | None = None,
    ) -> ContainerFailed:
        """Look why a container failed: exit code, memory, health, last words. Returned, not raised.

        What cannot be found out is left out.
        """
        return await _diagnosis.diagnose(
            self._connection, resource, ref, message, call=call, status=status
        )
