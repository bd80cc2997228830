"""Who talks to an embedded engine in tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from aiodockmap.engine import ApiRequest, ApiResponse, Transport


@frozen
class Asker:
    """Short ways to make calls."""

    transport: Transport

    async def __call__(
        self, method: str, path: str, body: Mapping[str, Any] | bytes | None = None, **query: str
    ) -> ApiResponse:
        request = ApiRequest(method=method, path=path, body=body, query=query)
        return await self.transport.request(request)

    async def create(self, name: str, **body: Any) -> str:
        """Create a container; return its id."""
        sent = {"Image": "app:1", **body}
        answer = await self("POST", "containers/create", sent, name=name)
        made: str = json.loads(answer.body)["Id"]
        return made

    async def start(self, name: str) -> ApiResponse:
        return await self("POST", f"containers/{name}/start")

    async def stop(self, name: str, **query: str) -> ApiResponse:
        return await self("POST", f"containers/{name}/stop", None, **query)
