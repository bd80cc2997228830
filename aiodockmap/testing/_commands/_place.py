"""Where a command finds itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from posixpath import join, normpath
from typing import Final

from attrs import define, evolve, field, frozen

from ._files import Kind, Written
from ._steps import Unclear

_APPLET_NAMES: Final = """
[ ash awk base64 basename busybox cat chgrp chmod chown chroot clear cmp cp cut date dd df dirname du
echo env expr false find free grep gunzip gzip head hostname httpd id init ip kill killall less ln
logger ls md5sum mkdir mkfifo mknod mktemp more mount mv nc netstat nice nohup nproc nslookup od passwd
paste pgrep pidof ping pkill printenv printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum
sleep sort stat stty su sync tail tar tee telnet test time timeout top touch tr true tty umount uname
uniq unzip uptime usleep vi watch wc wget which whoami xargs yes
"""
APPLETS: Final = frozenset(_APPLET_NAMES.split())
"""The programs of busybox, which every embedded image has in `/bin`."""
FOLDERS: Final = frozenset({"/", "/bin", "/dev", "/etc", "/proc", "/root", "/sys", "/tmp"})  # noqa: S108 (in a container)
FILES: Final = frozenset(
    {"/etc/group", "/etc/hostname", "/etc/hosts", "/etc/passwd", "/etc/resolv.conf"}
)
DEVICES: Final = frozenset({"/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"})
EMPTY: Final = ("/run/", "/tmp/")  # noqa: S108 (in a container)
"""Folders in which images have nothing."""
BIN: Final = "/bin"
CANNOT_RUN: Final = 126
MISSING: Final = 127


@define(eq=False)
class Input:
    """What one command prints for another one."""

    text: str

    def read(self) -> str:
        """All of it, which is gone then."""
        text, self.text = self.text, ""
        return text


@frozen(kw_only=True)
class Place:
    """What a command finds in its container."""

    environment: Mapping[str, str] = field(factory=dict)
    hostname: str = ""
    directory: str = "/"
    programs: Sequence[str] = ()
    """What is there beside busybox, as it is called; `*` for anything."""
    has_all_programs: bool = False
    """Whether any program that it may run is taken to be there, whatever there is of files."""
    own_command: Sequence[str] = ()
    """What its image runs by itself."""
    mounts: frozenset[str] = frozenset()
    """Where something is mounted."""
    folders: frozenset[str] = frozenset()
    """Those that an engine makes for the container."""
    written: Written = field(factory=Written)
    """What commands have changed in its files."""
    piped: Input | None = None
    """What its standard input has, if that is a pipe."""
    has_input: bool = False
    """Whether its standard input stays open."""
    has_init: bool = False
    """Whether it is not the first process of the container, as that is an init."""
    is_read: bool = False
    """Whether what it prints becomes a word of a script."""
    is_exec: bool = False
    """Whether it is a command beside the container's own process."""

    def has(self, program: str) -> bool:
        """Whether a program is there beside busybox."""
        is_own = list(self.own_command[:1]) == [program]
        return is_own or self.has_all_programs or program in self.programs or "*" in self.programs

    def kind(self, path: str) -> Kind:
        """What there is at a path.

        Raises:
            Unclear: if only a real container could tell.
        """
        if not path:
            return Kind.NOTHING
        whole = self.absolute(path)
        written = self.written.kinds.get(whole)
        if written is not None and (written is not Kind.NOTHING or not self.is_below_mount(whole)):
            return written
        if whole in FOLDERS or whole in self.mounts or whole in self.folders:
            return Kind.FOLDER
        if whole in DEVICES:
            return Kind.DEVICE
        if whole in FILES or (whole.startswith(f"{BIN}/") and is_applet(whole)):
            return Kind.FILE
        is_empty_at_first = whole.startswith(EMPTY) and not self.is_below_mount(whole)
        if (self.programs and not is_empty_at_first) or self.is_below_mount(whole):
            raise Unclear("what is at a path")
        return Kind.NOTHING

    def is_absent(self, path: str) -> bool:
        """Whether there is certainly nothing at a path."""
        return self.is_certainly(Kind.NOTHING, path)

    def is_certainly(self, kind: Kind, path: str) -> bool:
        """Whether nobody has to doubt what is at a path."""
        try:
            return self.kind(path) is kind
        except Unclear:
            return False

    def is_below_mount(self, path: str) -> bool:
        """Whether nobody here knows what is at a path, as it is somewhere else."""
        return any(path.startswith(f"{mount.rstrip('/')}/") for mount in self.mounts)

    def absolute(self, path: str) -> str:
        """A path as seen from the root."""
        return normpath(join(self.directory, path))

    def with_environment(self, environment: Mapping[str, str]) -> Place:
        """The same place for a process with other variables."""
        return evolve(self, environment=environment)


def is_applet(executable: str) -> bool:
    """Whether a program is of busybox."""
    folder, _, name = executable.rpartition("/")
    return name in APPLETS and (folder == BIN or "/" not in executable)


def start_problem(executable: str, place: Place) -> tuple[str, int] | None:
    """What an engine says of a program that cannot be started, and the exit status then."""
    if is_applet(executable) or place.has(executable):
        return None
    if executable in FOLDERS or executable in FILES:
        return f'exec: "{executable}": permission denied', CANNOT_RUN
    if "/" not in executable:
        return f'exec: "{executable}": executable file not found in $PATH', MISSING
    if place.is_below_mount(place.absolute(executable)):
        return None
    return f'exec: "{executable}": stat {executable}: no such file or directory', MISSING
