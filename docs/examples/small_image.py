"""The file system of a small image: busybox and its applets, as a tar archive."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

__all__ = ["NoBusybox", "small_file_system"]

FOLDERS = {"bin": 0o755, "etc": 0o755, "root": 0o700, "run": 0o755, "tmp": 0o1777, "var": 0o755}
FILES = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": b"root:x:0:\nnobody:x:65534:\n",
}


class NoBusybox(Exception):
    """This machine has no busybox that runs without shared libraries."""

    def __init__(self) -> None:
        super().__init__(
            "install busybox as a static binary (Debian: `apt install busybox-static`)"
        )


def small_file_system() -> bytes:
    """Return an archive that `POST /images/create?fromSrc=-` takes as an image.

    Raises:
        NoBusybox: if there is nothing to make it of.
    """
    busybox = shutil.which("busybox")
    if busybox is None:
        raise NoBusybox
    program = Path(busybox).read_bytes()
    if b"/ld-linux" in program or b"/ld-musl" in program:
        raise NoBusybox
    applets = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True)  # noqa: S603
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, mode in FOLDERS.items():
            folder = tarfile.TarInfo(name)
            folder.type = tarfile.DIRTYPE
            folder.mode = mode
            tar.addfile(folder)
        for name, content in {"bin/busybox": program, **FILES}.items():
            file = tarfile.TarInfo(name)
            file.size = len(content)
            file.mode = 0o755 if name.startswith("bin/") else 0o644
            tar.addfile(file, io.BytesIO(content))
        for applet in sorted(set(applets.stdout.split()) - {"busybox"}):
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type = tarfile.SYMTYPE
            link.linkname = "busybox"
            tar.addfile(link)
    return archive.getvalue()
