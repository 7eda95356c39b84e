"""The chapter on labels: its commands and code, in order, and what it says that they print."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.processes import run

CHAPTER = Path(__file__).resolve().parents[2] / "ecgmpi" / "labels" / "README.md"
BLOCK = re.compile(
    r"^<!-- run: (\w+) -->\n```\w+\n(.*?)^```\n(?:\n((?:    [^\n]*\n)+))?", re.S | re.M
)


@pytest.mark.slow
def test_every_piece_of_code_says_what_stands_below_it(tmp_path: Path) -> None:
    text = CHAPTER.read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    assert len(blocks) == 10 == text.count("\n```") // 2
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (tmp_path / "demo").mkdir()
    for where, code, printed in blocks:
        command = ["sh", "-ec", code] if where == "shell" else [sys.executable, "-c", code]
        ended = run(command, {"PATH": path}, cwd=tmp_path).expect(0)
        said = ended.err if where == "shell" else ended.out
        for line in printed.splitlines():
            assert line[4:].replace("...", str(tmp_path)) in said.splitlines()
