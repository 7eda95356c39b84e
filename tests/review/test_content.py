"""A picture whose checksum is right may still be none, or of another size."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ecgmpi.drawing import draw
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.picture_formats import PICTURE_FORMATS
from ecgmpi.review.content import picture_fault

PICTURE = draw(synthesize(seed=0, index=0, duration=1.0), lead="II", dpi=60.0)


@pytest.mark.parametrize("format", PICTURE_FORMATS)
def test_a_picture_is_sound(format: str) -> None:
    data = PICTURE.encode(format)
    assert picture_fault(data, format, PICTURE.width, PICTURE.height) == ""


@pytest.mark.parametrize("format", PICTURE_FORMATS)
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) * 2 // 3],
        lambda data: data[:0],
        lambda data: bytes(len(data)),
        lambda data: data[100:],
    ],
)
def test_half_a_picture_is_not(format: str, damage: Callable[[bytes], bytes]) -> None:
    data = damage(PICTURE.encode(format))
    assert picture_fault(data, format, PICTURE.width, PICTURE.height)


@pytest.mark.parametrize("format", ["png", "jpg"])
def test_a_picture_of_another_size_is_not(format: str) -> None:
    found = picture_fault(PICTURE.encode(format), format, PICTURE.width + 1, PICTURE.height)
    assert found == (
        f"{PICTURE.width} x {PICTURE.height} px, not {PICTURE.width + 1} x {PICTURE.height}"
    )


def test_a_picture_of_another_format_is_not() -> None:
    assert picture_fault(PICTURE.encode("jpg"), "png", PICTURE.width, PICTURE.height)
    assert picture_fault(b"<html/>", "svg", 1, 1) == "it is not an SVG"
