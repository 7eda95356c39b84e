"""What a reader should come to with an input that somebody reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ecgmpi.ecg.record import Record
from ecgmpi.readers import NO_HINTS, ReadHints, read


@dataclass(frozen=True)
class Right:
    """The right answer for one file of ``reported``.

    Attributes
    ----------
    leads
        Names, in the order of the file.
    n_samples, rate
        Samples of each lead, and samples per second, Hz.
    values
        (lead, sample) -> mV.
    tolerance
        One unit of the last digit of `values`, mV.
    assumed
        What the file leaves open: of ``rate``, ``unit``, ``leads``.
    """

    leads: tuple[str, ...]
    n_samples: int
    rate: float
    values: Mapping[tuple[str, int], float]
    tolerance: float = 0.001
    assumed: tuple[str, ...] = ()
    hints: ReadHints = field(default=NO_HINTS)

    def check(self, path: Path) -> Record:
        """Read the file at `path` and compare all that is known of it."""
        record = read(path, self.hints)
        assert record.leads == self.leads
        assert record.signal.shape == (len(self.leads), self.n_samples)
        assert record.rate == pytest.approx(self.rate, rel=1e-9)
        for (lead, sample), value in self.values.items():
            assert record[lead][sample] == pytest.approx(value, abs=self.tolerance), (lead, sample)
        assert record.assumed == self.assumed
        return record
