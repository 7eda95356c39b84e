"""Whether the content of a file is what its row says."""

from __future__ import annotations

import builtins
import io
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

from PIL import Image

from ecgmpi.picture_formats import CLEAN, PICTURE

_PIXELS = {"png": "PNG", "jpg": "JPEG"}
"""Formats of pixels, as Pillow calls them."""


def difference(size: int, checksum: int, expected_size: int, expected_checksum: int) -> str:
    """Say how a file differs from its row; empty where it does not."""
    if size != expected_size:
        cut = "truncated: " if size < expected_size else ""
        return f"{cut}{size:,} bytes, not {expected_size:,}"
    if checksum != expected_checksum:
        return f"CRC-32 {checksum:08x}, not {expected_checksum:08x}"
    return ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a picture that must be there, as the row of the picture says.

    Attributes
    ----------
    path, key
        Columns of the row.
    kind, ending
        Which of the files of the picture, and what its name ends in.
    bytes, crc32
        Its size and CRC-32.
    format
        Of the picture.
    width, height
        Of the picture, px.
    series
        That the picture belongs to.
    """

    path: str
    key: str
    kind: str
    ending: str
    bytes: int
    crc32: int
    format: str
    width: int
    height: int
    series: str = CLEAN

    @property
    def name(self) -> str:
        """What it is called in a shard."""
        return self.key + self.ending

    def fault_of(self, data: builtins.bytes) -> str:
        """Say what is wrong with its content; empty where nothing is."""
        fault = difference(len(data), zlib.crc32(data), self.bytes, self.crc32)
        if fault or self.kind != PICTURE:
            return fault
        return picture_fault(data, self.format, self.width, self.height)


def picture_fault(data: bytes, format: str, width: int, height: int) -> str:
    """Say what is wrong with a picture; empty where nothing is.

    Parameters
    ----------
    data
        The content of its file.
    format
        A name in `ecgmpi.picture_formats`.
    width, height
        Its size, px.
    """
    if format in _PIXELS:
        return _pixel_fault(data, _PIXELS[format], width, height)
    if format == "svg":
        try:
            root = ElementTree.fromstring(data)
        except ElementTree.ParseError as error:
            return f"it is not XML: {error}"
        return "" if root.tag.rpartition("}")[2] == "svg" else "it is not an SVG"
    if not data.startswith(b"%PDF-"):
        return "it does not begin like a PDF"
    return "" if data.rstrip().endswith(b"%%EOF") else "it does not end like a PDF"


def _pixel_fault(data: bytes, format: str, width: int, height: int) -> str:
    # Its bytes are those that were drawn, so however large it is, it is no trap.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(data), formats=[format]) as image:
            image.load()
            found = image.size
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error) as error:
        return f"it does not decode: {' '.join(str(error).split())}"
    if found != (width, height):
        return f"{found[0]} x {found[1]} px, not {width} x {height}"
    return ""
