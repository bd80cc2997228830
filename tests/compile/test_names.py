"""Names on engines (NAME-1 to NAME-15, IMG-1 to IMG-24)."""

from __future__ import annotations

import pytest

from aiodockmap.compile import NamingPolicy
from aiodockmap.model import DEFAULT_ENGINE, ImageReference

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("image", "repository", "tag", "expected"),
    [
        pytest.param(None, None, None, "shop:latest", id="IMG-10"),
        pytest.param("api", None, None, "api:latest", id="IMG-11"),
        pytest.param(None, "reg.test", None, "reg.test/shop:latest", id="IMG-12"),
        pytest.param("api", "reg.test", None, "reg.test/api:latest", id="IMG-13"),
        pytest.param(None, None, "stage", "shop:stage", id="IMG-14"),
        pytest.param("api", None, "stage", "api:stage", id="IMG-15"),
        pytest.param(None, "reg.test", "stage", "reg.test/shop:stage", id="IMG-16"),
        pytest.param("api", "reg.test", "stage", "reg.test/api:stage", id="IMG-17"),
        pytest.param("/api", "reg.test", "stage", "api:stage", id="IMG-18"),
        pytest.param("api:1", "reg.test", "stage", "reg.test/api:1", id="IMG-19"),
        pytest.param("/api:2", "reg.test", "stage", "api:2", id="IMG-20"),
        pytest.param("team/api", "reg.test", "stage", "team/api:stage", id="IMG-21"),
        pytest.param("other:5000/a/b:1", "reg.test", "stage", "other:5000/a/b:1", id="IMG-22"),
        pytest.param("other:5000/a/b", "reg.test", "stage", "other:5000/a/b:stage", id="IMG-23"),
        pytest.param(f"api@{DIGEST}", "reg.test", "stage", f"reg.test/api@{DIGEST}", id="IMG-24"),
        pytest.param("", "reg.test", None, "reg.test/shop:latest", id="IMG-1-empty"),
        pytest.param("api", "reg.test:5000", None, "reg.test:5000/api:latest", id="IMG-5-prefix"),
    ],
)
def test_images_get_prefix_and_tag_where_they_have_none(
    image: str | None, repository: str | None, tag: str | None, expected: str
) -> None:
    name = NamingPolicy().image_name(image, "shop", repository, tag)

    assert str(name) == expected


@pytest.mark.parametrize("image", ["Shop", "a b", "a//b", "a:"])
def test_what_no_engine_takes_for_an_image_is_refused(image: str) -> None:
    with pytest.raises(ValueError, match="name of an image"):
        NamingPolicy().image_name(image, "shop")


def test_containers_volumes_and_networks_are_named_after_their_map() -> None:
    naming = NamingPolicy()

    assert naming.container_name("m", "web") == "m.web"
    assert naming.container_name("m", "app", "i1") == "m.app.i1"
    assert naming.volume_name("m", "sock") == "m.sock"
    assert naming.volume_name("m", "sock", "app") == "m.app.sock"
    assert naming.network_name("m", "net1") == "m.net1"


@pytest.mark.parametrize("name", ["bridge", "host", "none", "default"])
def test_networks_of_the_engine_keep_their_names(name: str) -> None:
    assert NamingPolicy().network_name("m", name) == name


@pytest.mark.parametrize(
    ("container", "client", "expected"),
    [
        pytest.param("m.app.i1", DEFAULT_ENGINE, "m-app-i1", id="default-client"),
        pytest.param("m.app.i1", "client1", "m-app-i1-client1", id="other-client"),
        pytest.param("m.my_app", "far_away.1", "m-my-app-far-away-1", id="replaced"),
    ],
)
def test_host_names_have_no_dots_and_end_with_the_client(
    container: str, client: str, expected: str
) -> None:
    assert NamingPolicy().hostname(container, client) == expected


def test_replacements_and_the_default_client_can_be_chosen() -> None:
    naming = NamingPolicy(hostname_replace=[(".", "_")], default_client_name="here")

    assert naming.hostname("m.a-b", "here") == "m_a-b"
    assert naming.link_alias("app.i1") == "app_i1"


def test_link_aliases_are_the_target_without_the_map() -> None:
    assert NamingPolicy().link_alias("app.i1") == "app-i1"


def test_a_policy_can_be_replaced_by_a_subclass() -> None:
    class Flat(NamingPolicy):
        def container_name(
            self, map_name: str, configuration: str, instance: str | None = None
        ) -> str:
            return "_".join(part for part in (map_name, configuration, instance) if part)

        def image_name(
            self,
            image: str | None,
            configuration: str,
            repository: str | None = None,  # noqa: ARG002
            default_tag: str | None = None,  # noqa: ARG002
        ) -> ImageReference:
            return ImageReference(image or configuration, "pinned")

    assert Flat().container_name("m", "app", "i1") == "m_app_i1"
    assert str(Flat().image_name(None, "shop")) == "shop:pinned"
