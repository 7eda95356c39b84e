"""The recordings that a report shows, each with the one of its pictures that shows why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.corpus.chunks import Chunks
from ecgmpi.picture_formats import CLEAN
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.tables import Table, texts

from .choice import GAPS, LARGEST, NAMED, SMALLEST, Reason
from .values import rounded

_USUAL = "II"
"""The lead to show where no other is asked for: a rhythm strip has it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture.

    Attributes
    ----------
    path, key
        Where it is below OUT, its file or its shard, and its key there.
    lead
        The lead that it shows; of a page, all of them.
    start_s
        Where what it shows begins in the file, s.
    min_mv, max_mv
        Smallest and largest sample, mV; None where all is NaN.
    width_px, height_px
        Its size.
    series
        That it belongs to; empty for a clean picture.
    """

    path: str
    key: str
    lead: str
    start_s: float
    min_mv: float | None
    max_mv: float | None
    width_px: int
    height_px: int
    series: str = CLEAN


@dataclass(frozen=True, slots=True)
class Pick:
    """A recording to show.

    Attributes
    ----------
    index, name, source
        Where it stands in the catalogue, its name in OUT, its file below INPUT.
    reasons
        Why it is shown, in words.
    pictures
        How many it has.
    picture
        The one that shows the first reason; None where there is none.
    """

    index: int
    name: str
    source: str
    reasons: tuple[str, ...]
    pictures: int
    picture: Shown | None


def picks(
    journals: JournalIndex, chunks: Chunks, chosen: Mapping[int, Sequence[Reason]]
) -> tuple[Pick, ...]:
    """Find the pictures of chosen recordings.

    Parameters
    ----------
    journals
        What is done.
    chunks
        Those of the catalogue.
    chosen
        Index of each recording -> why it is shown.
    """
    found: dict[int, Pick] = {}
    for chunk in sorted({chunks.of(index) for index in chosen}):
        recordings, pictures, _ = journals.tables(chunk)
        ends = np.cumsum(recordings["pictures"], dtype=np.int64)
        first = chunks.recordings(chunk).start
        for row, index in enumerate(range(first, first + len(ends))):
            if index in chosen:
                count = int(recordings["pictures"][row])
                own = {name: of[ends[row] - count : ends[row]] for name, of in pictures.items()}
                found[index] = _pick(index, recordings, row, own, chosen[index])
    return tuple(found[index] for index in chosen)


def _pick(
    index: int, recordings: Table, row: int, pictures: Table, reasons: Sequence[Reason]
) -> Pick:
    name, source = (recordings[column][row].decode() for column in ("name", "source"))
    count = len(pictures["lead"])
    words = tuple(dict.fromkeys(reason.words for reason in reasons))
    picture = None
    if count:
        # The clean pictures; where a job keeps none, the first copy of each.
        like = [pictures[column] == pictures[column][0] for column in ("series", "copy")]
        own = {name: of[like[0] & like[1]] for name, of in pictures.items()}
        picture = _shown(own, _best(own, reasons))
    return Pick(index, name, source, words, count, picture)


def _best(pictures: Table, reasons: Sequence[Reason]) -> int:
    """The row of the picture that shows the first of the `reasons` that has one."""
    leads = texts(pictures["lead"])
    for reason in reasons:
        if reason.about == LARGEST:
            return _at_most(pictures["max_mv"])
        if reason.about == SMALLEST:
            return _at_most(-pictures["min_mv"])
        if reason.about == GAPS:
            return _at_most(pictures["nan_samples"].astype(float))
        if reason.about == NAMED and (named := _named(leads, reason.words)):
            return leads.index(named)
    return leads.index(_USUAL) if _USUAL in leads else 0


def _at_most(values: npt.NDArray[Any]) -> int:
    return int(np.where(np.isnan(values), -np.inf, values).argmax())


def _named(leads: Sequence[str], words: str) -> str:
    """The lead that `words` name first; empty if they name none."""
    places = {
        lead: found.start()
        for lead in leads
        if (found := re.search(rf"(?<![\w-]){re.escape(lead)}(?!\w)", words))
    }
    return min(places, key=places.__getitem__, default="")


def _shown(pictures: Table, row: int) -> Shown:
    text = {name: pictures[name][row].decode() for name in ("path", "key", "lead", "series")}
    low, high = (float(pictures[name][row]) for name in ("min_mv", "max_mv"))
    return Shown(
        **text,
        start_s=float(pictures["start_s"][row]),
        min_mv=None if np.isnan(low) else rounded(low),
        max_mv=None if np.isnan(high) else rounded(high),
        width_px=int(pictures["width_px"][row]),
        height_px=int(pictures["height_px"][row]),
    )
