from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from ecgmpi.drawing import draw
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.errors import UsageError


@pytest.mark.parametrize(("layout", "dpi"), [("strip", 400), ("3x4+1", 150)])
def test_a_jpeg_is_the_png_within_the_loss(layout: str, dpi: int) -> None:
    picture = draw(synthesize(seed=0, index=1, duration=10.0), layout, dpi=dpi)
    off = []
    for quality in (30, 90):
        with Image.open(io.BytesIO(picture.jpg(quality))) as image:
            assert image.size == (picture.width, picture.height)
            assert image.info["dpi"] == (dpi, dpi)
            assert image.info["jfif_unit"] == 1
            assert json.loads(image.info["comment"]) == picture.metadata | {"dpi": dpi}
            # Colours are sampled as finely as shades.
            assert [part[1:3] for part in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]
            pixels = np.asarray(image).astype(int)
        off.append(np.abs(pixels - picture.rgb()))
    assert off[1].mean() < 3
    assert np.percentile(off[1], 99.9) < 40
    assert off[0].mean() > off[1].mean()


def test_a_better_jpeg_is_larger_and_the_same_each_time() -> None:
    picture = draw(synthesize(seed=0, index=1, duration=2.0))
    sizes = [len(picture.jpg(quality)) for quality in (1, 50, 90, 95)]
    assert sizes == sorted(set(sizes))
    assert picture.encode("jpg") == picture.jpg(90) == picture.jpg()
    for quality in (0, 96):
        with pytest.raises(UsageError, match=f"quality {quality}: give 1 to 95"):
            picture.jpg(quality)
