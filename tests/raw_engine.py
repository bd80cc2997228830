"""The Engine API without anything of ours, so that our mistakes do not hide themselves."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from small_image import small_file_system

__all__ = ["RawEngine"]


class RawEngine:
    """One engine, to prepare it and to look at what became of it.

    Every call blocks. From a test that runs on the loop, that is fine for the short ones.
    """

    def __init__(self, url: str, *, timeout: float = 30) -> None:
        self.url = url
        self._timeout = timeout

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        /,
        **query: str,
    ) -> tuple[int, Any]:
        """Return the status and the answer: JSON where it is JSON, else bytes."""
        connection = self._connection()
        target = f"/{path}" + (f"?{urlencode(query)}" if query else "")
        content: bytes | None
        headers = {}
        if isinstance(body, Mapping):
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        else:
            content = body
        try:
            connection.request(method, target, content, headers)
            response = connection.getresponse()
            answer = response.read()
            if response.getheader("Content-Type", "").startswith("application/json"):
                try:
                    return response.status, json.loads(answer or b"null")
                except json.JSONDecodeError:  # several documents, as pulls and imports send them
                    return response.status, answer
            return response.status, answer
        finally:
            connection.close()

    def lines(self, path: str, **query: str) -> Iterator[bytes]:
        """Yield what is answered to a GET, line by line as it comes."""
        connection = self._connection()
        connection.timeout = None
        try:
            connection.request("GET", f"/{path}?{urlencode(query)}")
            yield from connection.getresponse()
        finally:
            connection.close()

    def get(self, path: str, **query: str) -> Any:
        """Return what a call that must succeed answers."""
        status, answer = self.call("GET", path, None, **query)
        assert status < 400, f"GET /{path}: {status} {answer!r}"
        return answer

    def container(self, name: str) -> dict[str, Any] | None:
        """Return the inspected container, or None."""
        status, answer = self.call("GET", f"containers/{quote(name)}/json")
        return answer if status == 200 else None

    def container_names(self, prefix: str) -> list[str]:
        """Return the names of all containers, running or not, that start with `prefix`."""
        found = self.get("containers/json", all="true", **_named(prefix))
        names = (name.removeprefix("/") for entry in found for name in entry["Names"] or ())
        return sorted(name for name in names if name.startswith(prefix) and "/" not in name)

    def volume_names(self, prefix: str) -> list[str]:
        found = self.get("volumes", **_named(prefix))["Volumes"] or ()
        return sorted(entry["Name"] for entry in found if entry["Name"].startswith(prefix))

    def network_names(self, prefix: str) -> list[str]:
        found = self.get("networks", **_named(prefix))
        return sorted(entry["Name"] for entry in found if entry["Name"].startswith(prefix))

    def remove_all(self, prefix: str) -> None:
        """Remove every container, network and volume whose name starts with `prefix`."""
        for name in self.container_names(prefix):
            self.call("DELETE", f"containers/{quote(name)}", force="true", v="true")
        for entry in self.get("networks", **_named(prefix)):
            if entry["Name"].startswith(prefix):
                for container in self.get(f"networks/{entry['Id']}").get("Containers") or ():
                    self.call(
                        "POST",
                        f"networks/{entry['Id']}/disconnect",
                        {"Container": container, "Force": True},
                    )
                self.call("DELETE", f"networks/{entry['Id']}")
        for name in self.volume_names(prefix):
            self.call("DELETE", f"volumes/{quote(name)}", force="true")

    def import_image(
        self, name: str, tag: str, command: Sequence[str], *, changes: str = ""
    ) -> None:
        """Make an image of busybox that runs `command`, with further lines of a Dockerfile."""
        status, answer = self.call(
            "POST",
            "images/create",
            small_file_system(),
            fromSrc="-",
            repo=name,
            tag=tag,
            changes=f"CMD {json.dumps(command)}\n{changes}",
        )
        assert status == 200, f"cannot make the image {name}:{tag}: {answer!r}"
        assert b'"error"' not in json.dumps(answer, default=bytes.decode).encode(), answer

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            return _UnixConnection(parts.path, timeout=self._timeout)
        assert parts.hostname is not None, f"tests cannot reach {self.url}"
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self._timeout)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, *, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _named(prefix: str) -> dict[str, str]:
    """Have the engine find what may be called so: to tell of everything that it has costs it more."""
    return {"filters": json.dumps({"name": [re.escape(prefix)]})} if prefix else {}
