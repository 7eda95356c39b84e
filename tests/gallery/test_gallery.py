"""The pictures that the README shows are what the program draws, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.gallery.pictures import FOLDER, PICTURES, VERSIONS, drawn, versions

README = Path(__file__).resolve().parents[2] / "README.md"

MOST = 150_000
"""Bytes that a picture may have: a clone and the README are to stay light."""


@pytest.fixture(scope="module")
def now() -> dict[str, bytes]:
    return drawn()


@pytest.mark.parametrize("name", PICTURES)
def test_a_committed_picture_is_what_is_drawn(name: str, now: dict[str, bytes]) -> None:
    kept = (FOLDER / name).read_bytes()
    assert len(kept) < MOST
    before = VERSIONS.read_text(encoding="utf-8")
    assert kept == now[name], (
        f"{name} was drawn otherwise, by\n{before}and now by\n{versions()}"
        "If it should look like this: python -m tests.gallery.pictures"
    )


def test_the_readme_shows_each_of_them() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(f"tests/gallery/{name}" for name in PICTURES)
    for path in shown:
        assert (README.parent / path).is_file()
