"""Images that are made from containers: the same on a real engine and the embedded one."""

from __future__ import annotations

from typing import Any

import pytest
from contract_calls import Ask, assert_refused, assert_same_answers, case, create, drop, look, say
from contract_partners import Partner

SCRIPT = ["sh", "-c", "echo o; exit 4"]
RICH: dict[str, Any] = {
    "Env": ["A=b"],
    "Labels": {"l": "1"},
    "User": "root",
    "WorkingDir": "/tmp",
    "ExposedPorts": {"80/tcp": {}},
    "Volumes": {"/data": {}},
    "StopSignal": "SIGINT",
    "Hostname": "host",
}
CHANGES = """\
cmd echo hi
ENTRYPOINT ["a", "b"]
# and more
LABEL z=1 y="2 3"

EXPOSE 90 91/udp 95-97
VOLUME /v
VOLUME ["/w"]
USER u
WORKDIR w
ENV A=c D=e
ENV F g h"""


def commit(body: dict[str, Any] | None = None, **query: str) -> Ask:
    return Ask("POST", "commit", body, {"container": "~a", "repo": "~x", "tag": "1", **query})


SHOWN = (look("images/~x:1/json"), look("images/~x:1/history"), drop("images/~x:1"))


@pytest.mark.engine
@pytest.mark.parametrize(
    "calls",
    [
        say("as-it-is", create("~a", Cmd=SCRIPT, **RICH), commit(), *SHOWN),
        say(
            "changed",
            create("~a", Cmd=SCRIPT, Hostname="host"),
            commit(changes='CMD ["true"]\nENV X=1', author="me", comment="why"),
            *SHOWN,
        ),
        say(
            "all-changes",
            create("~a", Cmd=SCRIPT, **RICH),
            commit(changes=CHANGES),
            *SHOWN,
            commit(changes='ENTRYPOINT ["x"]'),
            *SHOWN,
        ),
        say(
            "sent",
            create("~a", Cmd=SCRIPT, **RICH),
            commit({"Cmd": ["sleep", "1"], "Env": ["Y=1"], "Labels": {"m": "2"}}),
            *SHOWN,
            commit({"Env": ["Y=1"]}, changes="ENV A=c"),
            *SHOWN,
        ),
        say(
            "of-a-commit",
            create("~a", Cmd=SCRIPT, **RICH),
            commit(),
            create("~b", Image="~x:1"),
            look("containers/~b/json"),
            commit(container="~b", repo="~y", comment="second"),
            look("images/~y:1/json"),
            look("images/~y:1/history"),
            drop("containers/~b", v="1"),
            drop("images/~y:1"),
            drop("images/~x:1"),
        ),
    ],
)
async def test_both_engines_make_the_same_image(
    embedded_partner: Partner, docker_partner: Partner, calls: tuple[Ask, ...]
) -> None:
    await assert_same_answers(embedded_partner, docker_partner, calls)


@pytest.mark.parametrize(
    "refusals",
    [
        case(
            identifier,
            [create("~a")],
            commit(changes=changes),
            400,
            message,
            on_28=(400, on_28 or message),
        )
        for identifier, changes, message, on_28 in (
            (
                "unknown",
                "Run x",
                "run is not a valid change command",
                "Run is not a valid change command",
            ),
            (
                "stop-signal",
                "STOPSIGNAL FOO",
                "stopsignal is not a valid change command",
                "invalid signal: FOO",
            ),
            ("port", "EXPOSE x", "Invalid containerPort: x", None),
            ("variable", "ENV A", "ENV must have two arguments", None),
            ("label", "LABEL a", "LABEL must have two arguments", None),
            ("nothing", "ENV", "ENV requires at least one argument", None),
            (
                "no-value",
                "LABEL a=1 b",
                'Syntax error - can\'t find = in "b". Must be of the form: name=value',
                None,
            ),
            ("user", "USER", "USER requires exactly one argument", None),
        )
    ],
)
async def test_changes_that_are_none_are_refused(partner: Partner, refusals: Any) -> None:
    await assert_refused(partner, refusals)
