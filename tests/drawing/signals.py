"""Signals that the drawing is tested with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.io

from ecgmpi.ecg.record import STANDARD_LEADS, Record

Floats = npt.NDArray[np.float32]


def beats(seconds: float = 10.0, rate: float = 500.0, seed: int = 0) -> Floats:
    """Something like a lead: narrow R waves, rounded T waves, noise; float32 mV."""
    t = np.arange(round(seconds * rate)) / rate
    phase = np.mod(t, 0.8)
    noise = np.random.default_rng(seed).normal(0, 0.01, len(t))
    spike = 1.4 * np.exp(-(((phase - 0.2) / 0.008) ** 2))
    rest = 0.25 * np.exp(-(((phase - 0.45) / 0.05) ** 2)) - 0.2 * np.exp(
        -(((phase - 0.23) / 0.01) ** 2)
    )
    return np.asarray(spike + rest + noise, np.float32)


def record(samples: npt.ArrayLike, rate: float = 500.0, name: str = "R1") -> Record:
    """One lead, II, as a recording."""
    return Record(name, np.atleast_2d(np.asarray(samples, np.float32)).copy(), rate, ("II",))


def real(folder: Path, name: str) -> Record:
    """A recording of the real ones."""
    data = scipy.io.loadmat(folder / "first_china" / "TRAIN" / f"{name}.mat")["data"]
    return Record(name, np.ascontiguousarray(data, np.float32), 500.0, STANDARD_LEADS)
