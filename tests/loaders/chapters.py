"""Chapters of the manual whose code is run: its blocks, and a folder in which its commands ran."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from ecgmpi.ecg.synthetic import write_corpus
from tests.processes import run

PACKAGE = Path(__file__).resolve().parents[2] / "ecgmpi"
RECORDINGS = 3


def code(chapter: Path, where: str) -> list[str]:
    """The blocks to be run somewhere: in a shell, by a plain Python, by one with loaders."""
    text = chapter.read_text(encoding="utf-8")
    return re.findall(rf"^<!-- run: {where} -->\n```\w+\n(.*?)^```$", text, re.S | re.M)


def all_is_run(chapter: Path, *places: str) -> bool:
    """Whether every block of a chapter is to be run in one of these places."""
    text = chapter.read_text(encoding="utf-8")
    return text.count("\n```") == 2 * sum(len(code(chapter, where)) for where in places)


def run_commands(chapter: Path, folder: Path, duration: float) -> None:
    """Run the commands of a chapter in a folder with recordings of so many seconds."""
    write_corpus(folder / "demo" / "in", RECORDINGS, duration=duration)
    (commands,) = code(chapter, "shell")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run(["sh", "-ec", commands], {"PATH": path}, cwd=folder).expect(0)
