"""How a picture looks: colours, widths, sizes, and the resulting palette.

Nothing here draws: the command line takes the names of the themes from here, and a job's
fingerprint takes the content of a custom theme.

A pixel is one byte: ``16 * class + level``. The class is what lies on the paper there
(bare paper, or a grid line or letter with its coverage in fifths of the pixel), the level
is the coverage by the trace in fifteenths. So a trace is drawn by adding levels, whatever
it crosses, and the palette mixes the colours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255, sRGB."""

LEVELS = 16
"""Levels of coverage by the trace; the last, 15, is the whole pixel."""
FULL = LEVELS - 1
SHADES = 5
"""Steps of coverage by a grid line or a letter, without bare paper."""
PAPER, MINOR, BOLD, TEXT = 0, 0, SHADES, 2 * SHADES
"""The class of shade s of each kind of ink is this plus s; bare paper is class 0."""

LEAST_CONTRAST = 1.5
"""Least contrast of the trace with the paper; 1 is none, 21 is black on white."""

SIZES_MM = {
    "minor_mm": (0.0, 0.5),
    "bold_mm": (0.0, 1.0),
    "trace_mm": (0.02, 1.0),
    "label_mm": (1.5, 4.0),
    "lead_mm": (1.5, 6.0),
    "title_mm": (1.5, 6.0),
}
"""Range of each width and height, mm: letters must fit between grid and edge."""

COLOURS = ("paper", "minor", "bold", "text", "trace")
"""The attributes of a `Style` that are colours."""


@dataclass(frozen=True)
class Style:
    """The look of a picture. Hashable: it is a key of kept backgrounds.

    Attributes
    ----------
    name
        What the theme is called.
    paper, minor, bold, text, trace
        Colours of the paper, of the grid lines every 1 mm and every 5 mm, of letters and
        of the trace.
    minor_mm, bold_mm, trace_mm
        Widths of the lines, mm.
    label_mm, lead_mm, title_mm
        Height of the em of the letters on the axes, of the lead names of a page and of the
        title, mm.

    Raises
    ------
    UsageError
        A colour is invalid, a size is beyond `SIZES_MM`, or the trace has too little contrast
        with the paper.
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

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name in COLOURS:
                value = _colour(entry.name, value)
            elif entry.name in SIZES_MM:
                value = _size(entry.name, value)
            # Equal looks must compare equal, whatever types they were given as.
            object.__setattr__(self, entry.name, value)
        found = contrast(self.trace, self.paper)
        if found < LEAST_CONTRAST:
            raise UsageError(
                f"trace {hexadecimal(self.trace)} on paper {hexadecimal(self.paper)} has a "
                f"contrast of {found:.2f} and cannot be seen: give colours with at least "
                f"{LEAST_CONTRAST:g}"
            )

    @cached_property
    def classes(self) -> npt.NDArray[np.float64]:
        """Colour of each class without any trace: float64, shape (16, 3), 0 to 255."""
        # Here: the options know themes by name, and `ecgmpi --help` has no need of numpy.
        import numpy as np

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
        import numpy as np

        level = np.arange(LEVELS)[None, :, None] / FULL
        classes = self.classes[:, None, :]
        colours = classes + level * (np.asarray(self.trace, np.float64) - classes)
        palette = np.rint(colours).astype(np.uint8).reshape(256, 3)
        palette.flags.writeable = False
        return palette


def _colour(name: str, value: Any) -> Colour:
    try:
        red, green, blue = value
        whole = (int(red), int(green), int(blue))
        if whole == (red, green, blue) and all(0 <= part <= 255 for part in whole):
            return whole
    except (TypeError, ValueError, OverflowError):
        pass
    raise UsageError(f"{name} {value!r}: give red, green and blue, each 0 to 255")


def _size(name: str, value: Any) -> float:
    low, high = SIZES_MM[name]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    raise UsageError(f"{name} {value!r}: give a number of mm from {low:g} to {high:g}")


def hexadecimal(colour: Colour) -> str:
    """Spell a colour.

    Examples
    --------
    >>> hexadecimal((255, 128, 0))
    '#ff8000'
    """
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours, 1 to 21, as W3C's WCAG 2.2 defines it.

    Examples
    --------
    >>> round(contrast((0, 0, 0), (255, 255, 255)))
    21
    """
    dark, light = sorted(_luminance(colour) + 0.05 for colour in (one, other))
    return light / dark


def _luminance(colour: Colour) -> float:
    """Relative luminance of an sRGB colour, 0 to 1."""
    linear = [
        part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4)
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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
"""Every theme that ``--theme`` accepts."""
