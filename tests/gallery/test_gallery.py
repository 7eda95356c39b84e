"""The pictures that the README and its chapters show are what the program draws, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.gallery.pictures import FOLDER, OVERLAY, PICTURES, VERSIONS, WORN, drawn, versions

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = (ROOT / "README.md", ROOT / "ecgmpi" / "wear" / "README.md")

ALL = (*PICTURES, WORN, OVERLAY)

MOST = 250_000
"""Bytes that a picture may have: a clone and the README are to stay light."""


@pytest.fixture(scope="module")
def now() -> dict[str, bytes]:
    return drawn()


@pytest.mark.parametrize("name", ALL)
def test_a_committed_picture_is_what_is_drawn(name: str, now: dict[str, bytes]) -> None:
    kept = (FOLDER / name).read_bytes()
    assert len(kept) < MOST
    before = VERSIONS.read_text(encoding="utf-8")
    assert kept == now[name], (
        f"{name} was drawn otherwise, by\n{before}and now by\n{versions()}"
        "If it should look like this: python -m tests.gallery.pictures"
    )


def test_each_of_them_is_shown() -> None:
    shown = set()
    for chapter in CHAPTERS:
        found = re.findall(r"!\[[^]]+\]\(([^)]+)\)", chapter.read_text(encoding="utf-8"))
        shown |= {(chapter.parent / path).resolve() for path in found}
    assert shown == {FOLDER / name for name in ALL}
