"""A reader that has the PNG and its annotation, and no more, gets the signal back."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from ecgmpi.review.roundtrip.bounds import BOUNDS
from ecgmpi.review.roundtrip.ink import by_centroid
from tests.roundtrip.trips import LEADS, corpus, pages, strips


def test_strips_come_back(test_data: Path) -> None:
    errors = [trip.error for trip in strips(corpus(test_data), by_centroid, dpi=400.0)]
    assert len(errors) == LEADS
    assert statistics.median(errors) <= BOUNDS["strip"][0]
    assert max(errors) <= BOUNDS["strip"][1]


@pytest.mark.slow
def test_pages_come_back_where_no_trace_crosses_another(test_data: Path) -> None:
    errors = [trip.error for trip in pages(corpus(test_data), by_centroid, dpi=300.0)]
    assert len(errors) == LEADS
    assert statistics.median(errors) <= BOUNDS["page"][0]
    assert max(errors) <= BOUNDS["page"][1]
