"""The README's first screen: two commands, each one line that does all the set-up."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_first_two_shell_blocks_are_the_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    blocks = re.findall(r"(<!-- command: [a-z ]+ -->)?\n+```sh\n(.*?)^```$", text, re.S | re.M)
    marks, commands = zip(*blocks[:2], strict=True)
    assert marks == ("<!-- command: first run -->", "<!-- command: tests -->")
    for command in commands:
        assert command.count("\n") == 1, command
        assert "python3 -m venv .venv" in command
