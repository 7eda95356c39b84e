"""Small pictures of pictures, for the contact sheet of the report."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.encode.png import encode_png
from ecgmpi.drawing.size_limits import RASTER
from ecgmpi.png_file import PALETTE, SIGNATURE, UP, PngFile, inflated, parse_png
from ecgmpi.themes import BOLD, FULL, LEVELS, RED, SHADES, TEXT

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_JPEG = b"\xff\xd8\xff"
_MOST_PIXELS = RASTER.pixels or 0

_ROWS_AT_ONCE = 64
_COLOURS = 256
_BOLD_FROM = (BOLD + 2) * LEVELS
"""The least index of a bold line: crossings of minor lines stay below."""
_TEXT_FROM = (TEXT + 1) * LEVELS
_GRID_GAIN = 0.8
_TEXT_GAIN = 1.3
_BOLD_MM = 5.0
_LEAST_GRID_PX = 4.0
"""Bold lines that would lie closer are left out."""
_PX_PER_METRE = 7874
"""Assumed where a PNG does not say: 200 dpi."""

_NEAR = 0.7
_INK_GAIN = 3.0
_GRID_CONTRAST = 30
"""Lines that differ less from the paper are grid, levels of 255."""
_AROUND_PX = 16
_QUALITY = 60

Pixels = npt.NDArray[np.uint8]
Sums = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture.

    Attributes
    ----------
    data
        Its file.
    mime
        Its type, as a ``data:`` address names it.
    width, height
        px.
    """

    data: bytes
    mime: str
    width: int
    height: int


def thumbnail(data: bytes, width: int) -> Thumbnail | None:
    """Make a small picture of one that a job has drawn.

    The trace stays dark and about 1 px wide; of the grid, the lines every 5 mm are left.

    Parameters
    ----------
    data
        The file of a picture, of at most 100 megapixels.
    width
        The most that the small picture may be wide and high, px.

    Returns
    -------
    Thumbnail or None
        None for SVG, PDF, and what cannot be decoded.
    """
    try:
        if data.startswith(SIGNATURE):
            png = parse_png(data)
            return _of_classes(data, png, width) if _has_classes(png) else _of_pixels(data, width)
        return _of_pixels(data, width) if data.startswith(_JPEG) else None
    # Decoders raise nearly anything at damaged files, and a report can do without a picture.
    except Exception:
        return None


def _has_classes(png: PngFile) -> bool:
    """Whether the pixels of a PNG are the classes of `ecgmpi.themes`."""
    palette = png.colour == PALETTE and len(png.palette) == 3 * _COLOURS
    return png.ours and palette and png.a_byte_a_pixel


def _of_classes(data: bytes, png: PngFile, width: int) -> Thumbnail | None:
    """Make a small picture of one of ours, whose pixels say what lies on them."""
    if png.width * png.height > _MOST_PIXELS:
        return None
    factor = -(-max(png.width, png.height) // width)
    found = _coverage(png, factor)
    if found is None:
        return _of_pixels(data, width)
    if factor == 1:
        return Thumbnail(data, "image/png", png.width, png.height)
    trace, bold, text = found
    px_per_metre = png.px_per_metre or _PX_PER_METRE
    px_per_mm, area = px_per_metre / 1000, factor * factor
    # As much ink as a line of 1 px has, if the one drawn is thinner after shrinking.
    gain = max(factor / (RED.trace_mm * px_per_mm), 1.0)
    level = _steps(trace, gain / area, FULL)
    grid_gain = _GRID_GAIN if _BOLD_MM * px_per_mm / factor >= _LEAST_GRID_PX else 0.0
    ground = _steps(bold, grid_gain * SHADES / area, SHADES)
    ground[ground > 0] += BOLD
    letter = _steps(text, _TEXT_GAIN * SHADES / area, SHADES)
    ground[letter > 0] = letter[letter > 0] + TEXT
    height, width = level.shape
    small = np.full((height, width + 1), UP, np.uint8)
    small[:, 1:] = ground * LEVELS + level
    small[1:, 1:] -= small[:-1, 1:].copy()
    palette = np.frombuffer(png.palette, np.uint8).reshape(_COLOURS, 3)
    file = encode_png(small, palette, px_per_metre // factor, {})
    return Thumbnail(file, "image/png", width, height)


def _coverage(png: PngFile, factor: int) -> tuple[Sums, Sums, Sums] | None:
    """Sum up each block of pixels.

    Parameters
    ----------
    png
        Its pixels are classes.
    factor
        Side of a block, px.

    Returns
    -------
    tuple or None
        Levels of the trace, pixels of bold lines, and pixels of letters: each uint16, shape
        (height // factor, width // factor). None where the rows are filtered otherwise than by Up.

    Raises
    ------
    ValueError
        The rows are damaged.
    """
    height, width = png.height // factor, png.width // factor
    sums = np.zeros((3, height, width), np.uint16)
    step = max(_ROWS_AT_ONCE // factor, 1)
    pixels = np.zeros((step * factor, png.width + 1), np.uint8)
    before = pixels[-1]
    for number, rows in enumerate(inflated(png, step * factor)):
        if (rows[:, 0] != UP).any():
            return None
        for row, difference in zip(pixels, rows, strict=False):
            before = np.add(before, difference, out=row)
        top, n = number * step, len(rows) // factor
        band = pixels[: n * factor, 1 : width * factor + 1]
        inks = (band & FULL, band >= _BOLD_FROM, band >= _TEXT_FROM)
        for kind, ink in enumerate(inks):
            sums[kind, top : top + n] = _block_sums(ink.view(np.uint8), factor)
    trace, dark, text = sums
    return trace, dark - text, text


def _block_sums(values: Pixels, factor: int) -> Sums:
    """The sum of each block of values of at most `FULL`."""
    # Bytes as long as they hold it: a quarter of the time.
    down: npt.NDArray[np.uint8 | np.uint16]
    down = values.astype(np.uint8 if factor * FULL <= 255 else np.uint16, copy=False)
    rows = down[::factor].copy()
    for number in range(1, factor):
        rows += down[number::factor]
    wide = rows.astype(np.uint16)
    sums = wide[:, ::factor].copy()
    for number in range(1, factor):
        sums += wide[:, number::factor]
    return sums


def _steps(sums: Sums, scale: float, most: int) -> Pixels:
    """Sums as whole steps, 0 to `most`."""
    steps: Pixels = np.minimum(np.rint(sums * np.float32(scale)), most).astype(np.uint8)
    return steps


def _of_pixels(data: bytes, width: int) -> Thumbnail | None:
    """Make a small picture of one of any colours, its ink stronger than on average."""
    from PIL import Image, features

    with warnings.catch_warnings():
        # It warns of sizes that a job still draws.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(BytesIO(data))
    with image:
        side = max(image.size)
        if image.width * image.height > _MOST_PIXELS:
            return None
        # JPEG decodes to a half, a quarter or an eighth.
        scale = next((n for n in (8, 4, 2) if n * _NEAR * width <= side), 1)
        image.draft("RGB", (image.width // scale, image.height // scale))
        image.load()
        whole = image if image.mode == "RGB" else image.convert("RGB")
    factor = -(-max(whole.size) // width)
    wide, high = whole.width // factor, whole.height // factor
    small = whole.reduce(factor, (0, 0, wide * factor, high * factor))
    light = _lightest_channel(small)
    around = light.reduce(_AROUND_PX).resize(small.size, Image.Resampling.BILINEAR)
    paper = np.asarray(around).astype(np.int16)
    sign = 1 if paper.mean() >= 128 else -1
    contrast = sign * (paper - np.asarray(light)) - _GRID_CONTRAST
    more = (_INK_GAIN * np.maximum(contrast, 0)).astype(np.int16)
    colours = np.clip(np.asarray(small) - sign * more[..., None], 0, 255).astype(np.uint8)
    kind, effort = ("WEBP", {"method": 0}) if features.check("webp") else ("JPEG", {})
    file = BytesIO()
    Image.fromarray(colours).save(file, kind, quality=_QUALITY, **effort)
    return Thumbnail(file.getvalue(), f"image/{kind.lower()}", wide, high)


def _lightest_channel(image: PillowImage) -> PillowImage:
    """The largest of red, green and blue of each pixel: a grid is light in one of them."""
    from PIL import ImageChops

    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)
