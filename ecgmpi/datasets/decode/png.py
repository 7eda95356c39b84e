"""Decode the PNGs that ecgmpi writes: each row is filtered by Up or not at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecgmpi.png_file import GREY, NONE, UP, PngFile, inflated, parse_png

from .indexed import IndexedImage

Bytes = npt.NDArray[np.uint8]

_SHADES = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(-1, 3)


def decode_png(data: bytes) -> IndexedImage | None:
    """Decode a PNG of our own kind.

    Parameters
    ----------
    data
        The content of the file.

    Returns
    -------
    IndexedImage or None
        None where the file is sound as far as can be seen, but of another kind: other depths,
        colours or filters, interlaced, or with transparency.

    Raises
    ------
    ValueError
        It is no PNG, is damaged, or has more than `ecgmpi.png_file.MOST_PIXELS`.
    """
    png = parse_png(data)
    if not png.a_byte_a_pixel:
        return None
    indices = _unfiltered(png)
    if indices is None:
        return None
    if png.colour == GREY:
        return IndexedImage(indices, _SHADES, grey=True)
    palette = png.palette
    colours = np.zeros((256, 3), np.uint8)
    colours.reshape(-1)[: len(palette)] = np.frombuffer(palette, np.uint8)
    if len(palette) < colours.size and int(indices.max()) * 3 >= len(palette):
        raise ValueError(
            f"damaged PNG: it uses colour {indices.max()} of a palette of {len(palette) // 3}"
        )
    return IndexedImage(indices, colours)


def decode_png_of_16_bits(data: bytes) -> npt.NDArray[np.uint16] | None:
    """Decode a grey PNG of 16 bits: uint16, shape (height, width).

    None and errors are as for `decode_png`.
    """
    png = parse_png(data)
    pixels = _unfiltered(png) if png.two_bytes_a_pixel else None
    return None if pixels is None else pixels.view(">u2").astype(np.uint16)


def _unfiltered(png: PngFile) -> Bytes | None:
    """Give the bytes of the pixels: uint8, shape (height, width or twice that).

    None where rows are filtered otherwise.
    """
    stride = png.width * png.depth // 8
    pixels = np.empty((png.height, stride), np.uint8)
    targets, above = iter(pixels), np.zeros(stride, np.uint8)
    # `numpy.add.accumulate` takes ten times as long: it walks down one column after another.
    add = np.add
    for band in inflated(png):
        for filter_, row, target in zip(band[:, 0].tolist(), band[:, 1:], targets, strict=False):
            if filter_ == UP:
                above = add(row, above, target)
            elif filter_ == NONE:
                target[:] = row
                above = target
            else:
                return None
    return pixels
