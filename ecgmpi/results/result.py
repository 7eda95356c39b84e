"""The result of a recording: the rows that a worker makes for the manifest.

A worker makes the rows of a recording, the journal carries them, and rank 0 writes them in
catalogue order. Nothing in a row depends on which worker drew it, where or when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecgmpi.corpus.item import Item
from ecgmpi.ecg.limb_leads import LimbCheck
from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError
from ecgmpi.names import readable

from .columns import _PREFIXES, RECORDING_COLUMNS, Row
from .timing import Timing

LONGEST_TEXT = 500
"""Bytes of a message that are kept."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recording: its row and the rows of its pictures.

    Picture rows lack the column ``recording``, which rank 0 fills in. `timing` is in no row.
    """

    index: int
    recording: Row
    pictures: list[Row]
    timing: Timing | None = None

    @property
    def failed(self) -> bool:
        """Whether it could not be drawn."""
        return bool(self.recording["status"] == FAILED)


DRAWN, FAILED = "drawn", "failed"

_NOTHING: Row = {
    column.name: "" if column.dtype == "text" else None for column in RECORDING_COLUMNS
} | {"pictures": 0, "bytes": 0, "samples": 0, "nan_samples": 0}


def drawn(
    item: Item,
    record: Record,
    limb: LimbCheck,
    pictures: list[Row],
    baseline: str,
    problems: Iterable[str],
    notes: Iterable[str],
) -> Result:
    """The result for a recording that was drawn; `limb` and `problems` are of all of it."""
    # A worn copy shows the samples of its clean picture once more.
    shown = [row for row in pictures if _is_like(row, pictures[0])]
    ranges = [row for row in shown if row["min_mv"] is not None]
    facts = recording_facts(item, record, limb, baseline, problems, notes)
    row = (
        _NOTHING
        | facts
        | {
            "status": DRAWN,
            "pictures": len(pictures),
            "bytes": sum(
                picture[f"{prefix}bytes"] for picture in pictures for prefix in _PREFIXES.values()
            ),
            "start_s": record.start,
            "min_mv": min((row["min_mv"] for row in ranges), default=None),
            "max_mv": max((row["max_mv"] for row in ranges), default=None),
            "nan_samples": sum(picture["nan_samples"] for picture in shown),
        }
    )
    return Result(item.index, row, pictures)


def _is_like(row: Row, other: Row) -> bool:
    """Whether two pictures of a recording are of one series and copy."""
    return bool(row["series"] == other["series"] and row["copy"] == other["copy"])


def recording_facts(
    item: Item,
    record: Record,
    limb: LimbCheck,
    baseline: str,
    problems: Iterable[str],
    notes: Iterable[str],
) -> Row:
    """The part of a row that is known of a recording before any picture of it is drawn."""
    return {
        "name": item.name,
        "source": item.source,
        "format": record.format,
        "leads": readable(" ".join(record.leads)),
        "rate_hz": record.rate,
        "samples": record.n_samples,
        "assumed": " ".join(record.assumed),
        "baseline": baseline,
        "limb_residual_mv": limb.residual_mv,
        "limb_leads": limb.verdict,
        "problems": one_line("; ".join(problems)),
        "notes": one_line("; ".join(notes)),
    }


def failed(item: Item, error: RecordingError, how: str = "") -> Result:
    """The result for a recording that could not be drawn.

    Parameters
    ----------
    item
        Which one.
    error
        Why.
    how
        What ended the process that tried, as part of its class: ``crashed: SIGSEGV``.
    """
    # Absolute paths would make the manifest depend on where the corpus lies.
    message = error.message.replace(item.path, item.source)
    row = _NOTHING | {
        "name": item.name,
        "source": item.source,
        "status": FAILED,
        "class": f"{error.kind}: {how}" if how else str(error.kind),
        "message": one_line(message),
        "remedy": one_line(error.remedy),
    }
    return Result(item.index, row, [])


def one_line(text: str) -> str:
    """`text` on one line, readable, and not too long for a table."""
    line = readable(" ".join(text.split()))
    encoded = line.encode()
    if len(encoded) <= LONGEST_TEXT:
        return line
    return encoded[: LONGEST_TEXT - 3].decode("utf-8", "ignore") + "..."


def lead_range(samples: np.ndarray[Any, np.dtype[np.float32]]) -> tuple[Any, Any, int]:
    """Smallest and largest of float32 `samples`, mV, and how many are NaN.

    The first two are None where all are NaN.
    """
    low, high = float(samples.min()), float(samples.max())
    if low == low:
        return low, high, 0
    missing = np.isnan(samples)
    count = int(missing.sum())
    if count == samples.size:
        return None, None, count
    present = samples[~missing]
    return float(present.min()), float(present.max()), count
