"""A reader who has picture, map and annotation gets the signal of a worn page back."""

from __future__ import annotations

import json
import statistics
from functools import partial
from pathlib import Path

import pytest
from scipy import ndimage

from ecgmpi.drawing import annotation, draw
from ecgmpi.review.roundtrip.fit import by_fit
from ecgmpi.review.roundtrip.ink import ink_of
from ecgmpi.wear.profiles import PROFILES
from tests.drawing import signals
from tests.roundtrip.trips import corpus, error
from tests.wear.unworn_signal import BLURS, CleanPage, unmarked


def test_a_blurred_stroke_is_read_as_well_as_a_sharp_one() -> None:
    record = signals.record(signals.beats(1.0))
    picture = draw(record, "strip", lead="II", dpi=200.0)
    said = json.loads(annotation(picture, lines=False))
    (lead,) = said["leads"]
    sharp = ink_of(picture.png(), said)
    pale = 0.7 * ndimage.gaussian_filter(sharp, 1.0)
    told = error(by_fit(sharp, lead, said), lead, record)
    assert error(by_fit(pale, lead, said, (0.6, 1.0)), lead, record) <= 1.5 * told
    assert error(by_fit(pale, lead, said), lead, record) > 2.5 * told


@pytest.mark.slow
def test_photographs_without_stains_are_read_nearly_as_well_as_pages(test_data: Path) -> None:
    pages = [CleanPage.of(record, 1) for record, _ in corpus(test_data)[:7]]
    profile = unmarked(PROFILES["photo"])
    decode = partial(by_fit, blurs=BLURS)
    clean = [error for page in pages for error in page.clean_errors(by_fit)]
    worn = [
        error
        for copy, page in enumerate(pages, start=1)
        for error in page.worn_errors(profile, 2, copy, decode)
    ]
    assert statistics.median(worn) <= 1.5 * statistics.median(clean)
