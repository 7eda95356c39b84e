"""The text mask: each letter that is printed, by the entry of the annotation that has it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ecgmpi.datasets.decode import decode_text
from ecgmpi.drawing import THEMES, annotation, draw, text_mask, text_mask_png
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.layouts import PAGES, STRIP
from ecgmpi.picture_formats import COMPRESSIONS
from ecgmpi.themes import TEXT
from tests.drawing.signals import record

SHOWN = synthesize(seed=3, index=1, duration=10.0)


@pytest.mark.parametrize("theme", THEMES)
def test_on_a_strip_it_is_the_ink_of_letters(theme: str) -> None:
    picture = draw(SHOWN, dpi=100.0, style=THEMES[theme])
    np.testing.assert_array_equal(text_mask(picture) > 0, picture.indices() // 16 > TEXT)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("layout", [STRIP, *PAGES])
def test_every_text_fills_its_box_and_the_png_is_the_mask(layout: str, compression: str) -> None:
    picture = draw(SHOWN, layout, dpi=80.0)
    found = text_mask(picture)
    data = text_mask_png(picture, compression)
    np.testing.assert_array_equal(decode_text(data), found)
    assert text_mask_png(picture, compression) == data
    said = json.loads(annotation(picture, False))
    for number, text in enumerate(said["texts"], start=1):
        y, x = np.nonzero(found == number)
        box = [x.min(), y.min(), x.max() + 1, y.max() + 1]
        # Letters come with an empty column or row at times.
        np.testing.assert_allclose(box, text["box"], atol=2)
    assert found.max() == len(said["texts"])


def test_letters_of_a_page_are_there_below_traces_and_above_the_grid() -> None:
    picture = draw(SHOWN, "3x4+1", dpi=120.0, style=THEMES["black"])
    found, classes = text_mask(picture), picture.indices() // 16
    letters = np.zeros_like(found, np.bool_)
    for text in picture.sheet.texts:
        box = text.box
        letters[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = True
    assert (found[letters & (classes > TEXT)] > 0).all()
    # The faint edge of a letter may leave a line of the grid as it is.
    assert (classes[found > 0] > TEXT).mean() > 0.95


def test_texts_beyond_the_number_of_shades_share_the_last() -> None:
    picture = draw(record(np.zeros(300 * 100), 100.0), dpi=40.0)
    texts = picture.sheet.texts
    assert len(texts) > 255
    found = text_mask(picture)
    assert np.unique(found).tolist() == list(range(256))
    first, last = texts[254].box, texts[-1].box
    for box in (first, last):
        there = found[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
        assert there.max() == 255
