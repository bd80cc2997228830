"""The fixtures that tests on a real engine stand on."""

from __future__ import annotations

import pytest
from raw_engine import RawEngine

pytestmark = pytest.mark.engine


def run(engine: RawEngine, name: str, image: str) -> None:
    status, answer = engine.call("POST", "containers/create", {"Image": image}, name=name)
    assert status == 201, answer
    status, answer = engine.call("POST", f"containers/{name}/start")
    assert status == 204, answer


def test_removing_by_prefix_leaves_other_names_alone(
    raw_engine: RawEngine, prefix: str, test_image: str
) -> None:
    for name in (f"{prefix}-a", f"{prefix}-b"):
        run(raw_engine, name, test_image)
    raw_engine.call("POST", "volumes/create", {"Name": f"{prefix}-a"})
    raw_engine.call("POST", "networks/create", {"Name": f"{prefix}-a"})

    raw_engine.remove_all(f"{prefix}-a")

    assert raw_engine.container_names(prefix) == [f"{prefix}-b"]
    assert raw_engine.volume_names(prefix) == []
    assert raw_engine.network_names(prefix) == []


@pytest.mark.parametrize(
    ("image", "code"),
    [
        pytest.param("failing_image", 3, id="fails-at-once"),
        pytest.param("ending_image", 0, id="ends-at-once"),
    ],
)
def test_short_lived_images_end_with_their_code(
    raw_engine: RawEngine, prefix: str, request: pytest.FixtureRequest, image: str, code: int
) -> None:
    run(raw_engine, prefix, request.getfixturevalue(image))

    _, answer = raw_engine.call("POST", f"containers/{prefix}/wait")

    assert answer["StatusCode"] == code


def test_the_prompt_image_ends_when_asked(
    raw_engine: RawEngine, prefix: str, prompt_image: str
) -> None:
    run(raw_engine, prefix, prompt_image)

    raw_engine.call("POST", f"containers/{prefix}/stop", t="30")

    container = raw_engine.container(prefix)
    assert container is not None
    assert container["State"]["ExitCode"] == 0
