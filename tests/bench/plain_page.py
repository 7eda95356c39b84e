"""A page (3x4+1, 25 mm/s, 10 mm/mV, letter, 200 dpi) by careful plain matplotlib.

A figure for each recording, as a function that is given one and saves a page does it: one
pair of axes in millimetres, ticks and both grids as matplotlib has them, 13 lines, names,
pulses, one savefig. No pyplot, whose `savefig` would draw it twice. Where the figure is
used again, only the data of the lines and the title change from page to page.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.io import loadmat

from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.layouts import PAGES

WIDE_MM, TALL_MM, INCH_MM = 279.4, 215.9, 25.4
GRID_WIDE_MM, GRID_TALL_MM = 270, 195
PITCH_MM, LEFT_MM, FIRST_MM = 45.0, 15.0, 165.0

PLACES = [
    (lead, row, slice(1250 * column, 1250 * (column + 1)))
    for column, leads in enumerate(PAGES["3x4+1"].columns)
    for row, lead in enumerate(leads)
] + [("II", 3, slice(0, 5000))]


class PlainPage:
    """Draws recordings of 500 Hz."""

    def __init__(self, again: bool = False) -> None:
        self._again = again
        self._set_up()

    def _set_up(self) -> None:
        self._figure = Figure(figsize=(WIDE_MM / INCH_MM, TALL_MM / INCH_MM), dpi=200)
        FigureCanvasAgg(self._figure)
        wide, tall = GRID_WIDE_MM / WIDE_MM, GRID_TALL_MM / TALL_MM
        axes = self._figure.add_axes((5 / WIDE_MM, 10 / TALL_MM, wide, tall))
        axes.set_xlim(0, GRID_WIDE_MM)
        axes.set_ylim(0, GRID_TALL_MM)
        axes.set_xticks(np.arange(0, GRID_WIDE_MM + 1, 5))
        axes.set_xticks(np.arange(0, GRID_WIDE_MM + 1), minor=True)
        axes.set_yticks(np.arange(0, GRID_TALL_MM + 1, 5))
        axes.set_yticks(np.arange(0, GRID_TALL_MM + 1), minor=True)
        axes.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
        axes.grid(which="minor", color=(0.98, 0.80, 0.80), linewidth=0.28)
        axes.grid(which="major", color=(0.91, 0.50, 0.49), linewidth=0.57)
        axes.set_axisbelow(True)
        self._title = self._figure.text(5 / WIDE_MM, 207 / TALL_MM, "", fontsize=11)
        said = "25 mm/s   10 mm/mV   no filter"
        self._figure.text(5 / WIDE_MM, 4 / TALL_MM, said, fontsize=8.5)
        for row in range(4):
            y = FIRST_MM - PITCH_MM * row
            axes.plot([3, 5, 5, 10, 10, 12], [y, y, y + 10, y + 10, y, y], "k", linewidth=0.51)
        self._lines = []
        for lead, row, part in PLACES:
            y, x = FIRST_MM - PITCH_MM * row, LEFT_MM + part.start / 20
            axes.text(x + 1.2, y + 6, lead, fontsize=10)
            self._lines += axes.plot([], [], "k", linewidth=0.51)

    def render(self, path: Path, out: Path) -> Path:
        """Draw one recording into `out`."""
        signal: npt.NDArray[np.float64] = loadmat(path)["data"]
        if not self._again:
            self._set_up()
        self._title.set_text(path.stem)
        for (lead, row, part), line in zip(PLACES, self._lines, strict=True):
            samples = signal[STANDARD_LEADS.index(lead)]
            y = FIRST_MM - PITCH_MM * row + 10 * (samples[part] - np.median(samples))
            line.set_data(LEFT_MM + np.arange(part.start, part.stop) / 20, y)
        target = out / f"{path.stem}.png"
        self._figure.savefig(target, dpi=200)
        return target
