"""The rows of recordings some thousands at a time, so that each step in Python serves many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.corpus.chunks import Chunks
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.result import DRAWN
from ecgmpi.results.tables import Table

from .named import Named

_ROWS = 8192
"""Rows of a batch, or somewhat more: it ends with a chunk."""

_TEXTS = (
    "name",
    "source",
    "format",
    "leads",
    "assumed",
    "limb_leads",
    "problems",
    "notes",
    "class",
    "message",
    "remedy",
)
_NUMBERS = ("pictures", "bytes", "rate_hz", "samples", "min_mv", "max_mv", "nan_samples")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of recordings, n of them, in the order of the catalogue.

    Attributes
    ----------
    index
        Where each stands in the catalogue, int64, shape (n,).
    drawn
        Whether it was drawn, bool, shape (n,).
    texts
        Column name -> UTF-8 of each row.
    numbers
        Column name -> array of shape (n,), NaN where there is no value.
    """

    index: npt.NDArray[np.int64]
    drawn: npt.NDArray[np.bool_]
    texts: dict[str, list[bytes]]
    numbers: dict[str, npt.NDArray[Any]]

    def named(self, row: int) -> Named:
        """Say which recording is in a row."""
        name, source = (self.texts[column][row].decode() for column in ("name", "source"))
        return Named(int(self.index[row]), name, source)


def batches(journals: JournalIndex, chunks: Chunks) -> Iterator[Batch]:
    """Give the rows of all recordings that are done.

    Parameters
    ----------
    journals
        What is done.
    chunks
        Those of the catalogue.
    """
    tables: list[tuple[int, Table]] = []
    n_rows = 0
    for chunk, table in journals.recordings():
        tables.append((chunks.recordings(chunk).start, table))
        n_rows += len(table["name"])
        if n_rows >= _ROWS:
            yield _joined(tables)
            tables, n_rows = [], 0
    if n_rows:
        yield _joined(tables)


def _joined(tables: list[tuple[int, Table]]) -> Batch:
    index = [np.arange(first, first + len(table["name"])) for first, table in tables]
    # Text as a list: arrays of different widths would be copied to the widest.
    texts = {
        column: [text for _, table in tables for text in table[column].tolist()]
        for column in _TEXTS
    }
    numbers = {
        column: np.concatenate([table[column] for _, table in tables]) for column in _NUMBERS
    }
    drawn = np.concatenate([table["status"] == DRAWN.encode() for _, table in tables])
    return Batch(np.concatenate(index), drawn, texts, numbers)
