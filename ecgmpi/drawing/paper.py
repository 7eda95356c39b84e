"""The template: paper, grid and axes, the same for every lead of one range and length.

Templates are kept, the most recently used of them, up to a number of bytes.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np
import numpy.typing as npt

from ecgmpi.geometry import AMPLITUDE_STEP_MV, StripGeometry

from .glyphs import MINUS, Text, label, text_width
from .grid import grid_rows
from .style import LEVELS, Style

Bytes = npt.NDArray[np.uint8]

TEXT_GAP_MM = 1.2
"""Between the grid and the letters: more than the stroke of a trace on its edge takes."""
_STEPS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
_TIME_LABELS_MM = 15.0
_MV_LABELS_MM = 4.5


class ByteCache:
    """Arrays by key, the most recently used of them, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._items: OrderedDict[Hashable, Bytes] = OrderedDict()

    def copy(self, key: Hashable, make: Callable[[], Bytes], part: int = 1) -> Bytes:
        """Give an array like the one kept under `key`, to be changed at will.

        Parameters
        ----------
        key
            What the array depends on.
        make
            Makes it where none is kept.
        part
            One that would take up more than this part of the cache, one over so many, is
            not kept.
        """
        found = self._items.get(key)
        if found is not None:
            self._items.move_to_end(key)
            return found.copy()
        made = make()
        if made.nbytes > self.limit // part:
            return made
        self._items[key] = made
        self.held += made.nbytes
        while self.held > self.limit:
            _, dropped = self._items.popitem(last=False)
            self.held -= dropped.nbytes
        return made.copy()

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self.held = 0


TEMPLATES = ByteCache(24 << 20)


def add_text(rows: Bytes, text: Text, x: float, baseline: float) -> None:
    """Put a line of text on bare paper.

    Parameters
    ----------
    rows
        uint8, shape (height, 1 + width), Up-filtered; changed in place.
    text
        Typeset; what lies outside the picture is left out.
    x, baseline
        Where it begins, px.
    """
    left, top = round(x), round(baseline) - text.rise
    height, stride = rows.shape
    classes = text.classes[
        max(0, -top) : max(0, height - 1 - top), max(0, -left) : max(0, stride - 1 - left)
    ]
    if not classes.size:
        return
    left, top = max(0, left), max(0, top)
    tall, wide = classes.shape
    indices = classes * np.uint8(LEVELS)
    spot = rows[top : top + tall + 1, 1 + left : 1 + left + wide]
    spot[:-1] += indices
    spot[1:] -= indices


def label_step(steps: tuple[float, ...], mm_per_unit: float, least_mm: float) -> float:
    """Choose the least step whose labels are far enough apart; beyond the last, multiples."""
    for step in steps:
        if step * mm_per_unit >= least_mm:
            return step
    return steps[-1] * math.ceil(least_mm / (steps[-1] * mm_per_unit))


def _amplitude_steps(span: float) -> tuple[float, ...]:
    decades = range(max(1, math.ceil(math.log10(max(span, 1.0))) + 1))
    return tuple(AMPLITUDE_STEP_MV * m * 10**d for d in decades for m in (1, 2, 4))


def number(index: int, step: float) -> str:
    """Write the `index`-th multiple of a step as it stands on an axis.

    All have the step's number of decimals, and a real minus sign.

    Examples
    --------
    >>> number(-3, 0.5), number(2, 0.5), number(2, 1.0)
    ('−1.5', '1.0', '2')
    """
    decimals = next(d for d in range(4) if math.isclose(step, round(step, d)))
    return f"{index * step:.{decimals}f}".replace("-", MINUS)


def _add_axes(rows: Bytes, geometry: StripGeometry, style: Style) -> None:
    scale = geometry.scale
    px = scale.px_per_mm
    size, gap = style.label_mm * px, TEXT_GAP_MM * px
    digits = label("0", size)
    below = geometry.bottom + gap + digits.rise

    step = label_step(_STEPS_S, scale.speed, _TIME_LABELS_MM)
    for k in range(int(geometry.seconds / step + 1e-6) + 1):
        text = label(number(k, step), size)
        add_text(rows, text, geometry.x(k * step) - text.advance / 2, below)
    add_text(rows, label("s", size), geometry.right + 3 * gap, below)

    step = label_step(_amplitude_steps(geometry.high - geometry.low), scale.gain, _MV_LABELS_MM)
    edge = geometry.left - gap
    middle = digits.rise / 2
    first = math.ceil(geometry.low / step - 1e-6)
    for k in range(first, math.floor(geometry.high / step + 1e-6) + 1):
        text = label(number(k, step), size)
        add_text(rows, text, edge - text.advance, geometry.y(k * step) + middle)
    unit = label("mV", size)
    add_text(rows, unit, edge - unit.advance, caption_y(geometry))

    said = scale_text(geometry)
    if said:
        text = label(said, size)
        add_text(rows, text, geometry.right - text.advance, caption_y(geometry))


def scale_text(geometry: StripGeometry) -> str:
    """Say the scale as it is, where there is room for it beside a title; else nothing."""
    if geometry.right - geometry.left < 100 * geometry.scale.px_per_mm:
        return ""
    return f"{geometry.scale.speed:g} mm/s   {geometry.scale.gain:g} mm/mV"


def title_x(geometry: StripGeometry) -> float:
    """Where a title begins, clear of the unit beside it, px."""
    return geometry.x0 + 1.5 * TEXT_GAP_MM * geometry.scale.px_per_mm


def caption_y(geometry: StripGeometry) -> float:
    """Baseline of what stands above the grid, px."""
    return geometry.top - 1.6 * TEXT_GAP_MM * geometry.scale.px_per_mm


def title_room(geometry: StripGeometry, style: Style) -> float:
    """Width that a title may take up, px."""
    px = geometry.scale.px_per_mm
    room = geometry.width - title_x(geometry) - TEXT_GAP_MM * px
    said = scale_text(geometry)
    if said:
        room = geometry.right - title_x(geometry)
        room -= text_width(said, style.label_mm * px) + 4 * TEXT_GAP_MM * px
    return room


def template(geometry: StripGeometry, style: Style) -> Bytes:
    """Give paper, grid and axis labels, kept for the next lead of the same geometry.

    Parameters
    ----------
    geometry
        Where everything lies.
    style
        Colours, widths, sizes.

    Returns
    -------
    ndarray
        uint8, shape (height, 1 + width), the caller's own: Up-filtered palette indices,
        each row after its filter byte. Every level in it is 0.
    """

    def make() -> Bytes:
        rows = grid_rows(geometry, style)
        _add_axes(rows, geometry, style)
        return rows

    # A rare tall strip must not drive out all others, nor be held twice.
    return TEMPLATES.copy((geometry, style), make, part=8)
