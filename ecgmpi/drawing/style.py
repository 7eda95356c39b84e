"""How a picture looks: colours, widths, sizes, and the palette that they make.

A pixel is one byte: ``16 * class + level``. The class is what lies on the paper there
(bare paper, a grid line or a letter that covers so many fifths of the pixel), the level
how many fifteenths of the pixel the trace covers. So a trace is drawn by adding levels,
whatever it crosses, and the palette mixes the colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255, sRGB."""

LEVELS = 16
"""Levels of coverage by the trace, of which the last, 15, is the whole pixel."""
FULL = LEVELS - 1
SHADES = 5
"""Steps of coverage by a grid line or a letter, bare paper not counted."""
PAPER, MINOR, BOLD, TEXT = 0, 0, SHADES, 2 * SHADES
"""The class of shade s of each kind of ink is this plus s; bare paper is class 0."""
SEPARATOR_SHADE = 3
"""Of a text's ink: what divides columns is paler than a trace, so as not to be taken for one."""


@dataclass(frozen=True)
class Style:
    """The look of a picture. Hashable: templates are kept by it.

    Attributes
    ----------
    name
        What the theme is called.
    paper, minor, bold, text, trace
        Colours of the paper, of the grid lines each 1 mm and each 5 mm, of letters and
        of the trace.
    minor_mm, bold_mm, trace_mm
        Widths of the lines, mm.
    label_mm, lead_mm, title_mm
        Height of the em of the letters on the axes, of the lead names of a page and of the
        title, mm.
    """

    name: str = "red"
    paper: Colour = (255, 252, 250)
    minor: Colour = (250, 205, 203)
    bold: Colour = (232, 128, 126)
    text: Colour = (40, 40, 46)
    trace: Colour = (0, 0, 0)
    minor_mm: float = 0.10
    bold_mm: float = 0.20
    trace_mm: float = 0.18
    label_mm: float = 3.0
    lead_mm: float = 3.6
    title_mm: float = 4.0

    @cached_property
    def classes(self) -> npt.NDArray[np.float64]:
        """Colour of each class without any trace: float64, shape (16, 3), 0 to 255."""
        shade = np.arange(1, SHADES + 1)[:, None] / SHADES
        paper = np.asarray(self.paper, np.float64)
        inks = [paper + shade * (np.subtract(ink, paper)) for ink in self.inks]
        return np.concatenate([paper[None], *inks])

    @property
    def inks(self) -> tuple[Colour, Colour, Colour]:
        """Colours of minor lines, bold lines and letters."""
        return self.minor, self.bold, self.text

    @cached_property
    def palette(self) -> npt.NDArray[np.uint8]:
        """Colours of all 256 indices: uint8, shape (256, 3), read-only."""
        level = np.arange(LEVELS)[None, :, None] / FULL
        classes = self.classes[:, None, :]
        colours = classes + level * (np.asarray(self.trace, np.float64) - classes)
        palette = np.rint(colours).astype(np.uint8).reshape(256, 3)
        palette.flags.writeable = False
        return palette


RED = Style()

WHITE: Colour = (255, 255, 255)
THEMES = {
    style.name: style
    for style in (
        RED,
        Style("blue", (251, 253, 255), (202, 219, 243), (126, 160, 216), trace=(10, 10, 40)),
        Style("green", (251, 255, 251), (200, 230, 203), (118, 182, 126), trace=(0, 20, 5)),
        Style("grey", WHITE, (224, 224, 224), (168, 168, 168), (40, 40, 40)),
        Style("black", WHITE, (150, 150, 150), (70, 70, 70), (0, 0, 0), minor_mm=0.05, bold_mm=0.1),
        Style("none", WHITE, WHITE, WHITE, (0, 0, 0)),
        Style("dark", (16, 19, 24), (38, 45, 53), (66, 78, 92), (214, 220, 228), (134, 239, 172)),
    )
}
"""Every look that ``--theme`` knows."""


def _nearest(style: Style, minor: npt.ArrayLike, bold: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Find the grid classes that look most like bold coverage over minor coverage (0 to 1)."""
    grid = style.classes[: TEXT + 1]
    paper, thin, thick = (np.asarray(c, np.float64) for c in (style.paper, style.minor, style.bold))
    under = np.asarray(minor, np.float64)[..., None]
    over = np.asarray(bold, np.float64)[..., None]
    colour = paper + under * (thin - paper)
    colour = colour + over * (thick - colour)
    far = np.square(colour[..., None, :] - grid).sum(-1)
    return np.asarray(far.argmin(-1), np.uint8)


@lru_cache(maxsize=16)
def line_classes(style: Style) -> npt.NDArray[np.uint8]:
    """Give the class of a pixel by the fifths that parallel lines cover of it.

    Returns
    -------
    ndarray
        uint8, shape (6, 6): first index the fifths covered by minor lines, second by
        bold ones.
    """
    fifths = np.arange(SHADES + 1) / SHADES
    return _nearest(style, *np.meshgrid(fifths, fifths, indexing="ij"))


@lru_cache(maxsize=16)
def crossing_classes(style: Style) -> npt.NDArray[np.uint8]:
    """Give the class of a pixel where a row of one class meets a column of another.

    Returns
    -------
    ndarray
        uint8, shape (11, 11).
    """
    kind = np.arange(TEXT + 1)
    minor = np.where(kind <= BOLD, kind, 0) / SHADES
    bold = np.where(kind > BOLD, kind - BOLD, 0) / SHADES
    return _nearest(
        style,
        1 - np.outer(1 - minor, 1 - minor),
        1 - np.outer(1 - bold, 1 - bold),
    )
