"""Whatever a command says, an embedded engine follows it, or goes on without, and soon."""

from __future__ import annotations

import json
import time
from functools import partial

from anyio import sleep
from embedded_partners import Asker
from hypothesis import given, settings
from hypothesis import strategies as st
from run_partners import in_virtual_time

from aiodockmap.testing import EmbeddedEngine

FUZZ = settings.get_profile("fuzz")
SECOND = 10**9
PATIENCE = 30
"""Seconds, on the busiest machine: no command may keep it busy for long."""
MOST_OUTPUT = 2**25
"""Bytes of the log of a container after some seconds."""
_WORDS = """
if then else elif fi for in do done while until case esac { } ( ) $( $(( )) ${ ${x:- ${#x} " ' ` \\ ; ;; &
&& | || > >> < << >& 2>&1 ! [ ] [[ $? $@ "$@" $! $$ ~ * # = x= $x $x$x -e -- 0 1 -1 99999999999999999999
echo printf %s %d set -eu trap EXIT TERM exec exit break continue wait kill cd sleep seq timeout sh -c env
cat touch rm -rf mkdir -p cp -r mv test true false : export unset shift usleep tail -f yes /dev/stdout
/tmp .. + ** -- 0x10
"""
WORDS = (
    *_WORDS.split(),
    "\n",
    "\t",
    "\x01",
    "\x7f",
    "é",
    "²",
    "٣",
    "\u2028",
    "while :; do ",
    "; done",
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=15).map("".join),
    st.builds(lambda word, times: word * times, st.sampled_from(WORDS), st.integers(1, 20_000)),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60),
)
COMMANDS = st.builds(
    lambda before, text: [*before, text],
    st.sampled_from(
        [("sh", "-c"), ("sh", "-euc"), ("timeout", "2", "sh", "-c"), ("echo", "-e"), ("printf",)]
    ),
    TEXTS,
) | st.builds(
    lambda program, text: [program, *text.split()], st.sampled_from(["env", "sh", "test"]), TEXTS
)


async def follow(command: list[str]) -> None:
    """Have it in each place where commands are, and stop it."""
    engine = EmbeddedEngine(images=("app:1",))
    ask = Asker(engine.transport())
    check = {"Test": ["CMD", *command], "Interval": SECOND, "Timeout": SECOND, "Retries": 1}
    await ask.create("own", Cmd=command)
    await ask.create("checked", Healthcheck=check, Cmd=["sleep", "100"])
    for name in ("own", "checked"):
        await ask.start(name)
    made = await ask("POST", "containers/checked/exec", {"Cmd": command})
    exec_id = json.loads(made.body)["Id"]
    await ask("POST", f"exec/{exec_id}/start", {"Detach": True})
    await sleep(3.5)
    output = await ask("GET", "containers/own/logs", stdout="1", stderr="1")
    await ask.stop("own", t="1")

    state = (engine.container("own") or {})["State"]
    health = (engine.container("checked") or {})["State"]["Health"]["Status"]
    assert state["Status"] == "exited"
    assert 0 <= state["ExitCode"] <= 255
    assert health in ("healthy", "unhealthy")
    assert len(output.body) < MOST_OUTPUT


@given(COMMANDS)
@FUZZ
def test_a_command_of_any_words_is_followed_or_left_alone(command: list[str]) -> None:
    begun = time.monotonic()

    in_virtual_time(partial(follow, command))

    assert time.monotonic() - begun < PATIENCE
