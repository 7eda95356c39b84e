"""Worn pictures as files."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping

import numpy as np

from ecgmpi.drawing.encode.png import encode_pixels

from .opencv import opencv
from .states import Bytes

_JFIF = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
_COMMENT = 0xFFFE
_MOST_COMMENT = 65_533


def encode_jpg(pixels: Bytes, quality: int, dpi: float, text: Mapping[str, object]) -> bytes:
    """Write a JPEG.

    Parameters
    ----------
    pixels
        uint8, shape (height, width, 3): blue, green, red; or (height, width): grey.
    quality
        1 to 95, as libjpeg counts.
    dpi
        Pixels per inch; the header holds whole ones.
    text
        Content of the comment, as JSON with sorted keys.

    Returns
    -------
    bytes
        The file: the same bytes for the same arguments, with the same version of OpenCV.
    """
    cv2 = opencv()
    written, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not written or bytes(data[: len(_JFIF)]) != _JFIF:
        raise RuntimeError("OpenCV did not write a JPEG with a JFIF header")
    file = data.tobytes()
    # SOI and APP0, of which version, unit, and both densities follow the name.
    density = struct.pack(">BHH", 1, round(dpi), round(dpi))
    header, rest = file[: len(_JFIF) + 2], file[len(_JFIF) + 2 + len(density) : 20]
    note = json.dumps(text, sort_keys=True, separators=(",", ":")).encode("ascii")[:_MOST_COMMENT]
    comment = struct.pack(">HH", _COMMENT, len(note) + 2) + note
    return b"".join((header, density, rest, comment, file[20:]))


def encode_worn_png(
    pixels: Bytes, px_per_metre: int, text: Mapping[str, object], compression: str
) -> bytes:
    """Write a PNG: of 8 bits a colour, or grey.

    Parameters
    ----------
    pixels
        uint8, shape (height, width, 3): blue, green, red; or (height, width): grey.
    px_per_metre
        Resolution both ways.
    text
        Content of the text chunk, as JSON with sorted keys.
    compression
        ``fast`` or ``small``.

    Returns
    -------
    bytes
        The file: the same bytes for the same arguments.
    """
    colours = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, ::-1])
    return encode_pixels(colours, px_per_metre, text, compression)
