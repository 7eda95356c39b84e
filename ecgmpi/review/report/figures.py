"""The figures of the report, all in one place: numbers in, markup out.

Each figure is a ``<div class="figure">`` that holds its SVG in a box that scrolls. Its look is in
``figures.css``, which a page that shows figures includes once.
"""

from __future__ import annotations

from importlib import resources

from .distributions import MOST_SERIES, histogram, histograms
from .quantities import bars, over_time
from .timeline import Lane, timeline

__all__ = [
    "MOST_SERIES",
    "Lane",
    "bars",
    "histogram",
    "histograms",
    "over_time",
    "stylesheet",
    "timeline",
]


def stylesheet() -> str:
    """The style of all figures, light, dark and printed."""
    return resources.files(__package__).joinpath("figures.css").read_text("utf-8")
