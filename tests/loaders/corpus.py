"""A corpus whose recordings differ in all that readers of shards have tripped over.

They take the types of their columns from the first samples. So the first recordings are as plain
as can be (whole rates, nothing assumed, nothing odd), and what is odd comes late.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.ecg.synthetic import LSB, synthesize, write_corpus

Signal = npt.NDArray[np.float32]

A_SHARD = 4
"""Recordings of a shard, so that there are several of several."""

PLAIN = 6
"""Recordings before the first that is odd: more than the five samples that `datasets` looks at."""

BAD = 4
"""Recordings at the end of which none can be drawn: the last shard would be empty."""


def odd_corpus(folder: Path) -> Path:
    """Write the recordings into a folder."""
    for number in range(PLAIN):
        _header(folder / "a" / f"r{number:02d}.hea", number)
    # States neither rate nor unit nor leads.
    write_corpus(folder / "b", 1, seed=7, duration=1)
    _write(folder / "c" / "eight.npz", 8, 500.0, ["I", "II", *STANDARD_LEADS[6:]])
    _write(folder / "c" / "half.npz", 9, 499.5)
    _table(folder / "c" / "mlii.csv", 10, 360.0)
    silent = _signal(11, 500.0)
    silent[7] = np.nan
    silent[1, 100:200] = np.nan
    _save(folder / "c" / "silent.npz", silent, 500.0, STANDARD_LEADS)
    # A chest lead alone: there are no limb leads to check.
    _write(folder / "c" / "v2.npz", 12, 128.5, ["V2"])
    # Names that are no plain keys: with dots and spaces, of other letters, too long, and one that
    # differs from another only in what a key cannot have.
    _write(folder / "v1.0" / "an odd.name.npz", 13, 500.0)
    _write(folder / "v1_0" / "an odd_name.npz", 14, 500.0)
    _write(folder / "w" / ("deep" * 15) / ("long" * 15 + ".npz"), 15, 500.0)
    _write(folder / "w" / "\u5fc3\u96fb\u56f3.npz", 16, 500.0)
    for number in range(BAD):
        (folder / "z").mkdir(exist_ok=True)
        (folder / "z" / f"bad{number}.mat").write_text("this is no recording at all\n")
    return folder


GOOD = PLAIN + 10
"""Recordings that are drawn."""


def _signal(number: int, rate: float) -> Signal:
    return synthesize(5, number, duration=1, rate=rate).signal.copy()


def _header(path: Path, number: int) -> None:
    """A WFDB record, which states all there is to state."""
    path.parent.mkdir(parents=True, exist_ok=True)
    counts = np.rint(_signal(number, 500.0) / LSB).astype("<i2")
    path.with_suffix(".dat").write_bytes(counts.T.tobytes())
    signals = [f"{path.stem}.dat 16 {1 / LSB}/mV 16 0 0 0 0 {lead}" for lead in STANDARD_LEADS]
    first = f"{path.stem} {len(counts)} 500 {counts.shape[1]}"
    path.write_text("\n".join([first, *signals, ""]))


def _write(path: Path, number: int, rate: float, leads: Sequence[str] = STANDARD_LEADS) -> None:
    rows = [STANDARD_LEADS.index(lead) for lead in leads]
    _save(path, _signal(number, rate)[rows], rate, leads)


def _save(
    path: Path,
    signal: Signal,
    rate: float,
    leads: Sequence[str],
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, signal=signal, fs=rate, units="mV", leads=np.array(leads))


def _table(path: Path, number: int, rate: float) -> None:
    """A table with the leads of a Holter: I and MLII."""
    signal = _signal(number, rate)[:2]
    time = np.arange(signal.shape[1]) / rate
    table = np.column_stack([time, signal.T])
    np.savetxt(path, table, fmt="%.9g", delimiter=",", header="time,I,MLII", comments="")
