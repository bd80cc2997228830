"""A credential helper as Docker's command line runs it, made for a test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from attrs import frozen

__all__ = ["CredentialHelper"]

NOT_FOUND = "credentials not found in native keychain"


@frozen
class CredentialHelper:
    """A program `docker-credential-NAME`, which notes what it is asked for."""

    name: str
    folder: Path

    @classmethod
    def installed(
        cls, folder: Path, monkeypatch: pytest.MonkeyPatch, script: str, *, name: str = "test"
    ) -> CredentialHelper:
        """Put one into the PATH that does as a shell script says; `$server` is what it is asked for."""
        helper = cls(name, folder)
        program = folder / f"docker-credential-{name}"
        program.write_text(
            f'#!/bin/sh\nserver=$(cat)\necho "$1 $server" >>{helper._notes}\n{script}\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
        return helper

    @property
    def asked(self) -> list[str]:
        """Command and server of each call."""
        return self._notes.read_text().splitlines() if self._notes.exists() else []

    @property
    def _notes(self) -> Path:
        return self.folder / f"{self.name}.asked"
