"""The same array, written out by the libraries of other people."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.readers.array_record import conventional_leads

Array = npt.NDArray[Any]

WFDB_BITS = {
    **{"80": 8, "508": 8, "212": 12, "16": 16, "516": 16, "24": 24, "524": 24, "32": 32},
}
"""All formats that wfdb writes, and the bits of a sample in each."""


def write_edf(path: Path, signal: Array, rate: float = 500.0, unit: str = "mV") -> Path:
    """An EDF file; its quantum is a 65535th of each lead's range."""
    import edfio

    signals = [edfio.EdfSignal(**how) for how in _edf_signals(signal, rate, unit)]
    edfio.Edf(signals, data_record_duration=signal.shape[1] / rate).write(path)
    return path


def write_bdf(path: Path, signal: Array, rate: float = 500.0, unit: str = "mV") -> Path:
    """The same with 24 bits a sample."""
    import edfio

    signals = [edfio.BdfSignal(**how) for how in _edf_signals(signal, rate, unit)]
    edfio.Bdf(signals, data_record_duration=signal.shape[1] / rate).write(path)
    return path


def _edf_signals(signal: Array, rate: float, unit: str) -> list[dict[str, Any]]:
    # A data record must be filled, and a range is written in eight characters.
    return [
        {
            "data": samples,
            "sampling_frequency": rate,
            "label": f"ECG {lead}",
            "physical_dimension": unit,
            "physical_range": (round(samples.min() - 0.01, 4), round(samples.max() + 0.01, 4)),
        }
        for lead, samples in zip(conventional_leads(len(signal)), signal, strict=True)
    ]


def write_csv(path: Path, signal: Array, rate: float = 500.0, delimiter: str = ",") -> Path:
    """A table with a column of time in seconds."""
    leads = conventional_leads(len(signal))
    time = np.arange(signal.shape[1]) / rate
    table = np.column_stack([time, signal.T])
    header = delimiter.join(["time", *leads])
    np.savetxt(path, table, fmt="%.9g", delimiter=delimiter, header=header, comments="")
    return path


def write_npz(path: Path, signal: Array, rate: float = 500.0) -> Path:
    """An archive that says rate and leads."""
    np.savez_compressed(
        path, signal=signal, fs=rate, leads=np.array(conventional_leads(len(signal)))
    )
    return path


def write_wfdb(
    stem: Path, signal: Array, form: str, rate: float = 500.0, rows: slice = slice(None)
) -> Path:
    """A WFDB record in one format, of all rows or some; returns its header."""
    leads, signal = list(conventional_leads(len(signal)))[rows], signal[rows]
    gain, baseline, counts = _counts(signal, WFDB_BITS[form])
    # It writes by way of pandas, which warns of what it will do another day.
    with warnings.catch_warnings(action="ignore"):
        import wfdb

        wfdb.wrsamp(
            stem.name, fs=rate, units=["mV"] * len(leads), sig_name=leads,
            d_signal=counts.T, adc_gain=gain, baseline=baseline, fmt=[form] * len(leads),
            write_dir=str(stem.parent),
        )  # fmt: skip
    return stem.with_suffix(".hea")


def _counts(signal: Array, bits: int) -> tuple[list[float], list[int], Array]:
    """Gain and baseline of each lead, and its samples as counts of so many bits.

    The lowest count of a format stands for "no sample" (WFDB, signal(5)). The library's own
    choice of gain and baseline can put the lowest sample on it, which is then lost.
    """
    low, high = signal.min(axis=1, keepdims=True), signal.max(axis=1, keepdims=True)
    middle = (low + high) / 2
    # A flat lead at 0 mV may have any gain.
    reach = np.maximum(np.maximum(high - low, np.abs(middle)), 0.01)
    gain = (2 ** (bits - 1) - 1) / reach
    baseline = -np.rint(gain * middle).astype(np.int64)
    counts = np.rint(signal * gain).astype(np.int64) + baseline
    return gain.ravel().tolist(), baseline.ravel().tolist(), counts


def write_segments(
    folder: Path, whole: str, stem: str, layout: bool = True, n_samples: int = 200
) -> Path:
    """A WFDB record of two segments with a gap of 50 between; returns the header that joins them.

    The second has II alone, as where an electrode came off; with a `layout`, a segment of
    that name lists both.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    for number, rows in ((1, slice(0, 2)), (2, slice(1, 2))):
        signal = np.round(rng.normal(0, 1, (2, n_samples)), 3)
        write_wfdb(folder / f"{stem}_{number:04}", signal, "16", rows=rows)
    lines = [f"{stem}_0001 {n_samples}", "~ 50", f"{stem}_0002 {n_samples}"]
    length = 2 * n_samples + 50
    if layout:
        lines = [f"{stem}_layout 0", *lines]
        signals = [f"~ 0 200/mV 16 0 0 0 0 {lead}" for lead in ("I", "II")]
        listed = "\n".join([f"{stem}_layout 2 500 {length}", *signals, ""])
        (folder / f"{stem}_layout.hea").write_text(listed)
    header = folder / f"{whole}.hea"
    header.write_text("\n".join([f"{whole}/{len(lines)} 2 500 {length}", *lines, ""]))
    return header
