"""What every reader shares: what the user said of the files, the open file, its variables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.options import Rendering

DEFAULT_KEYS = ("data", "val", "ECG.data")
"""Where a recording is looked for, in this order, where no key is given."""

DEFAULT_RATE = 500.0
"""Samples per second (Hz) of a file that does not say."""

LOWEST_RATE, HIGHEST_RATE = 20.0, 100_000.0
"""Samples per second (Hz) that a recording may have: a statement of others means another thing."""

DEFAULT_UNITS = "mV"
"""Unit of the samples of a file that does not say."""

MAX_BYTES = 1 << 30
"""Decoded size in bytes that a recording may have, where nothing else is said."""

UNITS = {"mV": (1.0, 1.0), "uV": (1.0, 1e3), "V": (1e3, 1.0), "nV": (1.0, 1e6)}
"""Unit -> (multiplier, divisor) to millivolts; whole numbers, so that neither is rounded."""

_SPELLINGS = {
    "mv": "mV",
    "uv": "uV",
    "\N{MICRO SIGN}v": "uV",
    "\N{GREEK SMALL LETTER MU}v": "uV",
    "v": "V",
    "nv": "nV",
    "millivolt": "mV",
    "millivolts": "mV",
    "microvolt": "uV",
    "microvolts": "uV",
    "volt": "V",
    "volts": "V",
    "nanovolt": "nV",
    "nanovolts": "nV",
}

MATLAB_HELD = {
    "cell": "a cell array",
    "struct": "a struct",
    "object": "an object",
    "opaque": "an object of a class (a table, string or the like)",
    "char": "text",
    "string": "text",
    "logical": "true and false",
    "sparse": "a sparse matrix",
    "function": "a function handle",
    "function_handle": "a function handle",
}
"""Class of a MATLAB variable, as scipy or MATLAB 7.3 spell it -> what it holds, no numbers."""


@dataclass(frozen=True, slots=True)
class ReadHints:
    """What the user says of files that do not say it themselves.

    Attributes
    ----------
    key
        The variable or dataset to read; None is the format's own choice.
    rate
        Samples per second, Hz; None is what the file says, else 500 (of WFDB, 250).
    units
        ``mV``, ``uV``, ``V`` or ``nV``, any spelling of case; None is what the file
        says, else ``mV``.
    adc_gain
        Counts per mV of samples whose unit the file does not say, instead of `units`.
    leads
        Leads that will be drawn: named channels are read even if they are not ECG.
    lead_names
        Names of the rows of files that do not name them, first row first; None is the
        usual order.
    assume
        Whether a rate, unit or lead order that nothing states is assumed; else such a
        file is refused.
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
        A value that makes no sense.
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
        """Whether the user said the unit of files that do not."""
        return self.units is not None or self.adc_gain is not None

    @property
    def unit_note(self) -> str:
        """What is told of samples whose unit the file does not say."""
        if self.adc_gain is not None:
            return f"{self.adc_gain:g} counts per mV as told"
        told = "assumed" if self.units is None else "as told"
        return f"units {self.units or DEFAULT_UNITS} {told}"

    @classmethod
    def of(cls, rendering: Rendering) -> ReadHints:
        """What the options of a job say of its files.

        Raises
        ------
        UsageError
            A value that makes no sense.
        """
        return cls(
            key=rendering.key,
            rate=rendering.rate,
            units=rendering.units,
            adc_gain=rendering.adc_gain,
            leads=rendering.leads,
            lead_names=rendering.lead_names,
            assume=rendering.assume,
            max_samples=rendering.max_samples,
            identify=rendering.identify,
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was opened once, for whichever reader takes it.

    Attributes
    ----------
    name
        What the recording is to be called.
    path
        Where the file lies, for libraries that open it themselves and for sidecars.
    file
        The open file, unbuffered, at any position.
    head
        Its first bytes, `HEAD_BYTES` of them where it has as many.
    size
        Its length in bytes.
    member
        Which of the recordings in the file is meant, from 0; None where it holds one.
    in_memory
        Whether `file` is what a gzip file held; `path` is then without ``.gz``, and there
        need be no such file.
    """

    name: str
    path: Path
    file: BinaryIO
    head: bytes
    size: int
    member: int | None = None
    in_memory: bool = False

    @property
    def for_library(self) -> Path | BinaryIO:
        """What a library is given that opens files for itself: the path where it can be."""
        if not self.in_memory:
            return self.path
        self.file.seek(0)
        return self.file

    def at(self, offset: int, count: int) -> bytes:
        """Read up to `count` bytes from `offset`: fewer only where the file ends."""
        if offset + count <= len(self.head):
            return self.head[offset : offset + count]
        self.file.seek(offset)
        parts: list[bytes] = []
        while count > 0:
            part = self.file.read(count)
            if not part:
                break
            parts.append(part)
            count -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


HEAD_BYTES = 4096
"""How much of a file a sniffer is given: enough for an HDF5 userblock of 2048 bytes."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable or dataset as the header describes it, before its values are read."""

    name: str
    shape: tuple[int, ...]
    kind: str

    def __str__(self) -> str:
        shape = "x".join(map(str, self.shape)) or "scalar"
        return f"{printable(self.name)} ({shape} {self.kind})"


def voltage(unit: str) -> str | None:
    """The key of `UNITS` that a spelling of a unit means; None where it is no voltage."""
    # str.lower, for casefold turns the micro sign into the Greek letter.
    return _SPELLINGS.get(unit.strip().lower())


@lru_cache(maxsize=1024)
def printable(text: str, limit: int = 60) -> str:
    """`text` on one line whatever it holds, cut at `limit` characters."""
    shown = "".join(c if c.isprintable() else "?" for c in text[:limit])
    return shown if len(text) <= limit else shown + "..."


def listing(variables: Sequence[Variable], limit: int = 8) -> str:
    """Say what a file holds."""
    if not variables:
        return "no variable at all"
    shown = ", ".join(map(str, variables[:limit]))
    more = len(variables) - limit
    return shown if more <= 0 else f"{shown} and {more} more"


def no_variable(
    key: str | None, variables: Sequence[Variable], most_axes: int = 2
) -> RecordingError:
    """Make the error for a file without `key`, naming the variable that would serve.

    Without a key none of `DEFAULT_KEYS` is there, and not exactly one array will do. Of
    three axes are those of many recordings.
    """
    likely = max(plausible(variables, most_axes), key=lambda v: math.prod(v.shape), default=None)
    if likely:
        remedy = f"name the variable with --key {printable(likely.name)}"
    elif structs := [v for v in variables if v.kind == "struct"]:
        member = f"{printable(structs[0].name)}.MEMBER"
        remedy = f"name the member that holds leads by samples with --key {member}"
    elif variables:
        remedy = "name an array of leads by samples with --key, or save one"
    else:
        remedy = f"save the samples as a variable named {DEFAULT_KEYS[0]}"
    wanted = f"'{printable(key)}'" if key else " or ".join(f"'{k}'" for k in DEFAULT_KEYS)
    return RecordingError(
        FailureKind.NO_VARIABLE,
        f"no variable {wanted}; the file holds {listing(variables)}",
        remedy,
    )


def plausible(variables: Sequence[Variable], most_axes: int = 2) -> list[Variable]:
    """Those that could be a recording: real numbers, few axes, a fair number."""
    words = ("double", "single", "int", "float")
    return [
        variable
        for variable in variables
        if any(word in variable.kind for word in words)
        and "complex" not in variable.kind
        and "sparse" not in variable.kind
        and 1 <= len(variable.shape) <= most_axes
        and math.prod(variable.shape) >= 100
    ]


def truncated(found: str) -> RecordingError:
    """Make the error for a file that ends before what its own header promises."""
    return RecordingError(
        FailureKind.TRUNCATED, found, "copy the file again from where it came from"
    )


def corrupt(found: str) -> RecordingError:
    """Make the error for a file whose bytes contradict themselves."""
    return RecordingError(
        FailureKind.CORRUPT, found, "copy the file again, or save it anew from the original"
    )
