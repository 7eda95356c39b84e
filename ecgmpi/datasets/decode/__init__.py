"""Files of pictures and masks to numpy arrays. Start at `decode` and `decode_mask`.

The other masks have `decode_bits`, `decode_grid` and `decode_text`.

A PNG of ecgmpi is decoded here (`png`), faster than by any general decoder: it knows how its rows
are filtered, and that ECG paper repeats itself (`paper`). Any other file is left to Pillow
(`by_pillow`), which is imported only then.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError

from .area import MOST, factor_of, mean_of_indexed
from .indexed import IndexedImage
from .masks import classes_of, scaled_bits, scaled_grid, scaled_mask
from .png import decode_png, decode_png_of_16_bits

__all__ = [
    "COLOURS",
    "MOST",
    "IndexedImage",
    "decode",
    "decode_bits",
    "decode_grid",
    "decode_mask",
    "decode_png",
    "decode_text",
    "factor_of",
]

COLOURS = ("rgb", "indices")
"""What the pixels of a picture can be decoded to."""
_PIXELS = ("png", "jpg")


def decode(
    data: bytes, format: str = "png", colours: str = "rgb", scale: float = 1
) -> npt.NDArray[np.uint8]:
    """Decode a picture.

    Parameters
    ----------
    data
        The content of its file.
    format
        ``png`` or ``jpg``.
    colours
        ``rgb``, or ``indices`` of the palette of a PNG.
    scale
        1, or 1/n for a picture n times smaller, n from 2 to 16, with ``rgb``. Then each pixel is
        the mean of n x n pixels, each colour rounded to the nearest whole number, halves upwards;
        of fewer at the right and lower edges where n does not divide the size, which is rounded
        up. A JPEG is scaled by 2, 4 or 8 while it is decoded, which is faster and nearly the same,
        and the rest of the way by means.

    Returns
    -------
    ndarray
        uint8, writable: shape (ceil(height / n), ceil(width / n), 3), or (height, width) for
        ``indices``. Alpha is left out where all is opaque.

    Raises
    ------
    ValueError
        The file is damaged, is of another format, has no palette to give indices of, or is partly
        transparent.
    UsageError
        There is no such format, scale or kind of colours, or they do not go together.
    """
    n = _checked(format, colours, scale)
    if format == "png":
        found = decode_png(data)
        if found is not None and colours == "rgb":
            return mean_of_indexed(found, n)
        if found is not None and not found.grey:
            return found.indices
    from .by_pillow import indices_of_png, rgb_of_jpeg, rgb_of_png

    if format == "jpg":
        return rgb_of_jpeg(data, n)
    return indices_of_png(data) if colours == "indices" else rgb_of_png(data, n)


def decode_mask(data: bytes, scale: float = 1) -> npt.NDArray[np.uint8]:
    """Decode the mask of a picture, a grey PNG.

    Parameters
    ----------
    data
        The content of its file.
    scale
        1, or 1/n for a mask n times smaller, n from 2 to 16. Then a pixel that stands for n x n
        has the index that most of them have, of equals the lowest; but 0 only if all are 0, so
        that no trace vanishes, however thin.

    Returns
    -------
    ndarray
        uint8, shape (ceil(height / n), ceil(width / n)), writable: the index of the lead of each
        pixel, 0 for none; see `ecgmpi.drawing.truth.mask`.

    Raises
    ------
    ValueError
        The file is damaged, or is no grey PNG.
    UsageError
        There is no such scale.
    """
    n = factor_of(scale)
    return scaled_mask(_classes(data), n)


def decode_bits(data: bytes, scale: float = 1) -> npt.NDArray[np.uint16]:
    """Decode the bit mask of a picture, a grey PNG of 16 bits.

    Parameters
    ----------
    data
        The content of the file.
    scale
        1, or 1/n for a mask n times smaller, n from 2 to 16. Then a pixel that stands for n x n
        has every bit that any of them has, so that no trace vanishes.

    Returns
    -------
    ndarray
        uint16, shape (ceil(height / n), ceil(width / n)), writable: bit k is set where the lead
        is that has ``mask_bit`` k; see `ecgmpi.drawing.truth.bits_mask`.

    Raises
    ------
    ValueError
        The file is damaged, or is no grey PNG of 16 bits.
    UsageError
        There is no such scale.
    """
    n = factor_of(scale)
    found = decode_png_of_16_bits(data)
    if found is None:
        from .by_pillow import grey_of_png_of_16_bits

        found = grey_of_png_of_16_bits(data)
    return scaled_bits(found, n)


def decode_grid(data: bytes, scale: float = 1) -> npt.NDArray[np.uint8]:
    """Decode the grid mask of a picture, a grey PNG; as `decode_mask`.

    The shades are those of `ecgmpi.drawing.truth.grid_mask`. A pixel that stands for n x n has
    the highest of theirs, so that no crossing vanishes.
    """
    n = factor_of(scale)
    return scaled_grid(_classes(data), n)


def decode_text(data: bytes, scale: float = 1) -> npt.NDArray[np.uint8]:
    """Decode the text mask of a picture, a grey PNG; as `decode_mask`, scaled like that.

    The shades are those of `ecgmpi.drawing.truth.text_mask`.
    """
    return decode_mask(data, scale)


def _classes(data: bytes) -> npt.NDArray[np.uint8]:
    found = decode_png(data)
    if found is None:
        from .by_pillow import grey_of_png

        return grey_of_png(data)
    return classes_of(found)


def _checked(format: str, colours: str, scale: float) -> int:
    if format not in _PIXELS:
        raise UsageError(
            f"pictures of the format {format!r} have no pixels to decode: give "
            f"{' or '.join(_PIXELS)} (ecgmpi render --format)"
        )
    if colours not in COLOURS:
        raise UsageError(f"colours {colours!r}: choose from {', '.join(COLOURS)}")
    n = factor_of(scale)
    if colours == "indices" and format == "jpg":
        raise UsageError("colours 'indices' of a JPEG: it has no palette; choose 'rgb'")
    if colours == "indices" and n > 1:
        raise UsageError(
            f"colours 'indices' at scale {scale:g}: indices have no mean; choose 'rgb', or scale 1"
        )
    return n
