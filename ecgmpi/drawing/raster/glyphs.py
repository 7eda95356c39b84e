"""Letters: typeset by matplotlib's FreeType in its own DejaVu Sans, one glyph at a time.

Each glyph is drawn once per size and kept; a line of text is glyphs put side by side.
Only the font engine of matplotlib is used, from the first letter on: no pyplot, no figure, and
not the font manager, whose cache every process of a job would build and write at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .matplotlib_setup import font_engine, font_path
from .palette import SHADES, TEXT

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

ELLIPSIS = "…"
MISSING = "�"
MINUS = "−"
_LONGEST = 600
_FIXED = 65536.0


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A line of text, ready to place on bare paper.

    Attributes
    ----------
    classes
        uint8, shape (height, width): the palette class of each pixel, 0 or a text class.
    rise
        Rows above the baseline.
    advance
        Width that the text takes up, px.
    """

    classes: npt.NDArray[np.uint8]
    rise: int
    advance: float


@dataclass(frozen=True, slots=True, eq=False)
class _Glyph:
    classes: npt.NDArray[np.uint8]
    rise: int
    bearing: int
    advance: float


@lru_cache(maxsize=1)
def _font_file() -> bytes:
    return font_path().read_bytes()


@lru_cache(maxsize=16)
def _font(size: float) -> FT2Font:
    # From memory: FreeType reads glyphs on demand, and forked processes that share an open
    # file share its position too, so each would read at the position of the other.
    font: FT2Font = font_engine().FT2Font(BytesIO(_font_file()))
    # At 72 dots per inch a point is a pixel. FreeType counts in 1/64.
    font.set_size(max(1.0, round(size * 64) / 64), 72)
    return font


@lru_cache(maxsize=1)
def _no_hinting() -> Any:
    ft2font = font_engine()
    # Before matplotlib 3.10 the flags were plain integers of the module.
    return getattr(ft2font, "LoadFlags", ft2font).__dict__.get("NO_HINTING", 2)


@lru_cache(maxsize=4096)
def _glyph(char: str, size: float) -> _Glyph:
    font = _font(size)
    flags = _no_hinting()
    outline = font.load_char(ord(char), flags)
    font.set_text(char, 0.0, flags=flags)
    font.draw_glyphs_to_bitmap(antialiased=True)
    coverage = np.asarray(font.get_image(), np.uint8)
    shade = (coverage.astype(np.uint16) * SHADES + 127) // 255
    classes = np.where(shade > 0, shade + TEXT, 0).astype(np.uint8)
    # The bitmap begins with the pixels in which the outline begins.
    return _Glyph(
        classes=classes,
        rise=math.ceil(outline.horiBearingY / 64),
        bearing=math.floor(outline.horiBearingX / 64),
        advance=outline.linearHoriAdvance / _FIXED,
    )


@lru_cache(maxsize=4096)
def _legible(char: str) -> str:
    """Replace characters without a glyph, so that none is lost and nothing warns."""
    if char.isprintable() and _font(16.0).get_char_index(ord(char)):
        return char
    return MISSING


def legible(text: str) -> str:
    r"""Replace each character that cannot be drawn (control, surrogate, not in the font).

    Examples
    --------
    >>> legible("a\nb")
    'a�b'
    """
    return "".join(map(_legible, text))


def text_width(text: str, size: float) -> float:
    """Width of legible text with an em of `size` px, in px."""
    return sum(_glyph(char, size).advance for char in text)


def elide(text: str, size: float, width: float) -> str:
    """Shorten legible text in its middle until it fits.

    Parameters
    ----------
    text
        From `legible`.
    size
        Height of the em, px.
    width
        Room for it, px.

    Returns
    -------
    str
        The text, or as much of its beginning and end as fits around an ellipsis.
    """
    if len(text) > _LONGEST:
        text = text[: _LONGEST // 2] + ELLIPSIS + text[-_LONGEST // 2 :]
    if text_width(text, size) <= width:
        return text
    room = width - text_width(ELLIPSIS, size)
    head, tail = 0, len(text)
    # The end has priority, because it names the lead.
    while head < tail - 1:
        room -= _glyph(text[tail - 1], size).advance
        if room < 0:
            break
        tail -= 1
        room -= _glyph(text[head], size).advance
        if room < 0:
            break
        head += 1
    return text[:head] + ELLIPSIS + text[tail:]


def typeset(text: str, size: float) -> Text:
    """Typeset one line.

    Parameters
    ----------
    text
        Any text; what cannot be drawn is replaced.
    size
        Height of the em, px.

    Returns
    -------
    Text
        Its classes, cropped to the ink.
    """
    pen = 0.0
    placed: list[tuple[int, _Glyph]] = []
    for char in legible(text):
        glyph = _glyph(char, size)
        if glyph.classes.size:
            placed.append((round(pen + glyph.bearing), glyph))
        pen += glyph.advance
    if not placed:
        return Text(np.zeros((1, 1), np.uint8), 1, pen)
    first = min(0, placed[0][0])
    rise = max(glyph.rise for _, glyph in placed)
    fall = max(glyph.classes.shape[0] - glyph.rise for _, glyph in placed)
    width = max(x + glyph.classes.shape[1] for x, glyph in placed) - first
    classes = np.zeros((rise + fall, width), np.uint8)
    for x, glyph in placed:
        height, wide = glyph.classes.shape
        top = rise - glyph.rise
        spot = classes[top : top + height, x - first : x - first + wide]
        np.maximum(spot, glyph.classes, out=spot)
    return Text(classes, rise, pen)


@lru_cache(maxsize=1024)
def label(text: str, size: float) -> Text:
    """Typeset a recurring line and cache it (see `typeset`)."""
    return typeset(text, size)
