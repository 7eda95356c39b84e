"""When the data records of an EDF+ or BDF+ file begin, by the time stamps in them.

By the EDF+ specification (Kemp and Olivan, Clin Neurophysiol 2003;114:1755), 2.2.4: the first
annotation of the first annotations signal of a data record is empty, and its onset says how
many seconds after the start of the file the record begins. This module reads a few bytes of
each record: the library would decode all annotations, and stop at an odd one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.source import Source
from ecgmpi.readers.wording import corrupt

_FIXED = 256
"""Bytes of the file header, and of the header of each signal after it."""

_LABEL, _SAMPLES = 16, 216
"""Bytes of the label of a signal, which comes first, and of all fields before its number of
samples per data record."""

_STAMP = re.compile(rb"([+-][0-9]{1,12}(?:\.[0-9]{0,12})?)(?:\x14|\x15)")
"""The onset of an annotation, and its terminator."""

_LONGEST = 32
"""Bytes of the longest onset."""

_ON_GRID = 1e-3
"""Part of a sample within which an onset in decimals counts as whole."""


class Stamps:
    """Where the time stamps of a file are.

    Parameters
    ----------
    source
        The file, whose header makes sense.

    Attributes
    ----------
    seconds
        Length of a data record, s.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        head = source.at(0, _FIXED)
        self._header = int(head[184:192])
        self.seconds = float(head[244:252])
        n_signals = int(head[252:256])
        fields = source.at(_FIXED, _FIXED * n_signals)
        width = 3 if head[:1] == b"\xff" else 2
        # All fields of one kind stand together.
        texts = fields[_SAMPLES * n_signals : (_SAMPLES + 8) * n_signals]
        sizes = [width * int(texts[at : at + 8]) for at in range(0, 8 * n_signals, 8)]
        label = b"BDF Annotations" if width == 3 else b"EDF Annotations"
        place = fields[: _LABEL * n_signals].find(label) // _LABEL
        self._record = sum(sizes)
        self._known = place >= 0
        self._before = sum(sizes[:place]) if self._known else 0
        self._length = min(sizes[place], _LONGEST) if self._known else 0

    def onset(self, record: int) -> float:
        """Seconds from the start of the file to a data record; NaN if it is not stated."""
        if not self._known:
            return float("nan")
        at = self._header + record * self._record + self._before
        found = _STAMP.match(self._source.at(at, self._length))
        return float(found[1]) if found else float("nan")

    def onsets(self, n_records: int) -> npt.NDArray[np.float64]:
        """Seconds from the start of the file to each data record: float64, shape (n_records,).

        Raises
        ------
        RecordingError
            A record does not state when it begins.
        """
        found = np.fromiter(map(self.onset, range(n_records)), np.float64, n_records)
        if np.isnan(found).any():
            record = int(np.flatnonzero(np.isnan(found))[0]) + 1
            raise corrupt(f"data record {record:,} does not say when it begins")
        return found


@dataclass(frozen=True, slots=True)
class Runs:
    """Data records that follow each other without a gap.

    Attributes
    ----------
    records
        The first record of each run, from 0.
    samples
        Where each begins, in samples from the beginning of the first.
    rounded
        Whether one of them begins between two samples.
    """

    records: list[int]
    samples: list[int]
    rounded: bool


def divided(onsets: npt.NDArray[np.float64], seconds: float, per_record: int) -> Runs:
    """Divide data records into runs.

    Parameters
    ----------
    onsets
        When each begins, s: float64, shape (n_records,).
    seconds
        Length of each, s.
    per_record
        Samples in each. Less than half a sample between two records is not a gap.

    Raises
    ------
    RecordingError
        A record begins before the previous one ends.
    """
    rate = per_record / seconds
    between = (np.diff(onsets) - seconds) * rate
    early = np.flatnonzero(between < -0.5)
    if early.size:
        record = int(early[0]) + 1
        raise RecordingError(
            FailureKind.CONTRADICTORY,
            f"data record {record + 1:,} begins {-between[record - 1] / rate:g} s before "
            f"record {record:,} ends",
            "export the recording with its records in chronological order",
        )
    records = [0, *(int(place) + 1 for place in np.flatnonzero(between > 0.5))]
    samples: list[int] = []
    rounded = False
    end = 0
    for record, following in zip(records, [*records[1:], onsets.size], strict=True):
        exact = float(onsets[record] - onsets[0]) * rate
        rounded |= abs(exact - round(exact)) > _ON_GRID
        # Records may be a little shorter than stated, but none may overlap the next.
        samples.append(max(end, round(exact)))
        end = samples[-1] + (following - record) * per_record
    return Runs(records, samples, rounded)


def denied_gaps(stamps: Stamps, n_records: int, per_record: int) -> str:
    """Check a file whose header states that it is continuous (EDF+C).

    Returns
    -------
    str
        Empty, or the statement that was not used: time stamps that are invalid.

    Raises
    ------
    RecordingError
        The time stamps are valid and show gaps.
    """
    half = 0.5 * stamps.seconds / per_record
    whole = (n_records - 1) * stamps.seconds
    # Two records are enough, and cost nothing.
    if not abs(stamps.onset(n_records - 1) - stamps.onset(0) - whole) > half:
        return ""
    try:
        runs = divided(stamps.onsets(n_records), stamps.seconds, per_record)
    except RecordingError:
        return "time stamps of the data records, which are invalid"
    if len(runs.records) > 1:
        raise RecordingError(
            FailureKind.CONTRADICTORY,
            f"the header says that the recording is continuous (EDF+C), but the time stamps of "
            f"its data records show gaps: {len(runs.records) - 1}",
            "write EDF+D into the header where there are gaps, or correct the time stamps",
        )
    return ""
