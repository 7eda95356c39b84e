"""What the user states about files that do not state it themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ecgmpi.errors import UsageError

from .units import UNITS, voltage
from .wording import printable

DEFAULT_RATE = 500.0
"""Samples per second (Hz) of a file that does not state it."""

DEFAULT_UNITS = "mV"
"""Unit of the samples of a file that does not state it."""

MAX_BYTES = 1 << 30
"""Default limit on the decoded size of a recording, bytes."""


@dataclass(frozen=True, slots=True)
class ReadHints:
    """What the user states about files that do not state it themselves.

    Attributes
    ----------
    key
        The variable or dataset to read; None is the format's own choice.
    rate
        Samples per second, Hz; None is what the file says, else 500 (of WFDB, 250).
    units
        ``mV``, ``uV``, ``V`` or ``nV`` in any case; None is what the file says, else ``mV``.
    adc_gain
        Counts per mV of samples whose unit the file does not state, instead of `units`.
    leads
        Leads that will be drawn: named channels are read even if they are not ECG.
    lead_names
        Names of the rows of files that do not name them, first row first; None is the
        usual order.
    assume
        Whether to assume a rate, unit or lead order that nothing states; else such a file
        is refused.
    max_samples
        A recording of more samples than this, all leads together, is refused; None is
        what `max_bytes` says.
    max_bytes
        A recording whose samples take more than this when decoded is refused, where no
        number of samples is given.
    identify
        Whether `Record.identity` may be filled; else a reader leaves it empty.

    Raises
    ------
    UsageError
        A value is invalid.
    """

    key: str | None = None
    rate: float | None = None
    units: str | None = None
    adc_gain: float | None = None
    leads: tuple[str, ...] | None = None
    lead_names: tuple[str, ...] | None = None
    assume: bool = True
    max_samples: int | None = None
    max_bytes: int = MAX_BYTES
    identify: bool = False

    def __post_init__(self) -> None:
        if self.key is not None and not self.key:
            raise UsageError("--key must name a variable, not be empty")
        if self.rate is not None and not (math.isfinite(self.rate) and self.rate > 0):
            raise UsageError(f"--rate must be a positive number of hertz, not {self.rate:g}")
        if self.units is not None:
            canonical = voltage(self.units)
            if canonical is None:
                raise UsageError(
                    f"--units must be one of {', '.join(UNITS)}, not '{printable(self.units)}'"
                )
            object.__setattr__(self, "units", canonical)
        if self.adc_gain is not None:
            if not (math.isfinite(self.adc_gain) and self.adc_gain > 0):
                raise UsageError(f"--adc-gain must be a positive number, not {self.adc_gain:g}")
            if self.units is not None:
                raise UsageError("--adc-gain is counts per mV and --units a unit: give one of them")
        if self.max_samples is not None and self.max_samples < 1:
            raise UsageError(f"--max-samples must be at least 1, not {self.max_samples}")
        if self.max_bytes < 1:
            raise UsageError(f"the size limit must be at least 1 byte, not {self.max_bytes}")

    @property
    def says_unit(self) -> bool:
        """Whether the user stated the unit of files that do not."""
        return self.units is not None or self.adc_gain is not None

    @property
    def unit_note(self) -> str:
        """The note for samples whose unit the file does not state."""
        if self.adc_gain is not None:
            return f"{self.adc_gain:g} counts per mV as given"
        origin = "assumed" if self.units is None else "as given"
        return f"units {self.units or DEFAULT_UNITS} {origin}"


NO_HINTS = ReadHints()
"""No hints: what each format and the defaults say applies."""
