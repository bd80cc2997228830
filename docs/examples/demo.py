"""Bring the example site up on your engine, look at it, and take it down again: `make demo`.

It makes what it needs, under the names that the map gives (`site.…`), and removes all of it. Without an
engine, it runs on one in memory.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from http import HTTPStatus
from pathlib import Path

import aiodocker
import anyio
from small_image import NoBusybox, small_file_system

from aiodockmap import (
    ClientConfiguration,
    MapClient,
    RunFinished,
    RunStream,
    StepFinished,
    StepStarted,
    Succeeded,
    load_clients_file,
    load_map_file,
)
from aiodockmap.errors import AioDockMapError
from aiodockmap.testing import Behaviour, EmbeddedEngine, EmbeddedImage

HERE = Path(__file__).parent
OURS = "site."
IMAGE = "site-example:latest"
DOCKERFILE = b"""FROM scratch
ADD root.tar /
CMD trap 'exit 0' TERM; while :; do sleep 1000 & wait; done
"""
NO_ENGINE = (
    "There is no container engine at {url}: this runs on an embedded one, in memory, which answers "
    "as Docker does and runs no process."
)
HOST_FOLDERS = ("config/web", "config/one", "config/two", "data/one", "data/two")


class CannotRun(Exception):
    """Something is missing that the demonstration cannot make."""


@contextmanager
def site_root() -> Iterator[Path]:
    """A folder with the host's share of the site, and SITE_ROOT naming it, as the map wants."""
    # Not $TMPDIR: an engine in a virtual machine shares few folders, /tmp among them.
    root = Path(tempfile.mkdtemp(prefix="aiodockmap-demo-", dir="/tmp"))
    try:
        for folder in HOST_FOLDERS:
            (root / folder).mkdir(parents=True)
        os.environ["SITE_ROOT"] = str(root)
        yield root
    finally:
        shutil.rmtree(root)


@asynccontextmanager
async def engine() -> AsyncIterator[aiodocker.Docker]:
    """The engine of DOCKER_HOST or the default socket; where there is none, an embedded one."""
    async with AsyncExitStack() as stack:
        docker = await reachable_engine()
        if docker is None:
            url = os.environ.get("DOCKER_HOST") or "the default socket"
            print(NO_ENGINE.format(url=url))
            docker = aiodocker.Docker(url=await stack.enter_async_context(embedded_engine()))
        yield await stack.enter_async_context(docker)


async def reachable_engine() -> aiodocker.Docker | None:
    try:
        docker = aiodocker.Docker()
    except (AssertionError, ValueError):  # it found no socket where one could be
        return None
    try:
        await docker.version()
    except aiodocker.DockerError:
        await docker.close()
        return None
    return docker


@asynccontextmanager
async def embedded_engine() -> AsyncIterator[str]:
    """An engine in memory, which has the image of the site, behind a socket that DOCKER_HOST names."""
    asked = Behaviour(handles={"SIGTERM": 0})
    engine = EmbeddedEngine({IMAGE: EmbeddedImage(behaviour=asked)})
    with tempfile.TemporaryDirectory(prefix="aiodockmap-demo-", dir="/tmp") as folder:
        async with engine.serve(f"{folder}/docker.sock") as url:
            os.environ["DOCKER_HOST"] = url
            yield url


async def leave_others_alone(docker: aiodocker.Docker) -> None:
    """Refuse to go on where the names of the site are taken: they are not ours to remove."""
    containers = await docker.containers.list(all=True)
    volumes = await docker.volumes.list()  # type: ignore[no-untyped-call]  # theirs
    names = [name.removeprefix("/") for container in containers for name in container["Names"]]
    names += [volume["Name"] for volume in volumes["Volumes"] or ()]
    taken = sorted(name for name in names if name.startswith(OURS))
    if taken:
        raise CannotRun(f"There is a site on this engine already: {', '.join(taken)}.")


@asynccontextmanager
async def example_image(docker: aiodocker.Docker) -> AsyncIterator[None]:
    """The image of the site; it is made if it is not there, and then removed at the end."""
    try:
        await docker.images.inspect(IMAGE)
    except aiodocker.DockerError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    else:
        yield
        return
    print(f"making the image {IMAGE}")
    await docker.images.build(
        fileobj=io.BytesIO(build_context()), encoding="gzip", tag=IMAGE, rm=True, forcerm=True
    )
    try:
        yield
    finally:
        with anyio.move_on_after(30, shield=True):
            await docker.images.delete(IMAGE, force=True)


def build_context() -> bytes:
    """Return what the engine builds the image from."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in (("Dockerfile", DOCKERFILE), ("root.tar", small_file_system())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(archive.getvalue(), compresslevel=1)


def headline(text: str) -> None:
    print(f"\n== {text}")


async def live(action: AbstractAsyncContextManager[RunStream]) -> None:
    """Carry out an action and print what happens, as it happens."""
    async with action as run:
        async for event in run:
            match event:
                case StepStarted(step=step):
                    print(f"   ...   {step}")
                case StepFinished(step=step, outcome=outcome, seconds=seconds):
                    mark = "done" if isinstance(outcome, Succeeded) else "FAIL"
                    print(f"   {mark}  {step} ({seconds:.2f} s)")
                case RunFinished(report=report):
                    print(f"   {len(report.outcomes)} steps in {report.seconds:.1f} s")
                case _:
                    pass


async def show_site(root: Path) -> None:
    site = load_map_file(HERE / "site.yaml")
    engines: dict[str, ClientConfiguration] = load_clients_file(HERE / "clients.yaml")
    async with MapClient(site, engines) as client:
        plan = await client.plan("startup", "__all__")
        headline(f"plan: what a startup of {site.name!r} (with {root}) would do")
        print(plan.render())
        try:
            headline("startup")
            await live(client.stream("startup", "__all__"))

            headline("status")
            for status in await client.status():
                print(f"   {status}")

            headline("a second startup")
            again = await client.startup("__all__")
            print(again.plan.render())
        finally:
            with anyio.move_on_after(60, shield=True):
                headline("shutdown, with the volumes that the site owns")
                await live(client.stream("shutdown", "__all__", remove_attached=True))


async def main() -> None:
    async with engine() as docker:
        await leave_others_alone(docker)
        with site_root() as root:
            async with example_image(docker):
                await show_site(root)


if __name__ == "__main__":
    try:
        anyio.run(main)
    except (CannotRun, NoBusybox, AioDockMapError) as error:
        sys.exit(str(error))
