from __future__ import annotations

import pytest

from ecgmpi.drawing.strip.labels import label_step, number


@pytest.mark.parametrize(
    ("mm_per_second", "expected"), [(25.0, 1.0), (50.0, 0.5), (12.5, 2.0), (0.01, 1500.0)]
)
def test_labels_keep_apart(mm_per_second: float, expected: float) -> None:
    steps = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 300.0)
    assert label_step(steps, mm_per_second, 15.0) == expected


def test_numbers_have_a_real_minus_sign_and_the_decimals_of_their_step() -> None:
    assert [number(k, 0.5) for k in (-1, 0, 2)] == ["−0.5", "0.0", "1.0"]
    assert number(-4, 5.0) == "−20"
