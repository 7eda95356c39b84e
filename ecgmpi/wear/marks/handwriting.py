"""Writing by hand: a text as the strokes of somebody's pen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.states import Floats

from .glyphs import CAPITAL, SMALL, glyphs
from .outline import turned
from .strokes import Stroke

SPACE = 3.2
"""Width of a space, in the units of `glyphs`."""
LETTER_GAP = 0.75
"""Between letters."""
PIECES = 5
"""Points that stand for the curve between two that the pen passes."""
REACH = 5.2
"""Letters are joined over at most this distance."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody writes.

    Attributes
    ----------
    slant
        To the right, as a part of the height.
    narrow
        Width of letters, as a part of their usual width.
    unsteady
        How far points stray, in units of which a capital has seven.
    uneven
        How much letters differ in size, as a part of it.
    joins
        Probability that two small letters are joined.
    rise
        Of the line of writing, as a part of its length.
    """

    slant: float
    narrow: float
    unsteady: float
    uneven: float
    joins: float
    rise: float

    @classmethod
    def drawn(cls, chance: np.random.Generator) -> Hand:
        """Draw somebody's hand."""
        slant, narrow, unsteady, uneven, joins, rise = chance.random(6).tolist()
        return cls(
            slant=-0.06 + 0.42 * slant,
            narrow=0.72 + 0.34 * narrow,
            unsteady=0.14 + 0.3 * unsteady,
            uneven=0.04 + 0.14 * uneven,
            joins=0.3 + 0.7 * joins,
            rise=-0.05 + 0.13 * rise,
        )


def written(
    text: str,
    hand: Hand,
    height_mm: float,
    place: tuple[float, float],
    chance: np.random.Generator,
    angle_deg: float = 0.0,
) -> list[Stroke]:
    """Write a text.

    Parameters
    ----------
    text
        Of the characters in `glyphs`, and spaces; others are left out.
    hand
        Whose.
    height_mm
        Of a capital.
    place
        X and y of where the line of writing begins, mm.
    chance
        Draws what differs from letter to letter.
    angle_deg
        That the line is turned by, clockwise.
    """
    strokes: list[Floats] = []
    # Of each stroke: its size, where it lies, and whether it goes on where the last one ended.
    put: list[tuple[float, float, float]] = []
    joined: list[bool] = []
    x, end = 0.0, None
    for character in text:
        glyph = glyphs().get(character)
        if glyph is None:
            x, end = x + SPACE * hand.narrow * (0.8 + 0.5 * chance.random()), None
            continue
        size = 1 + hand.uneven * (2 * chance.random() - 1)
        lift = 2 * hand.uneven * (2 * chance.random() - 1)
        small = character.islower()
        for number, points in enumerate(glyph.strokes):
            begin = x + points[0, 0] * size * hand.narrow
            near = end is not None and abs(begin - end[0]) + abs(points[0, 1] - end[1]) < REACH
            strokes.append(points)
            put.append((size, x, lift))
            joined.append(bool(number == 0 and small and near and chance.random() < hand.joins))
        # Dots and bars come after the letter: what is joined begins at a letter of one stroke.
        end = None
        if small and len(glyph.strokes) == 1:
            last = glyph.strokes[0][-1]
            end = (x + last[0] * size * hand.narrow, last[1])
        x += (glyph.width * size + LETTER_GAP) * hand.narrow
    if not strokes:
        return []
    lengths = np.array([len(points) for points in strokes])
    line = np.repeat(np.cumsum(~np.array(joined)), lengths)
    placed = np.repeat(np.array(put), lengths, axis=0)
    points = np.concatenate(strokes)
    points = (points + _strays(points, line, hand.unsteady, chance)) * placed[:, :1]
    points = points * (hand.narrow, 1.0) + placed[:, 1:]
    curve, ends = _curves(points, line)
    across, up = curve[:, 0], curve[:, 1]
    # Nobody writes quite straight: the line of writing bends a little.
    bend = hand.rise * (1 - across / (across.max() + 1.0)) * across
    unit = height_mm / CAPITAL
    written_at = np.stack([across + hand.slant * up, -up - bend], axis=-1) * unit
    written_at = turned(written_at, angle_deg) + place
    pressure = _pressed(curve, ends, chance)
    begins = [0, *ends[:-1]]
    return [Stroke(written_at[a:b], pressure[a:b]) for a, b in zip(begins, ends, strict=True)]


def _strays(
    points: Floats, line: npt.NDArray[np.int64], unsteady: float, chance: np.random.Generator
) -> Floats:
    """Draw how far each point strays; both points of a corner go the same way."""
    strays = unsteady * (2 * chance.random(points.shape) - 1)
    same = (points[1:] == points[:-1]).all(axis=1) & (line[1:] == line[:-1])
    strays[1:][same] = strays[:-1][same]
    return strays


def _curves(points: Floats, line: npt.NDArray[np.int64]) -> tuple[Floats, list[int]]:
    """Put a Catmull-Rom spline through the points of each line, all at once.

    Returns
    -------
    curve
        float64, shape (n, 2).
    ends
        Index after the last point of each line.
    """
    within = np.nonzero(line[1:] == line[:-1])[0]
    before = np.where((within > 0) & (line[within - 1] == line[within]), within - 1, within)
    after = np.minimum(within + 2, len(line) - 1)
    after = np.where(line[after] == line[within], after, within + 1)
    a, b, c, d = (points[k][:, None] for k in (before, within, within + 1, after))
    # Both ends of a piece are in it: that of the last would be missed otherwise.
    t = (np.arange(PIECES) / (PIECES - 1))[None, :, None]
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    of_line = line[within]
    last = np.nonzero(np.append(of_line[1:] != of_line[:-1], True))[0] + 1
    return curve.reshape(-1, 2), (last * PIECES).tolist()


def _pressed(curve: Floats, ends: list[int], chance: np.random.Generator) -> Floats:
    """Give the pressure along lines: strokes downwards are pressed harder, ends are lifted.

    Parameters
    ----------
    curve
        float64, shape (n, 2), y upwards.
    ends
        Index after the last point of each line.
    chance
        Draws how hard each line is pressed as a whole.

    Returns
    -------
    ndarray
        float64, shape (n,), 0 to 1.
    """
    lengths = np.diff([0, *ends])
    along = np.zeros_like(curve)
    along[:-1] = curve[1:] - curve[:-1]
    long = np.sqrt(along[:, 0] * along[:, 0] + along[:, 1] * along[:, 1]) + 1e-9
    base = np.repeat(0.4 + 0.35 * chance.random(len(ends)), lengths)
    pressure: Floats = base - 0.3 * along[:, 1] / long
    # Neighbours are alike: a hand does not change its pressure from point to point.
    for _ in range(2):
        pressure[1:-1] = (pressure[:-2] + 2 * pressure[1:-1] + pressure[2:]) / 4
    pressure[np.array(ends) - 1] *= 0.5
    return np.minimum(np.maximum(pressure, 0.0), 1.0)


def width_of(text: str, height_mm: float) -> float:
    """Give about how long a text gets, mm."""
    table = glyphs()
    units = 0.0
    for character in text:
        units += table[character].width + LETTER_GAP if character in table else SPACE
    return units * height_mm / CAPITAL


__all__ = ["CAPITAL", "SMALL", "Hand", "width_of", "written"]
