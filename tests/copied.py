"""A copy of the package, for a test that changes it as somebody who adds to it would."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import ecgmpi
from tests.processes import Ended, run


class CopiedPackage:
    """The package, copied below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._package = folder / "ecgmpi"
        ours = Path(ecgmpi.__file__).parent
        shutil.copytree(ours, self._package, ignore=shutil.ignore_patterns("__pycache__"))

    def add_module(self, path: str, text: str) -> None:
        """Write a module that is not there yet."""
        with (self._package / path).open("x", encoding="utf-8") as file:
            file.write(text)

    def add_line(self, path: str, after: str, line: str) -> None:
        """Put a line behind the one line that holds `after`."""
        module = self._package / path
        lines = module.read_text(encoding="utf-8").splitlines()
        (place,) = (number for number, text in enumerate(lines) if after in text)
        lines.insert(place + 1, line)
        module.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(self, *arguments: object) -> Ended:
        """Run the copy's command."""
        command = [sys.executable, "-P", "-m", "ecgmpi", *arguments]
        return run(command, environment={"PYTHONPATH": str(self._folder)})
