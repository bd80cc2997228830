"""What is known of images: asked once, and never too much."""

from __future__ import annotations

from run_partners import WatchedTransport

from aiodockmap import ContainerMap, MapClient
from aiodockmap.engine._connection import MOST_IMAGES, Connection
from aiodockmap.state import ImageDetails
from aiodockmap.testing import EmbeddedEngine

IMAGE = "site-example"


async def test_an_image_is_looked_at_once_however_often_its_containers_are() -> None:
    """It cannot change under its id."""
    watched = WatchedTransport(EmbeddedEngine().transport())
    landscape = ContainerMap("m", {"web": {"image": IMAGE}, "db": {"image": IMAGE}})
    async with MapClient(landscape, default_client=watched) as client:
        await client.startup("__all__")
        for _ in range(3):
            assert (await client.plan("update", "__all__")).is_empty

    looks = [call.path for call in watched.calls if call.path.startswith("images/sha256")]
    assert len(looks) == 1


async def test_no_more_than_so_many_images_are_remembered() -> None:
    connection = Connection("a", EmbeddedEngine().transport())
    for number in range(MOST_IMAGES + 2):
        connection.remember_image(f"sha256:{number}", ImageDetails())

    assert len(connection.images) == MOST_IMAGES
    assert "sha256:1" not in connection.images
    assert f"sha256:{MOST_IMAGES + 1}" in connection.images
