from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.drawing.raster.glyphs import MISSING, elide, legible, text_width, typeset
from ecgmpi.drawing.raster.palette import SHADES, TEXT


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(), max_size=40), st.floats(2, 80))
def test_any_text_is_drawn_without_a_word(text: str, size: float) -> None:
    classes = typeset(text, size).classes
    assert classes.dtype == np.uint8
    assert set(np.unique(classes)) <= {0, *range(TEXT + 1, TEXT + SHADES + 1)}


@pytest.mark.parametrize("odd", ["\n", "\0", "\x1b", "\udc80", "心", "\u202e", "\U0010ffff"])
def test_what_cannot_be_drawn_is_replaced(odd: str) -> None:
    assert legible(f"a{odd}b") == f"a{MISSING}b"


def test_dollars_and_backslashes_are_only_letters() -> None:
    assert legible(r"a$\alpha$_II") == r"a$\alpha$_II"
    assert typeset("$x$", 30).advance > typeset("x", 30).advance


def test_a_title_that_fits_stays() -> None:
    assert elide("TRAIN101_II", 60, 1000) == "TRAIN101_II"


@pytest.mark.parametrize("length", [50, 300, 100_000])
def test_a_long_title_keeps_its_beginning_and_its_lead(length: int) -> None:
    title = "first" + "x" * length + "_aVR"
    short = elide(title, 60, 900)
    assert text_width(short, 60) <= 900
    assert text_width(short, 60) > 800
    assert short.startswith("first")
    assert short.endswith("_aVR")
    assert short.count("…") == 1


def test_no_room_at_all_is_an_ellipsis() -> None:
    assert elide("abc", 60, 1) == "…"


ALONE = """
import hashlib, sys
from ecgmpi.drawing.raster import matplotlib_setup
from ecgmpi.drawing.raster.glyphs import typeset

if sys.argv[1] == "alone":
    matplotlib_setup.load_font_engine_alone()
drawn = [typeset("aVR 0.5 mV \u2026 \u2212 25 mm/s", size) for size in (9.5, 14.0, 22.7)]
print(hashlib.sha256(b"".join(text.classes.tobytes() for text in drawn)).hexdigest())
print("matplotlib" in sys.modules)
matplotlib_setup.load_figures()
from matplotlib import ft2font
print(ft2font is matplotlib_setup.font_engine())
"""


def test_the_font_engine_alone_draws_the_same_and_the_rest_can_follow() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", ALONE, how], capture_output=True, text=True, check=True
        ).stdout.split()
        for how in ("alone", "whole")
    ]
    assert said[0][0] == said[1][0]
    assert [words[1:] for words in said] == [["False", "True"], ["True", "True"]]
