"""Names of images, taken apart and compared (IMG-5, IMG-6, PULL-4, BUG-28)."""

from __future__ import annotations

import pytest

from aiodockmap.model import ImageReference

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        pytest.param("x", "x", None, None, id="name"),
        pytest.param("x:1", "x", "1", None, id="tag"),
        pytest.param("team/x:1", "team/x", "1", None, id="folder-and-tag"),
        pytest.param("host:5000/img", "host:5000/img", None, None, id="port-is-no-tag"),
        pytest.param("host:5000/a/b:1", "host:5000/a/b", "1", None, id="port-and-tag"),
        pytest.param(f"x@{DIGEST}", "x", None, DIGEST, id="digest"),
        pytest.param(f"host:5000/x:1@{DIGEST}", "host:5000/x", "1", DIGEST, id="all"),
    ],
)
def test_references_are_taken_apart_and_put_together(
    text: str, repository: str, tag: str | None, digest: str | None
) -> None:
    """USR-3."""
    reference = ImageReference.parse(text)

    assert reference == ImageReference(repository, tag, digest)
    assert str(reference) == text


@pytest.mark.parametrize("text", ["", ":1", "x:", "x@", "reg.test/", "reg.test/:1"])
def test_a_reference_without_a_repository_or_with_an_empty_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an image"):
        ImageReference.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x:latest",
        "library/x",
        "docker.io/x",
        "docker.io/library/x",
        "index.docker.io/x:latest",
    ],
)
def test_all_spellings_of_a_hub_image_are_one(text: str) -> None:
    assert ImageReference.parse(text).canonical == "docker.io/library/x:latest"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        pytest.param("team/x:1", "docker.io/team/x:1", id="hub-folder"),
        pytest.param("reg.test/x", "reg.test/x:latest", id="registry-keeps-its-root"),
        pytest.param("localhost/x:1", "localhost/x:1", id="localhost"),
        pytest.param(f"x:1@{DIGEST}", f"docker.io/library/x@{DIGEST}", id="digest-beats-tag"),
    ],
)
def test_canonical_text_names_registry_folder_and_version(text: str, canonical: str) -> None:
    assert ImageReference.parse(text).canonical == canonical


@pytest.mark.parametrize(
    ("text", "registry"),
    [
        pytest.param("x", "docker.io", id="bare"),
        pytest.param("team/x", "docker.io", id="folder"),
        pytest.param("index.docker.io/x", "docker.io", id="hub-by-its-old-name"),
        pytest.param("reg.test/team/x:1", "reg.test", id="dot"),
        pytest.param("reg:5000/x", "reg:5000", id="port"),
        pytest.param("localhost/x", "localhost", id="localhost"),
    ],
)
def test_the_registry_is_the_first_component_if_it_looks_like_a_host(
    text: str, registry: str
) -> None:
    """USR-9."""
    assert ImageReference.parse(text).registry == registry
