"""JPEG files by Pillow, from the same pixels as the PNG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError
from ecgmpi.picture_formats import MOST_QUALITY

QUALITY = 90
"""The default quality."""


def encode_jpeg(
    indices: npt.NDArray[np.uint8],
    palette: npt.NDArray[np.uint8],
    dpi: float,
    quality: int,
    text: Mapping[str, object],
) -> bytes:
    """Write a baseline JPEG without chroma subsampling, since the lines are thin.

    Parameters
    ----------
    indices
        uint8, shape (height, width): palette index of each pixel.
    palette
        uint8, shape (256, 3): red, green, blue.
    dpi
        Pixels per inch; the header holds whole ones.
    quality
        1 to 95, as libjpeg counts.
    text
        Content of the comment, as JSON with sorted keys.

    Returns
    -------
    bytes
        The file: the same bytes for the same arguments, with the same version of Pillow.

    Raises
    ------
    UsageError
        There is no such quality.
    """
    from PIL import Image

    if not 1 <= quality <= MOST_QUALITY:
        raise UsageError(f"quality {quality}: give 1 to {MOST_QUALITY}")
    image = Image.fromarray(indices)
    image.putpalette(palette.tobytes())
    file = BytesIO()
    image.convert("RGB").save(
        file,
        "JPEG",
        quality=quality,
        subsampling="4:4:4",
        dpi=(dpi, dpi),
        comment=json.dumps(text, sort_keys=True, separators=(",", ":")),
    )
    return file.getvalue()
