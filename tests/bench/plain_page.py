"""A page (3x4+1, 25 mm/s, 10 mm/mV, letter, 200 dpi) by careful plain matplotlib.

One figure, one pair of axes in millimetres, used again for each recording: only the data
of the 13 lines and the title change. No pyplot, no tick labels, both grids by the axes'
own locators, one savefig a page.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator
from scipy.io import loadmat

from ecgmpi.layouts import PAGES
from ecgmpi.record import STANDARD_LEADS

WIDE_MM, TALL_MM, INCH_MM = 279.4, 215.9, 25.4
PITCH_MM, LEFT_MM = 45.0, 15.0


class PlainPage:
    """Draws recordings of 500 Hz."""

    def __init__(self) -> None:
        page = PAGES["3x4+1"]
        figure = Figure(figsize=(WIDE_MM / INCH_MM, TALL_MM / INCH_MM), dpi=200)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((5 / WIDE_MM, 10 / TALL_MM, 270 / WIDE_MM, 195 / TALL_MM))
        axes.set_xlim(0, 270)
        axes.set_ylim(0, 195)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MultipleLocator(5))
            axis.set_minor_locator(MultipleLocator(1))
        axes.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
        axes.grid(which="minor", color=(0.98, 0.80, 0.80), linewidth=0.28)
        axes.grid(which="major", color=(0.91, 0.50, 0.49), linewidth=0.57)
        axes.set_axisbelow(True)
        self._title = figure.text(5 / WIDE_MM, 207 / TALL_MM, "", fontsize=11)
        figure.text(5 / WIDE_MM, 4 / TALL_MM, "25 mm/s   10 mm/mV   no filter", fontsize=8.5)
        self._places = [
            (lead, row, slice(1250 * column, 1250 * (column + 1)))
            for column, leads in enumerate(page.columns)
            for row, lead in enumerate(leads)
        ]
        self._places += [(page.rhythm[0], 3, slice(0, 5000))]
        self._lines = []
        for lead, row, part in self._places:
            y, x = 165 - PITCH_MM * row, LEFT_MM + part.start / 500 * 25
            axes.text(x + 1.2, y + 6, lead, fontsize=10)
            self._lines += axes.plot([], [], "k", linewidth=0.51)
        for row in range(4):
            y = 165 - PITCH_MM * row
            axes.plot([3, 5, 5, 10, 10, 12], [y, y, y + 10, y + 10, y, y], "k", linewidth=0.51)
        self._figure = figure

    def render(self, path: Path, out: Path) -> Path:
        """Draw one recording into `out`."""
        signal = loadmat(path)["data"]
        self._title.set_text(path.stem)
        for (lead, row, part), line in zip(self._places, self._lines, strict=True):
            samples = signal[STANDARD_LEADS.index(lead)]
            y = 165 - PITCH_MM * row + 10 * (samples[part] - np.median(samples))
            line.set_data(LEFT_MM + np.arange(part.start, part.stop) / 500 * 25, y)
        target = out / f"{path.stem}.png"
        self._figure.savefig(target, dpi=200)
        return target
