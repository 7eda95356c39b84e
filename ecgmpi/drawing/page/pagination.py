"""A long recording on as many pages as it takes: which samples are on which page.

Each page has the same whole number of samples, but for the last, and begins with the one
after the last of the page before: none is missing and none is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecgmpi.ecg.record import Record
from ecgmpi.geometry import Scale
from ecgmpi.layouts import SAME, PageSpec

from .options import PageOptions
from .trace_selection import sample_at


@dataclass(frozen=True, slots=True)
class PageOfSeries:
    """Which of the pages of a recording one is.

    Attributes
    ----------
    number, count
        The `number`-th, from 1, of so many.
    end
        Where what is drawn of the recording ends, s from its beginning.
    scale
        That of all of its pages.
    """

    number: int
    count: int
    end: float
    scale: Scale

    @property
    def name(self) -> str:
        """What the page is called among the others, in the order of names.

        Examples
        --------
        >>> Leaf(7, 20, 200.0, Scale()).name, Leaf(7, 8640, 86400.0, Scale()).name
        ('p007', 'p0007')
        """
        return f"p{self.number:0{max(3, len(str(self.count)))}d}"


def page_samples(page: PageSpec, rate: float, options: PageOptions) -> int:
    """Give the number of samples of each lead on one page.

    Parameters
    ----------
    page
        The layout.
    rate
        Samples per second, Hz.
    options
        Length of a row, and whether all columns show the same part of it.

    Returns
    -------
    int
        At least 1, however low the rate is.
    """
    seconds = options.seconds or page.seconds
    if options.columns == SAME:
        seconds /= len(page.columns)
    return max(1, sample_at(seconds, rate))


def divided(record: Record, samples: int) -> Iterator[Record]:
    """Cut a recording into pieces of so many samples, the last perhaps with fewer."""
    for first in range(0, record.n_samples, samples):
        yield record.cut(first, first + samples)
