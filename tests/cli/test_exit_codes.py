"""Which exit code each kind of error has, and what is said where the extra is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aiodockmap.cli._exit import ExitCode, exit_code
from aiodockmap.errors import (
    AioDockMapError,
    CircularDependencyError,
    EngineTimeout,
    EngineUnreachable,
    InvalidRequest,
    MapError,
    OptionError,
    PlanningError,
    PlanOutdated,
    ResourceConflict,
    SelectionError,
)

WITHOUT_EXTRA = """
import sys
sys.modules["click"] = None
from aiodockmap.cli import main
main()
"""


INTERRUPTED = """
import signal, sys
class Slow:
    def __getattr__(self, name):
        signal.raise_signal(signal.SIGINT)
sys.modules["click"] = Slow()
from aiodockmap.cli import main
main()
"""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(MapError("map", ()), ExitCode.USAGE, id="map"),
        pytest.param(CircularDependencyError("map", ["a"], ()), ExitCode.USAGE, id="circle"),
        pytest.param(SelectionError("no such container"), ExitCode.USAGE, id="selection"),
        pytest.param(OptionError("no such option"), ExitCode.USAGE, id="option"),
        pytest.param(PlanningError("contradiction"), ExitCode.USAGE, id="planning"),
        pytest.param(InvalidRequest("no address"), ExitCode.USAGE, id="connection"),
        pytest.param(EngineUnreachable("gone"), ExitCode.UNREACHABLE, id="unreachable"),
        pytest.param(EngineTimeout("slow"), ExitCode.UNREACHABLE, id="timeout"),
        pytest.param(ResourceConflict("taken"), ExitCode.FAILED, id="refused"),
        pytest.param(PlanOutdated(()), ExitCode.FAILED, id="outdated"),
    ],
)
def test_errors_have_the_exit_code_of_what_a_script_can_do(
    error: AioDockMapError, code: ExitCode
) -> None:
    assert exit_code(error) is code


def test_without_the_extra_the_command_says_in_one_sentence_what_to_install() -> None:
    ended = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", WITHOUT_EXTRA], check=False, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "the command line needs two more packages: pip install 'aiodockmap[cli]'"
    ]


def test_an_interrupt_before_anything_has_begun_is_no_traceback() -> None:
    ended = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", INTERRUPTED], check=False, capture_output=True, text=True
    )

    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")
