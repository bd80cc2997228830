"""Calls at the wrong time that are refused, in a real engine's words."""

from __future__ import annotations

import pytest
from contract_calls import (
    MISSING,
    NOT_RUNNING,
    RUNNING,
    START,
    A,
    Ask,
    Refusals,
    assert_refused,
    case,
    create,
    do,
    drop,
    look,
    with_host,
)
from contract_partners import Partner

TAKEN = (
    'Conflict. The container name "/~a" is already in use by container "<id>". '
    "You have to remove (or rename) that container to be able to reuse that name."
)
BAD_NAME = "Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
LIFE = [
    *(
        case(f"{action}-missing", [], do(action), 404, MISSING)
        for action in ("start", "stop", "restart", "pause", "unpause", "wait")
    ),
    case(
        "kill-missing",
        [],
        do("kill"),
        404,
        f"Cannot kill container: ~a: {MISSING}",
        on_28=(404, "cannot kill container: ~a: No such container: ~a"),
    ),
    case(
        "rename-missing",
        [],
        Ask("POST", "containers/~a/rename", None, {"name": "~b"}),
        404,
        MISSING,
    ),
    case("inspect-missing", [], look("containers/~a/json"), 404, MISSING),
    case("top-missing", [], look("containers/~a/top"), 404, MISSING),
    case("logs-missing", [], look("containers/~a/logs", stdout="1"), 404, MISSING),
    case("remove-missing", [], drop("containers/~a", force="1"), 404, MISSING),
    case("exec-missing", [], Ask("POST", "containers/~a/exec", {"Cmd": ["true"]}), 404, MISSING),
    case("start-twice", RUNNING, START, 304, ""),
    case("stop-created", [A], do("stop"), 304, ""),
    case("stop-stopped", [*RUNNING, do("stop", t="0")], do("stop"), 304, ""),
    case(
        "stop-grace", RUNNING, do("stop", t="zz"), 500, 'strconv.Atoi: parsing "zz": invalid syntax'
    ),
    case(
        "kill-created",
        [A],
        do("kill"),
        409,
        f"Cannot kill container: ~a: {NOT_RUNNING}",
        on_28=(409, "cannot kill container: ~a: container <id> is not running"),
    ),
    case(
        "kill-signal",
        RUNNING,
        do("kill", signal="ZZ"),
        400,
        "Invalid signal: ZZ",
        on_28=(400, "cannot kill container: ~a: invalid signal: ZZ"),
    ),
    *(
        case(
            f"kill-no-signal-{text}",
            RUNNING,
            do("kill", signal=text),
            400,
            f"Invalid signal: {text}",
            on_28=(400, f"cannot kill container: ~a: invalid signal: {text}"),
        )
        for text in ("0", "RTMIN+16", "RTMAX-15", "SIGSIGHUP", " HUP")
    ),
    case(
        "kill-reserved-signal",
        RUNNING,
        do("kill", signal="32"),
        500,
        "Cannot kill container: ~a: The linux daemon does not support signal 32",
        on_28=(400, "cannot kill container: ~a: the linux daemon does not support signal 32"),
    ),
    case(
        "pause-created",
        [A],
        do("pause"),
        409,
        NOT_RUNNING,
        on_28=(409, "container <id> is not running"),
    ),
    case(
        "pause-twice", [*RUNNING, do("pause")], do("pause"), 409, "Container <id> is already paused"
    ),
    case("unpause-running", RUNNING, do("unpause"), 500, "Container <id> is not paused"),
    case(
        "start-paused",
        [*RUNNING, do("pause")],
        START,
        409,
        "cannot start a paused container, try unpause instead",
    ),
    case(
        "exec-paused",
        [*RUNNING, do("pause")],
        Ask("POST", "containers/~a/exec", {"Cmd": ["true"]}),
        409,
        "Container ~a is paused, unpause the container before exec",
    ),
    case(
        "exec-created",
        [A],
        Ask("POST", "containers/~a/exec", {"Cmd": ["true"]}),
        409,
        NOT_RUNNING,
        on_28=(409, "container <id> is not running"),
    ),
    case(
        "exec-without-command",
        RUNNING,
        Ask("POST", "containers/~a/exec", {}),
        400,
        "No exec command specified",
    ),
    case("exec-inspect-missing", [], look("exec/nope/json"), 404, "No such exec instance: nope"),
    case(
        "exec-start-missing",
        [],
        Ask("POST", "exec/nope/start", {}),
        404,
        "No such exec instance: nope",
    ),
    case(
        "top-created",
        [A],
        look("containers/~a/top"),
        409,
        NOT_RUNNING,
        on_28=(409, "container <id> is not running"),
    ),
    case(
        "top-without-pid",
        RUNNING,
        look("containers/~a/top", ps_args="-eo comm"),
        500,
        "Couldn't find PID field in ps output",
    ),
    case(
        "logs-of-nothing",
        [A],
        look("containers/~a/logs"),
        400,
        "Bad parameters: you must choose at least one stream",
    ),
    case(
        "logs-without-driver",
        [with_host("~a", LogConfig={"Type": "none"})],
        look("containers/~a/logs", stdout="1"),
        501,
        "configured logging driver does not support reading",
    ),
    case(
        "remove-running",
        RUNNING,
        drop("containers/~a"),
        409,
        "You cannot remove a running container <id>. "
        "Stop the container before attempting removal or force remove",
        on_28=(
            409,
            (
                'cannot remove container "~a": container is running: stop the container '
                "before removing or force remove"
            ),
        ),
    ),
    case(
        "remove-paused",
        [*RUNNING, do("pause")],
        drop("containers/~a"),
        409,
        "You cannot remove a paused container <id>. "
        "Unpause and then stop the container before attempting removal or force remove",
        on_28=(
            409,
            'cannot remove container "~a": container is paused and must be unpaused first',
        ),
    ),
    case(
        "remove-link-missing",
        [A],
        drop("containers/~a/zz", link="1"),
        404,
        "No such container: ~a/zz",
    ),
    case(
        "remove-own-name-as-link",
        [A],
        drop("containers/~a", link="1"),
        500,
        "Conflict, cannot remove the default link name of the container",
    ),
    case(
        "rename-to-itself",
        [A],
        Ask("POST", "containers/~a/rename", None, {"name": "~a"}),
        400,
        "Renaming a container with the same name as its current name",
    ),
    case(
        "rename-to-nothing",
        [A],
        Ask("POST", "containers/~a/rename", None, {"name": ""}),
        400,
        "Neither old nor new names may be empty",
    ),
    case(
        "rename-badly",
        [A],
        Ask("POST", "containers/~a/rename", None, {"name": "a/b"}),
        400,
        "Error when allocating new name: " + BAD_NAME.format("/a/b"),
    ),
    case(
        "rename-to-taken",
        [A, create("~b")],
        Ask("POST", "containers/~b/rename", None, {"name": "~a"}),
        409,
        "Error when allocating new name: " + TAKEN,
    ),
    case(
        "list-filter",
        [],
        look("containers/json", filters='{"zz":["a"]}'),
        400,
        "Invalid filter 'zz'",
        on_28=(400, "invalid filter 'zz'"),
    ),
    case(
        "list-filter-no-list",
        [],
        look("containers/json", filters='{"name":"a"}'),
        500,
        "json: cannot unmarshal string into Go value of type map[string]bool",
        on_28=(400, "invalid filter"),
    ),
    case("no-such-page", [], look("nope"), 404, "page not found"),
    case("wrong-method", [A], Ask("POST", "containers/~a/json"), 404, "page not found"),
]


@pytest.mark.parametrize("refusals", LIFE)
async def test_the_engine_refuses_lives(partner: Partner, refusals: Refusals) -> None:
    await assert_refused(partner, refusals)
