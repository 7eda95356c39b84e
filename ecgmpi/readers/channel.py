"""One channel of a file, as it is stored, and its samples in millivolts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.lead_names import canonical

from .hints import DEFAULT_UNITS, ReadHints
from .units import UNITS, voltage
from .wording import printable

MAX_NAME = 80
"""Characters of a channel's name that are kept: EDF has 16, WFDB a line."""


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One signal of a file, as it is stored.

    A stored value v is (v - `baseline`) * `scale` / `gain` in `unit`. Give `gain` for a
    format that states counts per unit, `scale` for one that states units per count, to
    avoid needless rounding.

    Attributes
    ----------
    name
        As the file spells it; empty if it has none.
    samples
        Real numbers of any type, shape (n_samples,).
    rate
        Samples per second, Hz; None if the file does not state it.
    unit
        As the file spells it; empty if it does not state any.
    gain
        Counts per unit.
    scale
        Units per count.
    baseline
        Stored value of 0 units, counts.
    missing
        Stored value that marks a missing sample; None if there is none.
    """

    name: str
    samples: npt.NDArray[Any]
    rate: float | None = None
    unit: str = ""
    gain: float = 1.0
    scale: float = 1.0
    baseline: float = 0.0
    missing: float | None = None

    @property
    def lead(self) -> str:
        """The name in canonical spelling, always on one line."""
        return _lead(self.name)


@lru_cache(maxsize=1024)
def _lead(name: str) -> str:
    return canonical(printable(name, MAX_NAME))


def factors(channel: Channel, hints: ReadHints) -> tuple[float, float]:
    """Multiplier and divisor that turn counts above baseline into mV."""
    multiplier, divisor = channel.scale, channel.gain
    if not channel.unit and hints.adc_gain is not None:
        return 1.0, hints.adc_gain
    unit = voltage(channel.unit) if channel.unit else hints.units or DEFAULT_UNITS
    # A signal that is not a voltage is drawn only on request: 1 of its units as 1 mV.
    to_mv, of_mv = UNITS[unit or DEFAULT_UNITS]
    return multiplier * to_mv, divisor * of_mv


def are_in_mv(channels: Iterable[Channel], hints: ReadHints) -> bool:
    """Whether the stored values are millivolts, none of which marks a missing sample."""
    return all(
        channel.missing is None
        and channel.baseline == 0.0
        and factors(channel, hints) == (1.0, 1.0)
        for channel in channels
    )


def convert(channel: Channel, hints: ReadHints, into: npt.NDArray[np.float32]) -> None:
    """Write the samples of a channel in mV into `into`, float32, shape (n_samples,).

    It computes in float64, so a value is rounded to float32 only once. Missing samples
    become NaN. A corrupt file can hold any bit pattern: numpy may warn, and the caller checks
    the result.
    """
    multiplier, divisor = factors(channel, hints)
    values = channel.samples
    if channel.baseline != 0.0 or multiplier != 1.0 or divisor != 1.0:
        work = values.astype(np.float64)
        if channel.baseline != 0.0:
            work -= channel.baseline
        if multiplier != 1.0:
            work *= multiplier
        if divisor != 1.0:
            work /= divisor
        values = work
    into[:] = values
    if channel.missing is not None:
        into[channel.samples == channel.missing] = np.nan
