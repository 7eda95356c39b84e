"""The same array, written to every format that a library can write, comes back equal."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

import h5py
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from ecgmpi.readers import ReadHints, read
from ecgmpi.readers.array_record import conventional_leads
from tests.readers.helpers.files import Array, mat73
from tests.readers.helpers.writers import (
    WFDB_BITS,
    write_bdf,
    write_csv,
    write_edf,
    write_npz,
    write_wfdb,
)

RATE = 500.0


@st.composite
def signals(draw: st.DrawFn) -> Array:
    """Leads of noise, steps, spikes or nothing, in 0.1 uV, as a converter would give them."""
    shape = draw(st.sampled_from([1, 2, 3, 8, 12])), draw(st.integers(130, 260))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    signal = rng.normal(0, draw(st.sampled_from([0.001, 0.3, 5.0])), shape)
    kind = draw(st.sampled_from(["noise", "steps", "spike", "one flat lead"]))
    if kind == "steps":
        signal = np.round(signal)
    elif kind == "spike":
        signal[0, -1] = 30.0
    elif kind == "one flat lead":
        signal[-1] = 0.25
    rounded: Array = np.round(signal, 4)
    return rounded


# By the gain that wfdb chooses for these in format 212, -0.0038 mV becomes -2048: "no sample".
LOWEST_BESIDE_A_SPIKE = np.zeros((1, 130))
LOWEST_BESIDE_A_SPIKE[0, [7, -1]] = -0.0038, 30.0


def written(folder: Path, kind: str, signal: Array) -> Path:
    """A file of `signal`, which is in mV."""
    path = folder / f"a.{kind.partition('-')[0]}"
    if kind in ("mat-4", "mat-5", "mat-5z"):
        version: Literal["4", "5"] = "4" if kind == "mat-4" else "5"
        savemat(path, {"data": signal}, format=version, do_compression=kind.endswith("z"))
    elif kind == "mat-73":
        path.write_bytes(mat73({"data": signal}))
    elif kind == "mat-struct":
        savemat(path, {"ECG": {"sex": "Male", "age": 1.0, "data": signal}})
    elif kind == "h5":
        with h5py.File(path, "w") as file:
            file["data"] = signal
    elif kind == "npy":
        np.save(path, signal)
    elif kind == "npz":
        write_npz(path, signal, RATE)
    elif kind in ("csv", "tsv"):
        write_csv(path, signal, RATE, "," if kind == "csv" else "\t")
    elif kind == "edf":
        write_edf(path, signal, RATE)
    elif kind == "bdf":
        write_bdf(path, signal, RATE)
    else:
        return write_wfdb(folder / "a", signal, kind.partition("-")[2], RATE)
    return path


EXACT = ("mat-4", "mat-5", "mat-5z", "mat-73", "mat-struct", "h5", "npy", "npz", "csv", "tsv")
# Formats of WFDB that the library only reads are in the real `binformats`.
BITS = {"edf": 16, "bdf": 24, **{f"wfdb-{form}": bits for form, bits in WFDB_BITS.items()}}


@pytest.mark.parametrize("kind", EXACT)
@settings(max_examples=10)
@given(signal=signals())
def test_equal_where_the_format_keeps_all(kind: str, signal: Array) -> None:
    with tempfile.TemporaryDirectory() as folder:
        record = read(written(Path(folder), kind, signal))
    np.testing.assert_array_equal(record.signal, signal.astype(np.float32))
    assert record.leads == conventional_leads(len(signal))
    assert record.rate == RATE


@pytest.mark.parametrize("kind", BITS)
@settings(max_examples=10)
@given(signal=signals())
@example(signal=LOWEST_BESIDE_A_SPIKE)
def test_equal_to_the_quantum_of_the_format(kind: str, signal: Array) -> None:
    with tempfile.TemporaryDirectory() as folder:
        record = read(written(Path(folder), kind, signal))
    # The libraries spread each lead's own range over nearly all of the counts.
    spread = np.ptp(signal, axis=1, keepdims=True) + 0.02
    quantum = 2.0 * spread / 2 ** BITS[kind]
    rounding = np.abs(signal) * np.finfo(np.float32).eps
    assert (np.abs(record.signal - signal) <= quantum + rounding).all()
    assert record.leads == conventional_leads(len(signal))
    assert record.rate == RATE


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1.0), ("uV", 1e3), ("V", 1e-3)])
def test_the_unit_of_an_edf_channel_is_obeyed(unit: str, factor: float, tmp_path: Path) -> None:
    signal = np.sin(np.linspace(0, 20, 500))[None, :]
    path = write_edf(tmp_path / "a.edf", signal * factor, unit=unit)
    # A unit that the file says is not the user's to change.
    for hints in (ReadHints(), ReadHints(units="nV"), ReadHints(adc_gain=77.0)):
        record = read(path, hints)
        assert np.abs(record.signal - signal).max() < 0.01 * max(1.0, 1 / factor) * 2
        assert record.unit_known
