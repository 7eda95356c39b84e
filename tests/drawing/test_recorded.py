"""A program that draws differently says so: an OUT that another began is refused by FORMAT."""

from __future__ import annotations

import pytest

from tests.drawing.recorded import RECORDED, RENDERINGS, draw
from tests.recorded import forgotten


def test_pictures_are_what_they_were_when_format_was_last_raised() -> None:
    RECORDED.check(RECORDED.now(), "tests.drawing.recorded")


def test_any_change_is_seen() -> None:
    now = RECORDED.now()
    assert len(now["pictures"]) > len(RENDERINGS)
    name = sorted(now["pictures"])[0]
    file, pixels = now["pictures"][name]
    other = now | {"pictures": now["pictures"] | {name: [file ^ 1, pixels]}}
    assert "raise FORMAT" in forgotten(other, now)
    assert forgotten(other | {"format": 0}, now) == ""
    newer = other | {"versions": dict.fromkeys(now["versions"], "0")}
    assert "matplotlib 0 drew them then" in forgotten(newer, now)


@pytest.mark.slow
def test_they_are_the_same_each_time() -> None:
    assert draw() == draw()
