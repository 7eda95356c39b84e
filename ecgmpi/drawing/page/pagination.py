"""A long recording on as many pages as it needs: which samples are on which page.

Each page except the last has the same whole number of samples, and begins with the sample
after the last one of the page before: none is missing and none is shown twice.
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
    """The place of a page among the pages of its recording.

    Attributes
    ----------
    number, count
        Its number, from 1, and how many pages there are.
    end
        End of the drawn part of the recording, s from its beginning.
    scale
        Scale of all its pages.
    """

    number: int
    count: int
    end: float
    scale: Scale

    @property
    def name(self) -> str:
        """The name of the page; names sort in page order.

        Examples
        --------
        >>> PageOfSeries(7, 20, 200.0, Scale()).name, PageOfSeries(7, 8640, 86400.0, Scale()).name
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
    """Cut a recording into pieces of `samples` samples; the last may be shorter."""
    for first in range(0, record.n_samples, samples):
        yield record.cut(first, first + samples)
