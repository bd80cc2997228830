"""The `docker` command cannot tell the embedded engine from a real one.

The same command lines go to both; what they print and how they end is compared, except for ids, times
and addresses.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from anyio import move_on_after, run_process, sleep
from attrs import frozen
from contract_calls import SECONDS_TO_SETTLE
from contract_partners import PREFIX, differences, embedded_engine, masked, named

pytestmark = pytest.mark.engine

RUN = "run -d --name ~a aiodockmap-test"
PS = "ps -a --filter name=~ --format '{{.Names}} {{.Command}} {{.State}} {{.Ports}}'"
SAY = "run --name ~b aiodockmap-test sh -c 'echo out; sleep 0.3; echo err >&2; exit 3'"
MASKS = (
    (re.compile(r"(?:\d+ \w+|Less than a second|About an? \w+)(?= ago|$)", re.MULTILINE), "<age>"),
    (re.compile(r"^\d+(?= )", re.MULTILINE), "<pid>"),
    (re.compile(r" {2,}"), "  "),
)


@frozen
class DockerCommand:
    """`docker`, as it is at hand, for one engine."""

    url: str
    prefix: str
    home: Path

    async def __call__(self, line: str) -> tuple[int, Any, str]:
        """Run it; return its exit code, what it printed (JSON decoded) and what it complained about."""
        arguments = shlex.split(named(line, self.prefix))
        program = shutil.which("docker")
        assert program is not None, "the tests need Docker's own command (Debian: docker.io)"
        ended = await run_process(
            [program, *arguments],
            check=False,
            env={**os.environ, "DOCKER_HOST": self.url, "DOCKER_CONFIG": str(self.home)},
        )
        complaint = self._masked(ended.stderr.decode())
        printed: Any = ended.stdout.decode()
        if printed.startswith(("[", "{")):
            return ended.returncode, masked(json.loads(printed), self.prefix), complaint
        return ended.returncode, self._masked(printed), complaint

    def _masked(self, text: str) -> str:
        found: str = masked(text, self.prefix)
        for pattern, replacement in MASKS:
            found = pattern.sub(replacement, found)
        return found


@pytest.fixture
def real(docker_url: str, prefix: str, test_image: str, tmp_path: Path) -> DockerCommand:
    assert test_image
    return DockerCommand(docker_url, prefix, tmp_path)


@pytest.fixture
async def embedded(docker_release: str, tmp_path: Path) -> AsyncIterator[DockerCommand]:
    async with embedded_engine(docker_release).serve(tmp_path / "docker.sock") as url:
        yield DockerCommand(url, PREFIX, tmp_path)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((RUN, PS, "stop -t 0 ~a", PS, "rm ~a", PS), id="run-stop-rm"),
        pytest.param(
            (
                RUN,
                "ps --filter name=~a --format 'table {{.ID}}\\t{{.Command}}\\t{{.RunningFor}}\\t{{.Status}}'",
            ),
            id="ps-table",
        ),
        pytest.param((RUN, RUN), id="name-taken"),
        pytest.param((RUN, "rm ~a", "rm -f ~a", "rm ~a"), id="rm-running"),
        pytest.param((RUN, "inspect ~a", "inspect --size ~a"), id="inspect"),
        pytest.param(
            (
                RUN,
                "create --name ~b aiodockmap-test",
                "ps --filter name=~ --last 1 --format '{{.Names}}'",
                "ps -a --filter name=~ --filter before=~b --format '{{.Names}}'",
                "ps -a --filter name=~ --filter exited=0 --format '{{.Names}}'",
                "ps -a --filter name=~ --filter status=well",
                "ps -a --size --filter name=~b --format '{{.Names}} {{.Status}}'",
            ),
            id="ps-filters",
        ),
        pytest.param(
            ("inspect ~a", "stop ~a", "start ~a", "logs ~a", "exec ~a true"), id="missing"
        ),
        pytest.param((RUN, "exec ~a sh -c 'echo out; echo err >&2; exit 3'"), id="exec"),
        pytest.param((RUN, "exec ~a nothing-of-this-name"), id="exec-missing-command"),
        pytest.param(
            (
                "create --name ~a aiodockmap-test",
                "commit -c 'CMD [\"true\"]' -c 'ENV X=1' -a me ~a ~x:1",
                "inspect -f '{{.Author}} {{.Config.Cmd}} {{.Config.Env}}' ~x:1",
                "rmi ~x:1",
            ),
            id="commit",
        ),
        pytest.param((RUN, "exec -d ~a sleep 1000", "top ~a -eo pid,args"), id="exec-detached"),
        pytest.param((RUN, "stop -t 0 ~a", "exec ~a true"), id="exec-in-stopped"),
        pytest.param((SAY, "logs -f ~b", "logs --tail 1 ~b", "wait ~b"), id="run-logs-wait"),
        pytest.param(("run --rm --name ~a aiodockmap-test echo hello", PS), id="run-and-remove"),
        pytest.param(("run --name ~a aiodockmap-test nothing", PS), id="run-missing-command"),
        pytest.param(
            (RUN, "kill ~a", PS, "start ~a", PS, "restart -t 0 ~a", PS), id="kill-restart"
        ),
        pytest.param(
            (
                RUN,
                "cp /etc/hostname ~a:/tmp/",
                "cp /etc/hostname ~a:/tmp/b",
            ),
            id="cp",
        ),
        pytest.param((RUN, "kill -s HUP ~a", "kill -s NONE ~a", PS), id="kill-signal"),
        pytest.param((RUN, "pause ~a", PS, "exec ~a true", "unpause ~a", PS), id="pause"),
        pytest.param((RUN, "rename ~a ~c", PS, "rename ~a ~d"), id="rename"),
        pytest.param(
            (RUN, "update --cpu-shares 100 ~a", "inspect -f '{{.HostConfig.CpuShares}}' ~a"),
            id="update",
        ),
        pytest.param(
            (
                "network create ~n",
                "network ls --filter name=~n --format '{{.Name}} {{.Driver}} {{.Scope}}'",
                RUN,
                "network connect ~n ~a",
                "network inspect ~n",
                "network rm ~n",
                "network disconnect ~n ~a",
                "network disconnect ~n ~a",
                "network rm ~n",
                "network inspect ~n",
            ),
            id="network",
        ),
        pytest.param(("network create ~n", "network create ~n"), id="network-twice"),
        pytest.param(
            (
                "network create --ipv6 --subnet fd00:1:2::/64 ~n",
                "run -d --name ~a --network ~n --ip6 fd00:1:2::9 aiodockmap-test",
                "network inspect ~n",
                "inspect ~a",
            ),
            id="network-ipv6",
        ),
        pytest.param(
            (
                "volume create --label a=b ~v",
                "volume ls --filter name=~v",
                "volume inspect ~v",
                "run -d --name ~a -v ~v:/data aiodockmap-test",
                "volume rm ~v",
                "rm -f ~a",
                "volume rm ~v",
                "volume inspect ~v",
            ),
            id="volume",
        ),
        pytest.param(
            ("images --format '{{.Repository}}:{{.Tag}}' aiodockmap-test:latest",), id="images"
        ),
        pytest.param(
            (
                RUN,
                "kill ~a",
                "rm ~a",
                "events --since 1m --until=-1s --filter container=~a --format '{{.Action}}'",
            ),
            id="events",
        ),
        pytest.param(("version --format '{{.Server.APIVersion}} {{.Server.Os}}'",), id="version"),
        pytest.param(("info --format '{{.OSType}} {{.Driver}} {{.LoggingDriver}}'",), id="info"),
    ],
)
async def test_it_says_the_same_and_ends_the_same(
    real: DockerCommand, embedded: DockerCommand, lines: tuple[str, ...]
) -> None:
    found = []
    for number, line in enumerate(lines):
        place = f"{number}. {line}"
        said = await embedded(line)
        differing = differences(said, await real(line), place)
        with move_on_after(SECONDS_TO_SETTLE):
            while differing and line.startswith(("ps ", "inspect ")):
                await sleep(0.1)
                differing = differences(said, await real(line), place)
        found += differing

    assert not found, "\n".join(found)
