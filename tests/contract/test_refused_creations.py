"""Containers that are refused, in a real engine's words."""

from __future__ import annotations

import pytest
from contract_calls import (
    A,
    Ask,
    Refusals,
    assert_refused,
    case,
    create,
    on_network,
    static,
)
from contract_partners import Partner

from aiodockmap.engine import ApiRequest, Refused

TAKEN = (
    'Conflict. The container name "/~a" is already in use by container "<id>". '
    "You have to remove (or rename) that container to be able to reuse that name."
)
BAD_NAME = "Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
CREATE = [
    case("name-taken", [A], A, 409, TAKEN),
    case("name-too-short", [], create("e"), 400, BAD_NAME.format("e")),
    case("name-with-space", [], create("a b"), 400, BAD_NAME.format("a b")),
    case("name-starts-badly", [], create("-bad"), 400, BAD_NAME.format("-bad")),
    case("image-missing", [], create("~a", Image="~x"), 404, "No such image: ~x:latest"),
    case("tag-missing", [], create("~a", Image="~x:1"), 404, "No such image: ~x:1"),
    case(
        "registry-image-missing",
        [],
        create("~a", Image="localhost:5/x/~x"),
        404,
        "No such image: localhost:5/x/~x:latest",
    ),
    case(
        "image-id-missing",
        [],
        create("~a", Image="sha256:deadbeef"),
        404,
        "No such image: sha256:deadbeef",
    ),
    case(
        "image-empty",
        [],
        create("~a", Image=""),
        400,
        "No command specified",
        on_28=(400, "no command specified"),
    ),
    case(
        "image-in-upper-case",
        [],
        create("~a", Image="UPPER"),
        400,
        "invalid reference format: repository name must be lowercase",
        on_28=(
            400,
            "invalid reference format: repository name (library/UPPER) must be lowercase",
        ),
    ),
    case("image-malformed", [], create("~a", Image="a:b:c"), 400, "invalid reference format"),
    case(
        "other-platform",
        [],
        Ask(
            "POST",
            "containers/create",
            {"Image": "aiodockmap-test:latest"},
            {"name": "~a", "platform": "linux/arm64"},
        ),
        404,
        "image with reference aiodockmap-test:latest was found but does not match "
        "the specified platform: wanted linux/arm64, actual: linux/amd64",
        on_28=(
            404,
            (
                "image with reference aiodockmap-test:latest was found but its platform "
                "(linux/amd64) does not match the specified platform (linux/arm64)"
            ),
        ),
    ),
    case(
        "body-empty",
        [],
        Ask("POST", "containers/create", {}, {"name": "~a"}),
        400,
        "Config cannot be empty in order to create a container",
        on_28=(400, "config cannot be empty in order to create a container"),
    ),
    case(
        "no-command",
        [],
        create("~a", Entrypoint=[""]),
        400,
        "No command specified",
        on_28=(400, "no command specified"),
    ),
    case(
        "relative-working-directory",
        [],
        create("~a", WorkingDir="rel"),
        400,
        "the working directory 'rel' is invalid, it needs to be an absolute path",
    ),
    case(
        "working-directory-that-is-a-file",
        [],
        create("~a", WorkingDir="/etc/../etc/passwd"),
        500,
        "Cannot mkdir: /etc/passwd is not a directory",
    ),
    case(
        "stop-signal",
        [],
        create("~a", StopSignal="ZZ"),
        400,
        "Invalid signal: ZZ",
        on_28=(400, "invalid signal: ZZ"),
    ),
    case(
        "stop-signal-number",
        [],
        create("~a", StopSignal=9),
        500,
        "json: cannot unmarshal number into Go struct field "
        "ContainerConfigWrapper.StopSignal of type string",
        on_28=(
            400,
            (
                "invalid JSON: json: cannot unmarshal number into Go struct field "
                ".StopSignal of type string"
            ),
        ),
    ),
    case(
        "environment-map",
        [],
        create("~a", Env={"A": "b"}),
        500,
        "json: cannot unmarshal object into Go struct field "
        "ContainerConfigWrapper.Env of type []string",
        on_28=(
            400,
            (
                "invalid JSON: json: cannot unmarshal object into Go struct field .Env of "
                "type []string"
            ),
        ),
    ),
    case(
        "environment-text",
        [],
        create("~a", Env="A=b"),
        500,
        "json: cannot unmarshal string into Go struct field "
        "ContainerConfigWrapper.Env of type []string",
        on_28=(
            400,
            (
                "invalid JSON: json: cannot unmarshal string into Go struct field .Env of "
                "type []string"
            ),
        ),
    ),
    case(
        "environment-without-name",
        [],
        create("~a", Env=["=x"]),
        400,
        "invalid environment variable: =x",
    ),
    case(
        "command-number",
        [],
        create("~a", Cmd=5),
        500,
        "json: cannot unmarshal number into Go struct field "
        "ContainerConfigWrapper.Cmd of type string",
        on_28=(
            400,
            "invalid JSON: json: cannot unmarshal number into Go value of type string",
        ),
    ),
    case(
        "health-interval",
        [],
        create("~a", Healthcheck={"Test": ["CMD", "x"], "Interval": 5}),
        400,
        "Interval in Healthcheck cannot be less than 1ms",
    ),
    case(
        "health-retries",
        [],
        create("~a", Healthcheck={"Test": ["CMD", "x"], "Retries": -5}),
        400,
        "Retries in Healthcheck cannot be negative",
    ),
    case(
        "several-networks",
        [],
        create("~a", NetworkingConfig={"EndpointsConfig": {"~n": {}, "~m": {}}}),
        400,
        "Container cannot be connected to network endpoints: <names>",
        on_28=(201, ""),
    ),
    case(
        "static-address-malformed",
        [],
        on_network("~a", "bridge", **static("zz")),
        400,
        "invalid IPv4 address: zz",
        on_28=(
            400,
            (
                "invalid config for network bridge: invalid endpoint settings:\n* user "
                "specified IP address is supported on user defined networks only\n* invalid "
                "IPv4 address: zz\n* user specified IP address is supported only when "
                "connecting to networks with user configured subnets"
            ),
        ),
    ),
]


@pytest.mark.parametrize("refusals", CREATE)
async def test_the_engine_refuses_creations(partner: Partner, refusals: Refusals) -> None:
    await assert_refused(partner, refusals)


ODD = "invalid character 'b' looking for beginning of object key string"
ARRAY = "json: cannot unmarshal array into Go value of type"


@pytest.mark.parametrize(
    ("path", "body", "on_20", "on_28"),
    [
        pytest.param(
            "containers/create",
            b"",
            (500, "EOF"),
            (400, "invalid JSON: got EOF while reading request body"),
            id="container-empty",
        ),
        pytest.param(
            "containers/create",
            b"{bad",
            (500, ODD),
            (400, f"invalid JSON: {ODD}"),
            id="container-malformed",
        ),
        pytest.param(
            "containers/create",
            b"[]",
            (500, f"{ARRAY} runconfig.ContainerConfigWrapper"),
            (400, f"invalid JSON: {ARRAY} container.CreateRequest"),
            id="container-array",
        ),
        pytest.param(
            "networks/create",
            b"",
            (400, "got EOF while reading request body"),
            (400, "invalid name: name is empty"),
            id="network-empty",
        ),
        pytest.param(
            "networks/create",
            b"{bad",
            (400, ODD),
            (400, f"invalid JSON: {ODD}"),
            id="network-malformed",
        ),
        pytest.param(
            "volumes/create",
            b"{bad",
            (400, ODD),
            (400, f"invalid JSON: {ODD}"),
            id="volume-malformed",
        ),
        pytest.param(
            "containers/~a/update",
            b"",
            (500, "EOF"),
            (404, "No such container: ~a"),
            id="update-empty",
        ),
    ],
)
async def test_a_body_that_is_no_document_is_refused(
    partner: Partner, path: str, body: bytes, on_20: tuple[int, str], on_28: tuple[int, str]
) -> None:
    request = ApiRequest(
        method="POST",
        path=partner.named(path),
        body=body,
        headers={"Content-Type": "application/json"},
    )

    with pytest.raises(Refused) as refusal:
        await partner.transport.request(request)

    message = refusal.value.message.replace(partner.prefix, "~")
    assert (refusal.value.status, message) == partner.either(on_20, on_28=on_28)
