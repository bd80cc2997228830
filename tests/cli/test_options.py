"""From options of the command line to the keywords of an action."""

from __future__ import annotations

import pytest

from aiodockmap.cli._options import OPTIONS, as_typed, keywords
from aiodockmap.plan import Verb, parse_options

DATA = {"config_type": "volume", "config_name": "db", "instance_names": ["data"]}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"force": False, "signal": None, "codes": ()}, {}, id="nothing-given"),
        pytest.param({"timeout": 0}, {"timeout": 0}, id="zero-is-given"),
        pytest.param({"v": True}, {"v": True}, id="flag"),
        pytest.param({"keep_persistent": True}, {"remove_persistent": False}, id="opposite"),
        pytest.param({"missing": True}, {"pull_all_images": False}, id="opposite-of-images"),
        pytest.param(
            {"force_update": ("web",), "renewed_volumes": (DATA,)},
            {"force_update": ("web", DATA)},
            id="both-that-force",
        ),
    ],
)
def test_only_what_was_given_becomes_a_keyword(
    options: dict[str, object], expected: dict[str, object]
) -> None:
    assert keywords(options) == expected


GIVEN: dict[str, object] = {
    "timeout": 3,
    "signal": "HUP",
    "nonrecoverable_exit_codes": (1, 2),
    "check_exec_commands": "partial",
    "wait_timeout": 1.5,
    "tail": 3,
}


@pytest.mark.parametrize("verb", list(OPTIONS))
def test_every_option_is_one_that_its_action_takes(verb: Verb) -> None:
    command = OPTIONS[verb]

    def take(**_: object) -> None: ...

    for option in command:
        take = option(take)
    names = [parameter.name for parameter in take.__click_params__]  # type: ignore[attr-defined]
    # What is to be replaced anyway is a selection, which the client reads itself.
    forcing = {"force_update", "renewed_volumes"}
    given = {name: GIVEN.get(name, True) for name in names if name not in forcing}

    parse_options(verb, keywords(given))


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        pytest.param(
            "update_persistent=True replaces it", "--update-persistent replaces it", id="flag"
        ),
        pytest.param("use script_transfer='copy'", "use --copy", id="one-of-several"),
        pytest.param("remove_persistent=False", "--keep-persistent", id="opposite"),
        pytest.param(
            f"With force_update={DATA} all", "With --renew-volume db.data all", id="volume"
        ),
        pytest.param("raise wait_timeout of the client", None, id="setting"),
        pytest.param("  | cache=1 v=True force=True", None, id="words-of-others"),
    ],
)
def test_keywords_in_what_the_library_says_are_told_as_options(
    said: str, typed: str | None
) -> None:
    assert as_typed(said) == (typed or said)
