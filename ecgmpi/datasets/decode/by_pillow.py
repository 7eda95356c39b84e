"""Any other picture, by Pillow: JPEGs, and PNGs that something else has written."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from ecgmpi.png_file import MOST_PIXELS

from .area import area_mean

Bytes = npt.NDArray[np.uint8]

_FAULTS = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)
"""What Pillow raises for damaged files."""
_SIXTEEN_BITS = ("I;16", "I;16B", "I")
"""Modes of a grey PNG of 16 bits; which one depends on the version of Pillow."""
_EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")


def rgb_of_png(data: bytes, n: int) -> Bytes:
    """Decode any PNG, n times smaller: uint8, shape (ceil(height / n), ceil(width / n), 3).

    Raises
    ------
    ValueError
        It is damaged, has more than 8 bits a colour, or is partly transparent.
    """
    return area_mean(_colours(data), n)


def indices_of_png(data: bytes) -> Bytes:
    """Decode any PNG that has a palette: uint8, shape (height, width).

    Raises
    ------
    ValueError
        It is damaged, or has none.
    """
    image = _opened(PngImageFile, data, "PNG")
    if image.mode != "P":
        raise ValueError(f"the PNG has no palette (it is {image.mode}): choose colours 'rgb'")
    _load(image, "PNG")
    return np.array(image)


def grey_of_png(data: bytes) -> Bytes:
    """Decode a grey PNG: uint8, shape (height, width).

    Raises
    ------
    ValueError
        It is damaged, has colours, more than 8 bits a shade, or is partly transparent.
    """
    colours = _colours(data)
    if (colours != colours[:, :, :1]).any():
        raise ValueError("it has colours: a mask is a grey PNG")
    return colours[:, :, 0].copy()


def grey_of_png_of_16_bits(data: bytes) -> npt.NDArray[np.uint16]:
    """Decode a grey PNG of 16 bits: uint16, shape (height, width).

    Raises
    ------
    ValueError
        It is damaged, or another PNG.
    """
    image = _opened(PngImageFile, data, "PNG")
    if image.mode not in _SIXTEEN_BITS or "transparency" in image.info:
        raise ValueError(f"it is {image.mode}: a bit mask is a grey PNG of 16 bits")
    _load(image, "PNG")
    return np.array(image).astype(np.uint16)


def rgb_of_jpeg(data: bytes, n: int) -> Bytes:
    """Decode a JPEG, n times smaller: uint8, shape (ceil(height / n), ceil(width / n), 3).

    Raises
    ------
    ValueError
        It is damaged, or of another format.
    """
    image = _opened(JpegImageFile, data, "JPEG")
    rest = n // _draft(image, n)
    _load(image, "JPEG")
    colours = _as_rgb(image)
    return np.array(colours.reduce(rest) if rest > 1 else colours)


def _colours(data: bytes) -> Bytes:
    image = _opened(PngImageFile, data, "PNG")
    if image.mode not in _EIGHT_BITS:
        raise ValueError(f"the PNG has other than 8 bits a colour (it is {image.mode})")
    _load(image, "PNG")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return np.array(_as_rgb(image))
    colours = np.array(image.convert("RGBA"))
    if (colours[:, :, 3] < 255).any():
        raise ValueError("the PNG is partly transparent: put it on a background first")
    return colours[:, :, :3].copy()


def _as_rgb(image: Image.Image) -> Image.Image:
    # Where nothing is to be converted, Pillow makes a copy.
    return image if image.mode == "RGB" else image.convert("RGB")


def _opened(plugin: type[ImageFile], data: bytes, format: str) -> ImageFile:
    # By its plugin: Image.open warns of large pictures, and can only be told not to for all.
    with _faults(format):
        image = plugin(io.BytesIO(data))
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise ValueError(f"damaged {format}: {width} x {height} pixels, of at most {MOST_PIXELS:,}")
    return image


def _load(image: Image.Image, format: str) -> None:
    with _faults(format):
        image.load()


def _draft(image: ImageFile, n: int) -> int:
    """Have a JPEG made smaller while it is decoded, and give how many times."""
    width, height = image.size
    for times in (8, 4, 2):
        if n % times == 0 and min(width, height) >= times:
            image.draft("RGB", (width // times, height // times))
            return times
    return 1


@contextmanager
def _faults(format: str) -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        raise ValueError(f"damaged {format}: {' '.join(str(error).split())}") from None
