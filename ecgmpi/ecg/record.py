"""One ECG recording in memory: samples in millivolts, a rate in hertz, named leads."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError

STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The 12 leads in the usual order of files without lead names."""


LEAST_RATE, MOST_RATE = 20.0, 100_000.0
"""Rates, Hz: every ECG recorder samples faster than the first, none as fast as the second."""

RATES_IN_WORDS = "20 Hz to 100 kHz"
"""The range from `LEAST_RATE` to `MOST_RATE`, for messages."""


class Assumption(StrEnum):
    """A fact that neither the file nor the user stated, so that a default was used."""

    RATE = "rate"
    UNIT = "unit"
    LEADS = "leads"


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A recording, as a reader returns it.

    Attributes
    ----------
    name
        Name of the recording, without a path.
    signal
        float32, shape (n_leads, n_samples), **mV**; NaN where nothing was recorded.
        C-contiguous and read-only.
    rate
        Samples per second, **Hz**.
    leads
        One canonical name per row of `signal`, each different.
    format
        The reader's name for the kind of file, for example ``matlab-5``.
    start
        Seconds between the beginning of the file and the first sample kept.
    notes
        What was assumed or changed while reading, in words, for the manifest.
    made
        Leads that were not recorded but computed from I and II.
    identity
        What the file says of the patient and of the time of recording, as (what, text),
        for example ``("date", "2003-01-02")``. Empty unless it was asked for.
    assumed
        What neither the file nor the user stated, in the order of `Assumption`.
    unused
        Statements of the file about rate, unit or lead names that were not used, one phrase
        each, for example ``"rate of 512 Hz in line 3"``.
    """

    name: str
    signal: npt.NDArray[np.float32]
    rate: float
    leads: tuple[str, ...]
    format: str = ""
    start: float = 0.0
    notes: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    identity: tuple[tuple[str, str], ...] = ()
    assumed: tuple[Assumption, ...] = ()
    unused: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.signal.ndim != 2 or self.signal.dtype != np.float32:
            raise ValueError(
                f"signal must be float32 of shape (leads, samples), not {self.signal.dtype} "
                f"of shape {self.signal.shape}"
            )
        if len(self.leads) != self.signal.shape[0]:
            raise ValueError(f"{len(self.leads)} lead names for {self.signal.shape[0]} rows")
        if len(set(self.leads)) != len(self.leads):
            raise ValueError(f"lead names are not all different: {self.leads}")
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise ValueError(f"rate must be a positive number of hertz, not {self.rate}")
        # What is written into a picture must not depend on the caller's types.
        object.__setattr__(self, "rate", float(self.rate))
        object.__setattr__(self, "start", float(self.start))
        self.signal.flags.writeable = False

    @property
    def unit_known(self) -> bool:
        """Whether the file or the user stated the unit of the samples."""
        return Assumption.UNIT not in self.assumed

    @property
    def n_leads(self) -> int:
        """Number of leads."""
        return int(self.signal.shape[0])

    @property
    def n_samples(self) -> int:
        """Number of samples of each lead."""
        return int(self.signal.shape[1])

    @property
    def duration(self) -> float:
        """Length in seconds: samples divided by rate."""
        return self.n_samples / self.rate

    def __getitem__(self, lead: str) -> npt.NDArray[np.float32]:
        """Return the samples of one lead: float32, shape (n_samples,), mV."""
        samples: npt.NDArray[np.float32] = self.signal[self.leads.index(lead)]
        return samples

    def select(
        self,
        leads: tuple[str, ...] | None = None,
        start: float = 0.0,
        duration: float | None = None,
    ) -> Record:
        """Keep some leads, in the given order, and a part of the time.

        Parameters
        ----------
        leads
            Canonical names; None keeps all.
        start
            Seconds from the first sample; the first one kept is at or after this time.
        duration
            Seconds to keep; None keeps the rest.

        Raises
        ------
        RecordingError
            A lead is not in the recording, or the part holds no sample.
        """
        rows = self.signal
        names = self.leads
        if leads is not None and leads != names:
            missing = [lead for lead in leads if lead not in names]
            if missing:
                raise RecordingError(
                    FailureKind.NO_SUCH_LEAD,
                    f"no lead {', '.join(missing)}; the recording has {', '.join(names)}",
                    "choose among those with --leads",
                )
            rows = rows[[names.index(lead) for lead in leads]]
            names = leads
        # A small tolerance, so that 0.3 s at 10 Hz is sample 3 and not 4.
        first = max(0, math.ceil(start * self.rate - 1e-6))
        last = self.n_samples
        if duration is not None:
            last = min(last, first + max(0, math.ceil(duration * self.rate - 1e-6)))
        if first >= last:
            raise RecordingError(
                FailureKind.NO_SAMPLES,
                f"nothing between {start:g} s and "
                f"{'the end' if duration is None else f'{start + duration:g} s'}: "
                f"the recording is {self.duration:g} s long",
                "choose a part of the recording with --start and --duration",
            )
        chosen = self if rows is self.signal else replace(self, signal=rows, leads=names)
        return chosen.cut(first, last)

    def cut(self, first: int, last: int) -> Record:
        """Keep the samples from `first` up to but not including `last`, or to the end."""
        last = min(last, self.n_samples)
        if (first, last) == (0, self.n_samples):
            return self
        rows = np.ascontiguousarray(self.signal[:, first:last])
        return replace(self, signal=rows, start=self.start + first / self.rate)
