"""Synthetic 12-lead recordings, for a first try, tests and benchmarks.

Each beat is a sum of Gaussians, one or two a wave, and the time between beats breathes:
the idea of McSharry, Clifford, Tarassenko and Smith, "A dynamical model for generating
synthetic electrocardiogram signals", IEEE Trans Biomed Eng 50:289 (2003). In the frontal
plane a wave is a dipole with a length and an angle, as in Sameni, Clifford, Jutten and
Shamsollahi, EURASIP J Adv Signal Process 2007:043407, so that the six limb leads agree
with each other. The numbers in the tables are plain choices within normal limits.
"""

from __future__ import annotations

import errno
import io
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import JobError, StoreError, UsageError

from .record import STANDARD_LEADS, Record

LSB = 5 / 1024
"""Millivolts a count of the imagined converter (5 mV over 10 bits).

A whole number over a power of two, so that every sample, and every half of one, is exact
in float32 and the limb leads agree to the last bit."""

# Peak in seconds after R and standard deviation in seconds, of a beat one second long.
# T is two Gaussians, for it climbs slower than it falls.
_TIMES = np.array([-0.165, -0.030, 0.0, 0.030, 0.235, 0.285])
_WIDTHS = np.array([0.022, 0.008, 0.011, 0.010, 0.048, 0.030])
# How far a wave moves when the beat is longer: T as in Bazett's rule, QRS not at all.
_STRETCH = np.array([0.25, 0.0, 0.0, 0.0, 0.5, 0.5])

# Frontal dipole of P, Q, R, S, T early, T late: mV and degrees (0 is lead I, 90 is aVF).
_FRONTAL_MV = np.array([0.13, 0.09, 1.15, 0.22, 0.13, 0.26])
_FRONTAL_DEGREES = np.array([58.0, 215.0, 52.0, 235.0, 48.0, 48.0])

# The same waves in V1 to V6, mV: R grows to V5, S is deepest in V2, T turns up after V1.
_CHEST_MV = np.array(
    [
        [0.05, 0.00, 0.22, -0.95, -0.02, -0.06],
        [0.06, 0.00, 0.42, -1.35, 0.15, 0.40],
        [0.06, 0.00, 0.80, -0.95, 0.17, 0.44],
        [0.07, -0.04, 1.35, -0.50, 0.16, 0.40],
        [0.07, -0.07, 1.40, -0.22, 0.13, 0.31],
        [0.06, -0.08, 1.10, -0.10, 0.10, 0.23],
    ]
)

_MAT_HEADER = b"MATLAB 5.0 MAT-file, synthetic 12-lead ECG of ecgmpi synth"

MOST_BYTES = 1 << 30
"""Bytes of samples that a file may hold: by default, readers accept no more."""


def synthesize(seed: int, index: int, duration: float = 10.0, rate: float = 500.0) -> Record:
    """Make one recording of an imaginary healthy heart.

    Parameters
    ----------
    seed, index
        Which one: the same two numbers give the same recording. Not negative.
    duration
        Seconds.
    rate
        Samples per second, Hz.

    Returns
    -------
    Record
        The 12 standard leads, shape (12, round(duration * rate)), mV, named
        ``SYN`` and the index. III = II - I, aVR = -(I + II)/2, aVL = I - II/2 and
        aVF = II - I/2 hold exactly.

    Raises
    ------
    UsageError
        A number is negative, or the duration holds no sample.
    """
    if seed < 0 or index < 0:
        raise UsageError(f"seed and index must not be negative, not {seed} and {index}")
    if not (math.isfinite(rate) and rate > 0 and math.isfinite(duration)):
        raise UsageError(f"{duration:g} s at {rate:g} Hz is not a duration")
    samples = round(duration * rate)
    if samples < 1:
        raise UsageError(f"{duration:g} s at {rate:g} Hz is less than one sample")
    rng = np.random.default_rng((seed, index))
    time = np.arange(samples) / rate
    breath = rng.uniform(0.2, 0.3)
    beats = _beats(rng, duration, breath)
    amplitudes = _amplitudes(rng)
    # Not a matrix product: BLAS adds in an order that depends on the machine.
    independent = np.einsum("lw,wt->lt", amplitudes, _waves(time, beats), optimize=False)
    independent += _wander(rng, time, breath)
    independent += 0.004 * rng.standard_normal(independent.shape)
    counts = np.rint(independent / LSB)
    return Record(
        name=f"SYN{index:06d}",
        signal=np.array(_twelve(counts) * LSB, dtype=np.float32, order="C"),
        rate=float(rate),
        leads=STANDARD_LEADS,
        format="synthetic",
    )


def _beats(rng: np.random.Generator, duration: float, breath: float) -> npt.NDArray[np.float64]:
    """Draw the times of R in seconds, from before the recording to after it.

    The rate swings at 0.1 Hz (blood pressure) and with the breath, and a little at random.
    """
    mean = 60.0 / rng.uniform(52.0, 98.0)
    slow, fast = rng.uniform(0.005, 0.03), rng.uniform(0.01, 0.04)
    slow_phase, fast_phase = rng.uniform(0.0, 2.0 * math.pi, 2)
    now = -2.0 * mean + rng.uniform(0.0, mean)
    times = [now]
    while now < duration + 2.0:
        swing = slow * math.sin(0.2 * math.pi * now + slow_phase)
        swing += fast * math.sin(2.0 * math.pi * breath * now + fast_phase)
        now += mean * (1.0 + swing + 0.006 * rng.standard_normal())
        times.append(now)
    return np.array(times)


def _amplitudes(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draw how high each wave stands in I, II, V1 to V6: shape (8, 6), mV."""
    degrees = _FRONTAL_DEGREES + rng.normal(0.0, 18.0) + rng.normal(0.0, 4.0, 6)
    frontal = _FRONTAL_MV * np.exp(rng.normal(0.0, 0.15, 6))
    # Leads I and II look along 0 and 60 degrees of the frontal plane.
    limb = [frontal * np.cos(np.radians(degrees - toward)) for toward in (0.0, 60.0)]
    chest = _CHEST_MV * np.exp(rng.normal(0.0, 0.12, _CHEST_MV.shape))
    return rng.uniform(0.8, 1.2) * np.vstack([*limb, chest])


def _waves(
    time: npt.NDArray[np.float64], beats: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Sum the Gaussians of the beat before and the beat after each moment.

    Parameters
    ----------
    time
        Seconds, shape (n_samples,).
    beats
        Times of R in seconds, one before and one after all of `time`.

    Returns
    -------
    numpy.ndarray
        One row a wave, peaks of 1, shape (6, n_samples).
    """
    after = np.searchsorted(beats, time, side="right")
    length = np.diff(beats, append=2 * beats[-1] - beats[-2])
    peaks = _TIMES[:, None] * length ** _STRETCH[:, None]
    widths = _WIDTHS[:, None] * length ** _STRETCH[:, None]
    total = np.zeros((len(_TIMES), len(time)))
    for beat in (after - 1, after):
        distance = (time - beats[beat] - peaks[:, beat]) / widths[:, beat]
        total += np.exp(-0.5 * distance * distance)
    return total


def _wander(
    rng: np.random.Generator, time: npt.NDArray[np.float64], breath: float
) -> npt.NDArray[np.float64]:
    """Draw the slow drift of the baseline in eight leads: shape (8, n_samples), mV."""
    drift = np.zeros((8, len(time)))
    for frequency, largest in ((breath, 0.04), (rng.uniform(0.03, 0.08), 0.05)):
        phase = rng.uniform(0.0, 2.0 * math.pi)
        heights = rng.uniform(-largest, largest, 8)
        drift += heights[:, None] * np.sin(2.0 * math.pi * frequency * time + phase)
    return drift


def _twelve(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Add III, aVR, aVL and aVF to I, II, V1 to V6 by Einthoven's and Goldberger's laws."""
    one, two = counts[0], counts[1]
    derived = [two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.vstack([one, two, *derived, counts[2:]])


def write_corpus(
    out: str | Path,
    n: int,
    seed: int = 0,
    duration: float = 10.0,
    rate: float = 500.0,
    progress: Callable[[int, int], object] | None = None,
) -> int:
    """Write synthetic recordings as MATLAB 5 files, ``SYN000001.mat`` onwards.

    Each holds ``data``, float64, shape (12, n_samples), mV, uncompressed, like the corpora
    that the program was written for. The files are the same bytes each time.

    Parameters
    ----------
    out
        The folder, created if it is missing.
    n
        How many.
    seed
        A different seed gives a different corpus.
    duration
        Seconds of each.
    rate
        Samples per second, Hz. The files do not state it.
    progress
        Called after each file with the number done and the total.

    Returns
    -------
    int
        Number of files written; identical files that already exist are kept.

    Raises
    ------
    UsageError
        `n` is less than one, or duration and rate are invalid.
    JobError
        A file of the same name exists with other content.
    StoreError
        The folder cannot be written.
    """
    if n < 1:
        raise UsageError(f"the number of recordings must be at least 1, not {n}")
    size = len(STANDARD_LEADS) * duration * rate * np.dtype(np.float64).itemsize
    if size > MOST_BYTES:
        raise UsageError(
            f"{duration:g} s at {rate:g} Hz would make files of {size / 1e9:,.1f} GB; "
            f"a recording takes at most {MOST_BYTES / 1e9:.1f} GB: make it shorter"
        )
    folder = Path(out)
    written = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(1, n + 1):
            record = synthesize(seed, index, duration, rate)
            written += _write_once(folder / f"{record.name}.mat", _mat_bytes(record))
            if progress is not None:
                progress(index, n)
    except OSError as error:
        remedy = "make room there, or name another folder"
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            remedy = "name another folder that can be written to"
        raise StoreError(
            f"{folder} cannot be written: {error.strerror or error}; {remedy}"
        ) from error
    except MemoryError as error:
        raise JobError(
            f"not enough memory for {duration:g} s at {rate:g} Hz; make it shorter"
        ) from error
    return written


def _mat_bytes(record: Record) -> bytes:
    """Encode `record` as a MATLAB 5 file."""
    from scipy.io import savemat

    file = io.BytesIO()
    # Its stubs know of paths alone.
    savemat(cast(Any, file), {"data": record.signal.astype(np.float64)})
    content = file.getbuffer()
    # The text is the time of day and the platform, as savemat writes it.
    content[:116] = _MAT_HEADER.ljust(116)
    return bytes(content)


def _write_once(path: Path, content: bytes) -> bool:
    """Write a file atomically; return False if it already exists with this content."""
    if path.exists():
        if path.read_bytes() == content:
            return False
        raise JobError(
            f"{path} already exists with other content; name another folder, or remove it first"
        )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return True
