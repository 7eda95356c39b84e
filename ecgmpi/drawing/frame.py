"""The frame of a page: sheet, grid, rows, pulses and separators, whatever lead is on it.

Two pages with equal frames share a background. Coordinates are those of
`ecgmpi.geometry`. A grid begins and ends on bold lines, and every baseline lies on one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from ecgmpi.geometry import BOLD_MM, Scale
from ecgmpi.layouts import FIT, PAPERS

HEAD_MM, FOOT_MM = 11.0, 9.0
"""Paper above and below the grid, for the header and the footer."""
SIDE_MM = 6.0
"""Paper beside the grid if the sheet fits the traces."""
LEAST_BOX_MM = 110.0
"""A grid is at least this wide, so that a footer fits."""
LEAST_PITCH_MM = 10.0
PULSE_MV, PULSE_S = 1.0, 0.2
STUB_MM = 1.2
"""Length of baseline on both sides of a pulse."""
SEPARATOR_MM = (3.0, 6.0)
"""A column begins with two short lines: their near and far ends from the baseline."""
SEPARATOR_WIDTH_MM = 0.4
GUTTER_MM = 10.0
"""Width of the gutter between the edge of the grid and the pulse, for lead names."""

_SLACK = 1e-6


class Box(NamedTuple):
    """A rectangle, px."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, by: float) -> Box:
        """The rectangle with `by` px more on each side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def meets(self, other: Box) -> bool:
        """Whether the two have any area in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """The geometry that does not depend on the signal; in px unless stated otherwise.

    Attributes
    ----------
    scale
        Size of a second and a millivolt.
    paper
        ``a4``, ``letter`` or ``fit``.
    width, height
        Of the picture.
    left, top, right, bottom
        Edges of the grid, each on a bold line.
    x0, y0
        A vertical and a horizontal bold line: the left edge of the grid, a whole number, and
        the first baseline, a whole number and a half.
    start
        x of the first second of every row; on a bold line at any speed.
    rows
        y of the baseline of each row.
    seconds
        Length of a row, s.
    columns
        Seconds at which each column begins, the first 0.
    rhythm
        Number of undivided rows at the bottom.
    gutter
        Whether lead names stand in a gutter left of the pulses. This is so if each row is
        one lead, since there may be no room above it.
    grown
        Whether the sheet is larger than its paper.
    """

    scale: Scale
    paper: str
    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    x0: float
    y0: float
    start: float
    rows: tuple[float, ...]
    seconds: float
    columns: tuple[float, ...]
    rhythm: int
    gutter: bool
    grown: bool

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the sheet, mm."""
        px = self.scale.px_per_mm
        return self.width / px, self.height / px

    @property
    def pulses(self) -> tuple[Box, ...]:
        """The calibration pulse of each row: middle lines of its stroke."""
        left = self.x0 + (GUTTER_MM if self.gutter else BOLD_MM) * self.scale.px_per_mm
        right = left + PULSE_S * self.scale.px_per_s
        rise = PULSE_MV * self.scale.px_per_mv
        return tuple(Box(left, y - rise, right, y) for y in self.rows)

    @property
    def separators(self) -> tuple[tuple[float, float], ...]:
        """The beginnings of columns in each row, except the first: (x, baseline)."""
        divided = self.rows[: len(self.rows) - self.rhythm]
        return tuple(
            (self.start + seconds * self.scale.px_per_s, y)
            for seconds in self.columns[1:]
            for y in divided
        )


def up(mm: float) -> float:
    """Grow a length to whole bold squares, mm."""
    return math.ceil(mm / BOLD_MM - _SLACK) * BOLD_MM


def down(mm: float) -> float:
    """Shrink a length to whole bold squares, mm."""
    return math.floor(mm / BOLD_MM + _SLACK) * BOLD_MM


@dataclass(frozen=True, slots=True)
class Needs:
    """The room that the traces need, mm, stroke included.

    Attributes
    ----------
    above, below
        Of each row: how far its traces go beyond the baseline.
    pitch
        Between each row and the next: the distance at which no two traces meet.
    """

    above: tuple[float, ...]
    below: tuple[float, ...]
    pitch: tuple[float, ...]


def make_frame(
    scale: Scale,
    paper: str,
    needs: Needs,
    seconds: float,
    columns: tuple[float, ...],
    rhythm: int,
) -> Frame:
    """Lay out a sheet.

    Parameters
    ----------
    scale
        Size of a second and a millivolt.
    paper
        A name in `PAPERS`, or `FIT`.
    needs
        How much room the traces take.
    seconds, columns, rhythm
        As in `Frame`.

    Returns
    -------
    Frame
        If the paper is too small, the sheet grows by whole bold squares, above, below or to
        the right, until every trace is inside the grid.
    """
    px = scale.px_per_mm
    gutter = len(columns) == 1 and not rhythm
    lead_in = (GUTTER_MM if gutter else BOLD_MM) + up(PULSE_S * scale.speed) + BOLD_MM
    span = lead_in + up(seconds * scale.speed)
    wanted = max(span + BOLD_MM, up(LEAST_BOX_MM))
    if paper == FIT:
        offsets, tall = _fitted(needs)
        wide, sheet_wide = wanted, wanted + 2 * SIDE_MM
        sheet_tall = HEAD_MM + tall + FOOT_MM
        grown = False
    else:
        paper_wide, paper_tall = PAPERS[paper]
        room = down(paper_tall - HEAD_MM - FOOT_MM)
        offsets, tall = _even(needs, room)
        roomy = down(paper_wide - 1.5 * BOLD_MM)
        wide = roomy if span <= roomy else wanted
        sheet_wide, sheet_tall = paper_wide + wide - roomy, paper_tall + tall - room
        grown = wide > roomy or tall > room
    spare = sheet_tall - HEAD_MM - FOOT_MM - tall
    top = HEAD_MM + spare / 2
    left = float(math.ceil((sheet_wide - wide) / 2 * px - _SLACK))
    y0 = math.ceil((top + offsets[0]) * px) + 0.5
    box_top = y0 - offsets[0] * px
    return Frame(
        scale=scale,
        paper=paper,
        width=math.ceil(sheet_wide * px - 1e-3),
        height=math.ceil(sheet_tall * px - 1e-3),
        left=left,
        top=box_top,
        right=left + wide * px,
        bottom=box_top + tall * px,
        x0=left,
        y0=y0,
        start=left + lead_in * px,
        rows=tuple(box_top + offset * px for offset in offsets),
        seconds=seconds,
        columns=columns,
        rhythm=rhythm,
        gutter=gutter,
        grown=grown,
    )


def even_pitch(n_rows: int, room: float) -> float:
    """Distance between rows that share `room` mm evenly, on bold lines."""
    return max(LEAST_PITCH_MM, down(room / n_rows))


def _even(needs: Needs, room: float) -> tuple[list[float], float]:
    """Baselines below the top of the grid, and height of the grid, mm."""
    n = len(needs.above)
    pitch = even_pitch(n, room)
    spare = max(0.0, room - n * pitch)
    first = up(pitch / 2 + spare / 2)
    offsets = [first + k * pitch for k in range(n)]
    tall = max(room, n * pitch)
    above = up(max(need - at for need, at in zip(needs.above, offsets, strict=True)))
    below = up(max(need + at for need, at in zip(needs.below, offsets, strict=True)) - tall)
    # Before the sheet grows on one side, the rows move to the side that has room.
    moved = max(0.0, min(above, -below)) - max(0.0, min(below, -above))
    above, below = max(0.0, above - moved), max(0.0, below + moved)
    return [at + moved + above for at in offsets], tall + above + below


def _fitted(needs: Needs) -> tuple[list[float], float]:
    """Baselines and height of the grid, mm, at which no two traces meet."""
    offset = up(max(needs.above[0], LEAST_PITCH_MM))
    offsets = [offset]
    for pitch in needs.pitch:
        offset += up(max(pitch, LEAST_PITCH_MM))
        offsets.append(offset)
    # A trace of a row further up may reach beyond the next.
    above = max(need - at for need, at in zip(needs.above, offsets, strict=True))
    more = up(max(above, 0.0))
    offsets = [at + more for at in offsets]
    below = max(need + at for need, at in zip(needs.below, offsets, strict=True))
    return offsets, up(max(below, offsets[-1] + LEAST_PITCH_MM / 2))
