"""A registry on the loopback address, which engines trust without TLS."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from engine_views import free_ports
from small_image import small_file_system

__all__ = ["PASSWORD", "USER", "Registry", "encoded"]

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
NATIVE = "linux/amd64"
USER = "me"
PASSWORD = "correct-horse-battery"
_HASH = "$2b$04$613wuwzKVBTLBsEGeCPvreJ0/w2aydnR5WhTBbDzK.qX6BhYOfEdi"
"""Of the password, with the cheapest bcrypt."""

LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@frozen(kw_only=True)
class Registry:
    """Debian's docker-registry. Images are put there directly, so that no engine has them yet."""

    port: int
    is_private: bool = False
    """Whether it serves `USER` with `PASSWORD` only."""

    @classmethod
    @contextmanager
    def serving(cls, folder: Path, *, is_private: bool = False) -> Iterator[Registry]:
        """Run one, with its data in a folder."""
        program = shutil.which("docker-registry")
        if program is None:
            pytest.fail(
                "no registry to pull from: install docker-registry (Debian), or run the tests with "
                "`make test`",
                pytrace=False,
            )
        (port,) = free_ports(1)
        settings: dict[str, object] = {
            "version": "0.1",
            "log": {"level": "error"},
            "http": {"addr": f"127.0.0.1:{port}"},
            "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        }
        if is_private:
            (folder / "htpasswd").write_text(f"{USER}:{_HASH}\n", encoding="utf-8")
            settings["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}
        (folder / "config.yml").write_text(json.dumps(settings), encoding="utf-8")
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(  # noqa: S603  # found just now
                [program, "serve", str(folder / "config.yml")], stdout=log, stderr=log
            ) as process,
        ):
            try:
                registry = cls(port=port, is_private=is_private)
                registry._wait(process)
                yield registry
            finally:
                process.terminate()

    @property
    def address(self) -> str:
        """What the names of its images begin with."""
        return f"127.0.0.1:{self.port}"

    def publish(self, name: str, command: Sequence[str], *, tag: str = "latest") -> str:
        """Put an image of busybox there that runs `command`, and return its full name with tag."""
        manifest = self._manifest(name, command, NATIVE)
        self._call("PUT", f"/v2/{name}/manifests/{tag}", manifest, MANIFEST)
        return f"{self.address}/{name}:{tag}"

    def publish_for(
        self, name: str, command: Sequence[str], platforms: Sequence[str], *, tag: str = "latest"
    ) -> str:
        """Put an image there that says that it is made for several platforms: `linux/arm64/v8`."""
        entries = []
        for platform in platforms:
            manifest = self._manifest(name, command, platform)
            digest = _digest(manifest)
            self._call("PUT", f"/v2/{name}/manifests/{digest}", manifest, MANIFEST)
            entries.append(
                {
                    "mediaType": MANIFEST,
                    "size": len(manifest),
                    "digest": digest,
                    "platform": _platform(platform),
                }
            )
        content = {"schemaVersion": 2, "mediaType": MANIFEST_LIST, "manifests": entries}
        self._call("PUT", f"/v2/{name}/manifests/{tag}", _json(content), MANIFEST_LIST)
        return f"{self.address}/{name}:{tag}"

    def _manifest(self, name: str, command: Sequence[str], platform: str) -> bytes:
        packed, digest_unpacked = _layer()
        config = _json(
            {
                **_platform(platform),
                "config": {"Cmd": list(command), "Env": ["PATH=/bin"]},
                "rootfs": {"type": "layers", "diff_ids": [digest_unpacked]},
                "history": [{"created": "2024-01-01T00:00:00Z"}],
            }
        )
        return _json(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": self._upload(name, config, CONFIG),
                "layers": [self._upload(name, packed, LAYER)],
            }
        )

    def _upload(self, name: str, content: bytes, media_type: str) -> dict[str, object]:
        digest = _digest(content)
        place = self._call("POST", f"/v2/{name}/blobs/uploads/")["Location"]
        path = place.removeprefix(f"http://{self.address}")
        self._call("PUT", f"{path}&digest={digest}", content, "application/octet-stream")
        return {"mediaType": media_type, "size": len(content), "digest": digest}

    def _call(
        self, method: str, path: str, body: bytes = b"", content_type: str = "text/plain"
    ) -> Mapping[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Content-Type": content_type}
            if self.is_private:
                headers["Authorization"] = f"Basic {encoded(USER, PASSWORD)}"
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
            assert response.status < 400, f"{method} {path}: {response.status} {answer!r}"
            return dict(response.getheaders())
        finally:
            connection.close()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and process.poll() is None:
            try:
                self._call("GET", "/v2/")
            except OSError:
                time.sleep(0.02)
            else:
                return
        pytest.fail(f"docker-registry does not serve (exit code {process.poll()})")


def encoded(user: str, password: str) -> str:
    """What the `auth` of an entry in Docker's configuration has."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


@cache
def _layer() -> tuple[bytes, str]:
    """The only layer of all images, packed, and its digest unpacked."""
    unpacked = small_file_system()
    return gzip.compress(unpacked, compresslevel=1, mtime=0), _digest(unpacked)


def _platform(text: str) -> dict[str, str]:
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content).encode()
