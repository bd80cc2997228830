"""What engines and programs say, without what nobody is to see."""

from __future__ import annotations

from collections.abc import Callable

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
        pytest.param({"Options": {"o": "s3cr3t-v4lue"}}, id="option-of-network"),
        pytest.param({"IPAM": {"Options": {"o": "s3cr3t-v4lue"}}}, id="option-of-addresses"),
        pytest.param(
            {"HostConfig": {"LogConfig": {"Type": "x", "Config": {"tag": "s3cr3t-v4lue"}}}},
            id="option-of-log",
        ),
        pytest.param({"HostConfig": {"Tmpfs": {"/run": "s3cr3t-v4lue"}}}, id="tmpfs"),
        pytest.param(
            {"HostConfig": {"Mounts": [{"VolumeOptions": {"Labels": {"a": "s3cr3t-v4lue"}}}]}},
            id="label-of-mount",
        ),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"n": {"DriverOpts": {"o": "s3cr3t-v4lue"}}}}},
            id="option-of-connection",
        ),
        pytest.param({"username": "me", "password": "s3cr3t-v4lue"}, id="credentials"),
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


def test_a_key_of_several_lines_is_taken_out_of_each_line() -> None:
    config = {"Env": ["TLS_KEY=-----BEGIN KEY-----\nMIIEv4lue\n-----END KEY-----\n"]}

    assert redacted_output("read MIIEv4lue", config) == "read ***"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("at postgres://u:s3cretpass@h/db", "at postgres://***@h/db"),
        ("at 'redis://:s3cretpass@h:6379'", "at 'redis://***@h:6379'"),
        ("at https://ghp_t0ken@github.test/x.git", "at https://***@github.test/x.git"),
        ("at amqp://u:with/slash?and#hash@h", "at amqp://***@h"),
        ("at amqp://u:p@ss@h, then amqp://v:w@i", "at amqp://***@h, then amqp://***@i"),
        ("data: username=u,password=s3cret,vers=3", "data: username=u,password=***,vers=3"),
        ("host=h PASSWORD=s3cret user=u", "host=h PASSWORD=*** user=u"),
        ("GET http://h:8080/users/@me", "GET http://h:8080/users/@me"),
        ("mail me@there.test about http://h/", "mail me@there.test about http://h/"),
    ],
)
@pytest.mark.parametrize("quoted", [redacted, redacted_output])
def test_passwords_are_known_by_where_they_are(
    quoted: Callable[[str, object], str], said: str, shown: str
) -> None:
    assert quoted(said, {}) == shown


@pytest.mark.parametrize("body", [None, b"tar", {"Env": 5, "Labels": "x", "Cmd": {}}])
def test_bodies_of_any_shape_do_no_harm(body: object) -> None:
    assert redacted("said", body) == "said"
