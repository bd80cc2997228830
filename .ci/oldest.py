"""Print the oldest versions of the dependencies that we say we work with, as constraints for pip."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
extras = project["optional-dependencies"].values()
for requirement in sorted(
    [*project["dependencies"], *(line for extra in extras for line in extra)]
):
    sys.stdout.write(requirement.replace(">=", "==") + "\n")
