"""Journals of recordings that were read and checked, but never drawn."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecgmpi.corpus.chunks import Chunks
from ecgmpi.corpus.item import Item
from ecgmpi.ecg.lead_check import check_leads
from ecgmpi.ecg.record import Record
from ecgmpi.ecg.signal_quality import lead_facts, signal_warnings
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.results.columns import NO_FILES, PICTURE_COLUMNS, Row
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.results.result import Result, drawn, failed, lead_range

CHUNKS = Chunks.undivided(4, 1000)
"""Those of the recordings here, which are fewer."""

Samples = npt.NDArray[np.float32]


def heart(number: int = 0, seconds: float = 2.0, rate: float = 500.0) -> Record:
    """A recording in which nothing is odd."""
    return replace(synthesize(0, number, seconds, rate), format="matlab-5")


def changed(record: Record, lead: str, by: float | Samples) -> Record:
    """`record` with the samples of one lead multiplied."""
    signal = record.signal.copy()
    signal[record.leads.index(lead)] *= np.asarray(by, np.float32)
    return replace(record, signal=signal)


def item(index: int) -> Item:
    return Item(index, f"a/r{index:03d}", f"a/r{index:03d}.mat", f"/in/a/r{index:03d}.mat")


def result(index: int, whole: Record, page: bool = False, start: float = 0.0) -> Result:
    """What a worker makes of a recording from `start`, s, on: a strip a lead, or one page."""
    record = whole.select(None, start, None) if start else whole
    if page:
        pictures = [_picture(index, " ".join(record.leads), record.signal)]
    else:
        pictures = [_picture(index, lead, record[lead]) for lead in record.leads]
    problems = signal_warnings(whole, lead_facts(whole))
    limb = check_leads(whole)
    return drawn(item(index), record, limb, pictures, "none", problems, record.notes)


def broken(index: int, message: str = "it ends early") -> Result:
    error = RecordingError(FailureKind.TRUNCATED, message, "copy it again")
    return failed(item(index), error)


def _picture(index: int, lead: str, samples: Samples) -> Row:
    low, high, gaps = lead_range(samples)
    plain: Row = {c.name: "" if c.dtype == "text" else 1 for c in PICTURE_COLUMNS[1:]}
    own = {
        "lead": lead,
        "path": f"images/a/r{index:03d}/{lead}.png",
        "bytes": 1000,
        "min_mv": low,
        "max_mv": high,
        "nan_samples": gaps,
    }
    return plain | NO_FILES | own


def write(folder: Path, results: Iterable[Result], backwards: bool = False) -> JournalIndex:
    """Write `results` down, two ranks in turn, by `CHUNKS`; perhaps the last first."""
    chunks = [list(own) for _, own in groupby(results, lambda one: CHUNKS.of(one.index))]
    if backwards:
        chunks.reverse()
    for rank in range(2):
        with closing(JournalWriter(folder, rank)) as journal:
            for own in chunks[rank::2]:
                journal.append(CHUNKS.of(own[0].index), own)
            list(journal.on_disk(wait=True))
    return JournalIndex(folder, 1 + max(CHUNKS.of(own[0].index) for own in chunks))
