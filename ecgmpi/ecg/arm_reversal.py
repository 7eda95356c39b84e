"""Whether the electrodes of the two arms look exchanged.

Exchanged arms turn I upside down and exchange II with III and aVR with aVL, so the limb
leads still agree with each other. The sign is I against the chest: P, QRS and T of I
all point down and aVR points up, while V6, which sees the heart from the same side as I,
is upright (signs collected in Table 5 of PMC10902517: P and R positive in aVR, I and V6 of
opposite orientation). A heart on the right side turns I over, too, but then the chest
leads shrink towards V6.

All signs must be present and clear; so this misses exchanged arms without P waves, or with
V6 not upright, and does not detect other exchanged electrodes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .record import Record

QRS_MV, WAVE_MV = 0.1, 0.02
"""What QRS, and what P and T, must reach to count."""

LEAST_BEATS = 3

_Samples = npt.NDArray[np.floating]


def arms_swapped(record: Record) -> bool:
    """Whether I, aVR and the chest leads of `record` all clearly show exchanged arms.

    Parameters
    ----------
    record
        A recording whose limb leads agree with each other.

    Returns
    -------
    bool
        False also if the record cannot show it: without I, II and V6, with gaps, or with
        fewer than three beats.
    """
    if not {"I", "II", "V6"} <= set(record.leads) or record.rate < 50.0:
        return False
    one, last = record["I"], record["V6"]
    # Most recordings end here: QRS of I points up, or not only down.
    if _leaning(one) > -QRS_MV or _leaning(last) < QRS_MV:
        return False
    if np.isnan(record.signal).any():
        return False
    beats = _beats(last, record.rate)
    if len(beats) < LEAST_BEATS:
        return False
    wave = {lead: _beat(record[lead], beats, record.rate) for lead in ("I", "II", "V6")}
    wave["aVR"] = -(wave["I"] + wave["II"]) / 2
    if "V1" in record.leads:
        first = _beat(record["V1"], beats, record.rate)
        if _part(first, "QRS", record.rate).max() > _part(wave["V6"], "QRS", record.rate).max():
            return False
    sign = {
        (lead, part): _direction(_part(samples, part, record.rate), least)
        for lead, samples in wave.items()
        for part, least in (("P", WAVE_MV), ("QRS", QRS_MV), ("T", WAVE_MV))
    }
    down = all(sign["I", part] < 0 for part in ("P", "QRS", "T"))
    upright = all(sign["V6", part] > 0 for part in ("QRS", "T")) and sign["V6", "P"] >= 0
    return down and upright and sign["aVR", "QRS"] > 0


def _leaning(samples: _Samples) -> float:
    """By how much `samples` rise farther above their median than they fall below it, mV."""
    low, middle, high = (int(part * (samples.size - 1)) for part in (0.002, 0.5, 0.998))
    ranked = np.partition(samples, (low, middle, high))
    return float((ranked[high] - ranked[middle]) - (ranked[middle] - ranked[low]))


_PARTS = {"P": (-0.24, -0.08), "QRS": (-0.06, 0.06), "T": (0.14, 0.40)}
"""Where the waves of a beat lie, seconds from its R in V6."""

_BEFORE, _AFTER = 0.28, 0.42


def _beats(samples: _Samples, rate: float) -> npt.NDArray[np.intp]:
    """Samples at the tops of R in an upright lead, but for those too near an end."""
    ranked = np.sort(samples)
    middle, high = ranked[samples.size // 2], ranked[int(0.998 * (samples.size - 1))]
    above = np.flatnonzero(samples > middle + 0.6 * (high - middle))
    if not above.size:
        return above
    groups = np.split(above, np.flatnonzero(np.diff(above) > 0.25 * rate) + 1)
    tops = np.array([group[np.argmax(samples[group])] for group in groups])
    inside = (tops >= _BEFORE * rate) & (tops < samples.size - _AFTER * rate)
    found: npt.NDArray[np.intp] = tops[inside]
    return found


def _beat(samples: _Samples, beats: npt.NDArray[np.intp], rate: float) -> _Samples:
    """The median beat, from `_BEFORE` to `_AFTER` its R, its own median taken as zero."""
    around = np.arange(-int(_BEFORE * rate), int(_AFTER * rate))
    beat = np.median(samples[beats[:, None] + around], axis=0)
    level: _Samples = beat - np.median(beat)
    return level


def _part(beat: _Samples, name: str, rate: float) -> _Samples:
    first, last = _PARTS[name]
    start = int(_BEFORE * rate)
    return beat[start + int(first * rate) : start + int(last * rate) + 1]


def _direction(part: _Samples, least: float) -> int:
    """1 or -1 where the wave goes plainly up or down, mV; 0 where it does neither."""
    leaning = float(part.max() + part.min())
    return 0 if abs(leaning) < least else 1 if leaning > 0 else -1
