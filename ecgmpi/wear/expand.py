"""From indices of a palette to colours."""

from __future__ import annotations

import numpy as np

from .opencv import opencv
from .states import Bytes, Floats


def expanded(indices: Bytes, palette: Floats) -> Bytes:
    """Give the colour of each pixel.

    Parameters
    ----------
    indices
        uint8, shape (height, width).
    palette
        float64, shape (256, 3): red, green, blue, 0 to 255.

    Returns
    -------
    ndarray
        uint8, shape (height, width, 3): blue, green, red.
    """
    cv2 = opencv()
    whole = np.rint(np.clip(palette, 0, 255)).astype(np.uint8)
    channels = [cv2.LUT(indices, np.ascontiguousarray(whole[:, k])) for k in (2, 1, 0)]
    pixels: Bytes = cv2.merge(channels)
    return pixels
