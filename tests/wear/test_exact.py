"""Sines and cosines made of sums and products."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.wear.exact import sine_cosine


@given(st.floats(-720, 720))
def test_they_are_those_of_the_angle(degrees: float) -> None:
    sine, cosine = sine_cosine(degrees)
    radians = math.radians(degrees)
    # What a large angle in radians loses counts as well.
    assert abs(sine - math.sin(radians)) < 4e-15
    assert abs(cosine - math.cos(radians)) < 4e-15


@given(st.integers(-1000, 1000))
def test_right_angles_are_exact(quarters: int) -> None:
    sine, cosine = sine_cosine(90.0 * quarters)
    assert {abs(sine), abs(cosine)} == {0.0, 1.0}
