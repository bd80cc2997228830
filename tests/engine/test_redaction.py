"""What engines and programs say, without what nobody is to see."""

from __future__ import annotations

import pytest

from aiodockmap.engine._redaction import redacted, redacted_output


def test_values_of_variables_are_taken_out_and_their_names_stay() -> None:
    said = 'bad "PASSWORD=s3cret" and "1" and correct-horse'
    body = {"Env": ["PASSWORD=s3cret", "OTHER=correct-horse", "ONE=1", "NONE"]}

    assert redacted(said, body) == 'bad "PASSWORD=***" and "1" and ***'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"Labels": {"deploy": "s3cr3t-v4lue"}}, id="label"),
        pytest.param({"DriverOpts": {"o": "s3cr3t-v4lue"}}, id="driver-option"),
        pytest.param({"Cmd": ["/bin/login", "s3cr3t-v4lue"]}, id="argument"),
        pytest.param({"Entrypoint": ["/bin/login"], "Cmd": ["s3cr3t-v4lue"]}, id="only-argument"),
        pytest.param({"Healthcheck": {"Test": ["CMD", "x", "s3cr3t-v4lue"]}}, id="check"),
    ],
)
def test_values_that_are_no_variables_are_taken_out_too(body: dict[str, object]) -> None:
    assert redacted("invalid: s3cr3t-v4lue", body) == "invalid: ***"


def test_the_program_that_is_missing_is_told() -> None:
    said = 'exec: "/bin/lggin": no such file'

    assert redacted(said, {"Cmd": ["/bin/lggin", "s3cr3t-v4lue"]}) == said


def test_the_name_of_the_resource_is_told() -> None:
    body = {"Labels": {"io.aiodockmap.map": "production", "role": "worker"}}

    said = redacted("production.worker is taken", body, name="production.worker")

    assert said == "production.worker is taken"


def test_a_value_that_is_part_of_another_does_not_keep_the_rest() -> None:
    body = {"Env": ["A=secret", "B=secret-and-more"]}

    assert redacted("invalid: secret-and-more", body) == "invalid: ***"


def test_values_are_found_as_engines_quote_them() -> None:
    value = 'two\nlines "quoted"'

    assert (
        redacted('invalid: "two\\nlines \\"quoted\\""', {"Env": [f"A={value}"]}) == 'invalid: "***"'
    )


def test_of_what_a_program_prints_only_secrets_are_taken_out() -> None:
    config = {"Env": ["DB_PASSWORD=correct-horse", "STAGE=production"]}

    printed = redacted_output("production: cannot log in with correct-horse", config)

    assert printed == "production: cannot log in with ***"


@pytest.mark.parametrize("body", [None, b"tar", {"Env": 5, "Labels": "x", "Cmd": {}}])
def test_bodies_of_any_shape_do_no_harm(body: object) -> None:
    assert redacted("said", body) == "said"
