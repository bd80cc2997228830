"""Images as `docker save` writes them: an import takes neither a stop signal nor, on 20.10, a platform."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping

from raw_engine import RawEngine
from small_image import small_file_system

_NATIVE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def load_image(
    engine: RawEngine, name: str, config: Mapping[str, object], architecture: str = _NATIVE
) -> None:
    """Give an engine an image of busybox with a configuration (`Config` of the Engine API)."""
    status, answer = engine.call("POST", "images/load", _saved(name, config, architecture))
    assert status == 200, answer


def _saved(name: str, config: Mapping[str, object], architecture: str) -> bytes:
    layer = small_file_system()
    details = {
        "architecture": architecture,
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    files = {
        "config.json": json.dumps(details).encode(),
        "layer.tar": layer,
        "manifest.json": json.dumps(manifest).encode(),
    }
    saved = io.BytesIO()
    with tarfile.open(fileobj=saved, mode="w") as archive:
        for file, content in files.items():
            entry = tarfile.TarInfo(file)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return saved.getvalue()
