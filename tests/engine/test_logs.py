"""What containers print, read as it comes: nothing lost, nothing mixed up, nothing piled up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from anyio import fail_after
from engine_partners import DROP, HANG, Names, ScriptedEngine, answer, chunked
from hypothesis import given
from hypothesis import strategies as st

from aiodockmap.engine import Engine, LogLine
from aiodockmap.engine._logs import LONGEST_LINE, FramedOutput, NotReadable, RawOutput
from aiodockmap.errors import EngineError, EngineUnreachable, ResourceNotFound
from aiodockmap.model import ResourceId
from aiodockmap.state import ExecSpec

STAMP = "2026-11-27T05:00:00.123456789Z"


def frame(text: str | bytes, stream: int = 1) -> bytes:
    content = text.encode() if isinstance(text, str) else text
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4, "big") + content


def cut(chunks: Iterable[bytes], *, is_raw: bool = False, stamps: bool = False) -> list[LogLine]:
    cutter = RawOutput(stamps) if is_raw else FramedOutput(stamps)
    lines = [line for chunk in chunks for line in cutter.feed(chunk)]
    return [*lines, *cutter.end()]


def texts(lines: Sequence[LogLine], stream: str = "stdout") -> str:
    """The whole text again."""
    return "".join(
        line.text + ("\n" if line.ends_line else "") for line in lines if line.stream == stream
    )


def in_chunks(body: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = sorted({0, len(body), *(place % (len(body) + 1) for place in cuts)})
    return [body[start:end] for start, end in pairwise(places)]


CUTS = st.lists(st.integers(min_value=0, max_value=10_000), max_size=30)
PRINTED = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.text(st.sampled_from("aä🐳\n\r "), max_size=12)),
    max_size=20,
)


@given(PRINTED, CUTS)
def test_lines_do_not_depend_on_where_the_network_cuts(
    printed: list[tuple[int, str]], cuts: list[int]
) -> None:
    body = b"".join(frame(text, stream) for stream, text in printed)

    lines = cut(in_chunks(body, cuts))

    for number, name in ((1, "stdout"), (2, "stderr")):
        assert texts(lines, name) == "".join(text for stream, text in printed if stream == number)
    assert lines == cut([body])
    assert not any("\n" in line.text for line in lines)


@given(st.text(st.sampled_from("aä🐳 \n"), max_size=40), CUTS)
def test_output_of_a_terminal_is_the_text_itself(text: str, cuts: list[int]) -> None:
    body = text.replace("\n", "\r\n").encode()

    lines = cut(in_chunks(body, cuts), is_raw=True)

    assert texts(lines) == text


@given(CUTS)
def test_stamps_are_told_apart_from_what_was_printed(cuts: list[int]) -> None:
    body = b"".join(
        [
            frame(f"{STAMP} one \n"),
            frame(f"{STAMP.replace('05', '06', 1)} long, "),
            frame(f"{STAMP} \n", 2),
            frame(f"{STAMP.replace('05', '07', 1)} longer\n"),
        ]
    )

    lines = cut(in_chunks(body, cuts), stamps=True)

    assert lines == [
        LogLine(stream="stdout", text="one ", timestamp=STAMP),
        LogLine(stream="stderr", text="", timestamp=STAMP),
        LogLine(stream="stdout", text="long, longer", timestamp=STAMP.replace("05", "06", 1)),
    ]


@given(CUTS)
def test_stamps_of_a_terminal_start_its_lines(cuts: list[int]) -> None:
    body = f"{STAMP} one\r\n{STAMP} \r\n{STAMP} 10%\r20%".encode()

    lines = cut(in_chunks(body, cuts), is_raw=True, stamps=True)

    assert [line.text for line in lines] == ["one", "", "10%\r20%"]
    assert {line.timestamp for line in lines} == {STAMP}


def test_a_message_without_a_stamp_is_kept_whole() -> None:
    lines = cut([frame("x" * 100), frame("no-space")], stamps=True)

    assert texts(lines) == "x" * 100 + "no-space"


@pytest.mark.parametrize("size", [LONGEST_LINE, LONGEST_LINE + 1, 10 * LONGEST_LINE + 7])
def test_a_line_of_any_length_comes_in_pieces_of_a_bounded_one(size: int) -> None:
    text = "".join(chr(ord("a") + number % 26) for number in range(size))

    lines = cut(in_chunks(frame(text + "\nend\n"), range(0, size, 16_384)))

    assert texts(lines) == text + "\nend\n"
    assert max(len(line.text) for line in lines) == LONGEST_LINE
    assert [line.ends_line for line in lines[:-2]] == [False] * (len(lines) - 2)
    assert lines[-2].ends_line


def test_what_is_no_utf_8_is_replaced() -> None:
    lines = cut([frame(b"a\xff\xc3"), frame(b"\xa4\xc3\nb\xc3")])

    assert [line.text for line in lines] == ["a\ufffdä\ufffd", "b\ufffd"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(frame("Error grabbing logs: EOF\n", 3), "grabbing logs: EOF$", id="engine"),
        pytest.param(b"plain text", "no frames", id="no-frames"),
        pytest.param(b"\x04\0\0\0\0\0\0\1x", "no frames", id="unknown-stream"),
    ],
)
def test_what_cannot_be_read_is_no_output(body: bytes, said: str) -> None:
    with pytest.raises(NotReadable, match=said):
        cut([frame("fine\n"), body])


NOBODY = Names("nobody").container()


async def read(engine: Engine, resource: ResourceId, ref: str, **query: Any) -> list[LogLine]:
    """All lines up to the end, which comes by itself."""
    with fail_after(30):
        async with engine.follow_logs(resource, ref, **query) as lines:
            return [line async for line in lines]


def scripted_output(scripted: ScriptedEngine, output: bytes) -> None:
    scripted.on("GET /containers/c/json", answer(body={"Id": "c", "Config": {"Tty": False}}))
    scripted.on("GET /containers/c/logs", output, DROP)


async def test_an_engine_that_cannot_read_on_is_quoted(
    scripted_client: Engine, scripted: ScriptedEngine
) -> None:
    body = frame("fine\n") + frame("Error grabbing logs: EOF\n", 3)
    scripted_output(scripted, answer(body=body, content_type=None))

    with pytest.raises(EngineError, match="cannot be read any further: Error grabbing") as caught:
        await read(scripted_client, NOBODY, "c")

    assert caught.value.call == "GET /containers/c/logs"
    assert caught.value.resource == NOBODY


async def test_output_that_breaks_off_is_an_error(
    scripted_client: Engine, scripted: ScriptedEngine
) -> None:
    chunk = frame("fine\n")
    scripted_output(scripted, chunked(chunk, chunk[:-2], complete=False))

    with pytest.raises(EngineUnreachable):
        await read(scripted_client, NOBODY, "c")


async def test_leaving_hangs_up(scripted_client: Engine, scripted: ScriptedEngine) -> None:
    scripted_output(scripted, chunked(frame("one\n"), complete=False) + HANG)

    async with scripted_client.follow_logs(NOBODY, "c") as lines:
        first = await anext(lines)

    assert first == LogLine(stream="stdout", text="one")
    with fail_after(20):
        await scripted.hung_up.wait()


async def run(engine: Engine, resource: ResourceId, image: str, script: str, **body: Any) -> str:
    command = ["/bin/sh", "-c", script]
    created = await engine.create_container(resource, {"Image": image, "Cmd": command, **body})
    await engine.start_container(resource, created.id)
    return created.id


@pytest.mark.engine
async def test_following_ends_with_the_container_and_loses_nothing(
    engine: Engine, names: Names, test_image: str
) -> None:
    script = "for i in $(seq 1 2000); do echo line $i; done; sleep 0.2; echo oh >&2; printf end"
    container = await run(engine, names.container(), test_image, script)

    lines = await read(engine, names.container(), container)

    assert texts(lines) == "".join(f"line {number}\n" for number in range(1, 2001)) + "end"
    assert texts(lines, "stderr") == "oh\n"
    assert await read(engine, names.container(), container, follow=False) == lines


@pytest.mark.engine
async def test_lines_come_while_the_container_runs(
    engine: Engine, names: Names, test_image: str
) -> None:
    script = "echo ready; read line < /tmp/pipe; echo got $line"
    body = {"Cmd": ["/bin/sh", "-c", "mkfifo /tmp/pipe; " + script]}
    created = await engine.create_container(names.container(), {"Image": test_image, **body})
    await engine.start_container(names.container(), created.id)

    with fail_after(30):
        async with engine.follow_logs(names.container(), created.id) as lines:
            first = await anext(lines)
            argv = ("/bin/sh", "-c", "echo it > /tmp/pipe")
            await engine.run_exec(names.container(), created.id, ExecSpec(argv=argv))
            rest = [line.text async for line in lines]

    assert (first.text, rest) == ("ready", ["got it"])


@pytest.mark.engine
async def test_following_what_says_nothing_does_not_wait_for_its_first_word(
    engine: Engine, names: Names, test_image: str
) -> None:
    container = await run(engine, names.container(), test_image, "sleep 1000")

    with fail_after(30):
        async with engine.follow_logs(names.container(), container):
            await engine.kill_container(names.container(), container, None)


@pytest.mark.engine
async def test_long_lines_keep_together_with_their_characters_and_stamps(
    engine: Engine, names: Names, test_image: str
) -> None:
    # Engines cut lines into messages of 16 KiB, each with a stamp of its own.
    script = "printf %40000s '' | tr ' ' x; echo äöü; echo end"
    container = await run(engine, names.container(), test_image, script)

    stamped = await read(engine, names.container(), container, timestamps=True)

    assert [line.text for line in stamped] == ["x" * 40_000 + "äöü", "end"]
    assert all(re.fullmatch(r"[\d-]{10}T[\d:.]+Z", line.timestamp or "") for line in stamped)


@pytest.mark.engine
async def test_terminals_have_one_stream_and_lines_like_all_others(
    engine: Engine, names: Names, test_image: str
) -> None:
    script = "echo out; echo err >&2; printf end"
    container = await run(engine, names.container(), test_image, script, Tty=True)

    lines = await read(engine, names.container(), container)
    stamped = await read(engine, names.container(), container, timestamps=True)

    assert texts(lines) == "out\nerr\nend"
    assert {line.stream for line in lines} == {"stdout"}
    assert texts(stamped) == "out\nerr\nend"
    assert all(line.timestamp for line in stamped)


@pytest.mark.engine
async def test_a_part_of_the_output_can_be_asked_for(
    engine: Engine, names: Names, test_image: str
) -> None:
    script = "echo 1; sleep 0.01; echo 2 >&2; sleep 0.01; echo 3"
    resource = names.container()
    container = await run(engine, resource, test_image, script)
    stamped = await read(engine, resource, container, timestamps=True)
    # An engine reads the two outputs side by side.
    order = [line.text for line in stamped]
    assert sorted(order) == ["1", "2", "3"]
    second = datetime.fromisoformat(re.sub(r"(?<=\.\d{6})\d+", "", stamped[1].timestamp or ""))

    last = await read(engine, resource, container, tail=1)
    none = await read(engine, resource, container, tail=0)
    errors = await read(engine, resource, container, stdout=False)
    late = await read(engine, resource, container, since=f"{second.timestamp():.6f}")

    assert [line.text for line in last] == order[2:]
    assert none == []
    assert [line.text for line in errors] == ["2"]
    assert [line.text for line in late] == order[1:]


@pytest.mark.engine
async def test_who_cannot_be_read_is_an_error(
    engine: Engine, names: Names, test_image: str
) -> None:
    silent = {"LogConfig": {"Type": "none"}}
    container = await run(engine, names.container(), test_image, "true", HostConfig=silent)

    with pytest.raises(EngineError, match="does not support reading"):
        await read(engine, names.container(), container)
    with pytest.raises(ResourceNotFound):
        await read(engine, names.container("gone"), names.container("gone").name)
