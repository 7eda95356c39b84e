"""The READMEs: commands that run as they stand, and links and paths that lead somewhere."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.processes import run

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
CHAPTERS = sorted({README, *(ROOT / "ecgmpi").rglob("README.md"), *ROOT.glob("*/README.md")})


def marked(mark: str) -> str:
    """The shell block under ``<!-- mark -->``."""
    found = re.findall(
        rf"^<!-- {mark} -->\n```sh\n(.*?)^```$", README.read_text(encoding="utf-8"), re.S | re.M
    )
    assert len(found) == 1, mark
    return str(found[0])


@pytest.mark.parametrize("mark", ["command: first run", "command: tests"])
def test_a_command_is_one_line_that_does_all_the_set_up(mark: str) -> None:
    command = marked(mark)
    assert command.count("\n") == 1, command
    assert "python3 -m venv .venv" in command


def test_it_is_read_in_a_minute() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_the_first_run_leaves_what_it_says(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run(["sh", "-ec", marked("commands: quick start")], {"PATH": path}, cwd=tmp_path).expect(0)
    tree = re.findall(r"^    (demo/out/\S+)  +(.*)$", README.read_text(encoding="utf-8"), re.M)
    assert len(tree) == 8
    for name, about in tree:
        assert (tmp_path / name).exists() != ("instead" in about), name
    assert (tmp_path / "demo" / "page.png").is_file()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(chapter: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", chapter.read_text(encoding="utf-8"))
    lost = [link for link in links if "://" not in link and not (chapter.parent / link).exists()]
    assert lost == []


def test_the_tour_names_files_that_are_there() -> None:
    tour = ROOT / "ecgmpi" / "README.md"
    named = re.findall(r"`([\w/]+\.py)`", tour.read_text(encoding="utf-8"))
    assert len(named) > 40
    assert [
        name for name in named if not any((top / name).exists() for top in (tour.parent, ROOT))
    ] == []
