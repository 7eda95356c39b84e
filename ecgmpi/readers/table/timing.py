"""From the columns of time, and statements above them, to one rate and the gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import LEAST_RATE, MOST_RATE, RATES_IN_WORDS
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.clock import seconds_of
from ecgmpi.readers.text_dialect import Kind

from .body import Body
from .columns import Column, Columns, unit_of_time
from .counting import counts_by_one, last_digit, wraps
from .preamble import Stated
from .steps import LONGEST, UNITS, NoSteps, Steps, find_steps, guess_unit
from .units import OF_SECONDS

SAME_RATE = 0.005
"""Part by which a stated rate may differ from that of the times: clocks drift."""

SAME_CLOCK = 0.02
"""Part by which two columns of time may differ in rate: they may use different clocks."""


@dataclass(slots=True)
class Timing:
    """The rate of a table.

    Attributes
    ----------
    rate
        Hz; None if nothing gives it.
    places
        Place of each sample, int64, shape (n_samples,); None if no sample is missing.
    notes, unused
        See `ecgmpi.record.Record`.
    """

    rate: float | None = None
    places: npt.NDArray[np.int64] | None = None
    notes: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class _Clock:
    """A column of time and what it says."""

    column: Column
    unit: float
    steps: Steps

    @property
    def note(self) -> str:
        unit = OF_SECONDS[self.unit]
        return f"rate {self.steps.words} from {self.column.words}, in {unit}"


def find_timing(body: Body, columns: Columns, stated: Stated | None) -> Timing:
    """Find the rate of a table and where samples are missing.

    Parameters
    ----------
    body
        The samples.
    columns
        What each column is.
    stated
        The rate stated by a line above, if any.

    Raises
    ------
    RecordingError
        Time jumps by other than whole samples, or two statements contradict each other.
    """
    timing = Timing()
    clocks: list[_Clock] = []
    failed: list[tuple[Column, NoSteps]] = []
    for column in columns.times:
        found = _read_clock(body, column, stated)
        if isinstance(found, _Clock):
            clocks.append(found)
        elif isinstance(found, NoSteps):
            failed.append((column, found))
        else:
            timing.notes.append(f"{column.words} left out")
            timing.unused.append(f"{column.words}, {found}")
    if clocks:
        _use_best(clocks, failed, body, timing)
    else:
        for column, found in failed:
            if found.jumps:
                raise _jumps(column, found, body)
            timing.notes.append(f"{column.words} left out: it {found.why}")
            if stated is None or not found.mean:
                timing.unused.append(f"{column.words}, which {found.why}")
            elif not found.lowest <= stated.rate * (1 + SAME_RATE) <= found.highest * 1.01:
                raise _contradictory(
                    f"{stated.where} states {stated.rate:g} Hz, and {column.words} gives "
                    f"{found.mean:.4g} Hz over its whole length"
                )
    best = clocks[0] if clocks else None
    for column in columns.counts:
        _use_count(column, body, timing, has_clock=best is not None)
    if stated:
        _hold_to(stated, best, timing)
    return timing


def _read_clock(body: Body, column: Column, stated: Stated | None) -> _Clock | NoSteps | str:
    """What a column of time says, or why it is not understood."""
    times = body.values[:, column.place]
    if len(times) < 2:
        return "a single time"
    unit = unit_of_time(column)
    if body.kinds[column.place] is Kind.CLOCK:
        times, digit, wrong = seconds_of(body.texts(column.place))
        unit = 1.0
        if wrong is not None:
            return f"which is not a recognised time in {body.where(wrong)}"
    else:
        digit = last_digit(*body.ends(column.place))
    counts = False
    if unit is None and np.isfinite(times).all():
        counts = digit >= 1.0 and _by_one(times)
        unit = _unit_by(stated, times) or (None if counts else guess_unit(times))
    if unit is None:
        if np.all(times == times[0]):
            return NoSteps("does not rise")
        if not np.isfinite(times).all():
            row = int(np.flatnonzero(~np.isfinite(times))[0])
            return NoSteps("has no time for a sample", True, row)
        if times[-1] < times[0]:
            return NoSteps("goes back", True, int(np.argmin(np.diff(times))) + 1)
        if counts and not counts_by_one(times):
            row = int(np.argmax(np.diff(times) != 1)) + 1
            return NoSteps("does not count by one, and its unit is not stated,", True, row)
        return "whose unit is not stated"
    found = find_steps(times, digit, unit)
    if isinstance(found, NoSteps):
        return found
    if not LEAST_RATE * (1 - 1e-9) <= found.rate <= MOST_RATE * (1 + 1e-9):
        return f"which gives {found.rate:g} Hz, outside {RATES_IN_WORDS}"
    return _Clock(column, unit, found)


def _by_one(times: npt.NDArray[np.float64]) -> bool:
    """Whether a column without a unit counts by one: milliseconds at 1000 Hz, or samples."""
    return bool(np.median(np.diff(times)) == 1.0)


def _unit_by(stated: Stated | None, times: npt.NDArray[np.float64]) -> float | None:
    """The unit of time that agrees with the stated rate."""
    if stated is None:
        return None
    steps = np.diff(times)
    step = float(np.median(steps)) or float(times[-1] - times[0]) / len(steps)
    for unit in UNITS:
        if step > 0 and abs(step * unit * stated.rate - 1) < 0.4:
            return unit
    return None


def _use_best(
    clocks: list[_Clock],
    failed: Sequence[tuple[Column, NoSteps]],
    body: Body,
    timing: Timing,
) -> None:
    """Use the most informative column of time; the others must not contradict it."""
    clocks.sort(key=lambda clock: clock.steps.highest - clock.steps.lowest)
    best = clocks[0]
    timing.rate, timing.places = best.steps.rate, best.steps.places
    timing.notes.append(best.note)
    for clock in clocks[1:]:
        if not _agree(best.steps, clock.steps):
            raise _contradictory(
                f"{best.column.words} gives {best.steps.words}{_gaps(best.steps)}, and "
                f"{clock.column.words} {clock.steps.words}{_gaps(clock.steps)}"
            )
        timing.notes.append(f"{clock.column.words} left out: a second column of time")
    for column, found in failed:
        if found.jumps and found.mean and abs(found.mean / _mean(best.steps) - 1) > 0.05:
            raise _contradictory(
                f"{best.column.words} gives {best.steps.words}, and {column.words} "
                f"{found.mean:.4g} Hz over its whole length"
            )
        timing.notes.append(f"{column.words} left out: it {found.why}")
    if best.steps.places is not None:
        _tell_of_gaps(best.steps.places, best.column, body, timing)


def _mean(steps: Steps) -> float:
    """Samples in the file per second of its whole length."""
    if steps.places is None:
        return steps.rate
    return steps.rate * (len(steps.places) - 1) / int(steps.places[-1])


def _agree(one: Steps, other: Steps) -> bool:
    apart = other.lowest > one.highest * (1 + SAME_CLOCK) or one.lowest > other.highest * (
        1 + SAME_CLOCK
    )
    if apart:
        return False
    if one.places is None or other.places is None:
        return one.places is other.places
    return bool(np.all(np.abs(one.places - other.places) <= 1))


def _gaps(steps: Steps) -> str:
    return "" if steps.places is None else " with gaps"


def _tell_of_gaps(
    places: npt.NDArray[np.int64], column: Column, body: Body, timing: Timing
) -> None:
    missing = np.diff(places) - 1
    first = int(np.argmax(missing > 0))
    gaps = int(np.count_nonzero(missing))
    timing.notes.append(
        f"{gaps} gap{'s' if gaps > 1 else ''} of {int(missing.sum()):,} samples together by "
        f"{column.words}, the first before {body.where(first + 1)}"
    )


def _use_count(column: Column, body: Body, timing: Timing, *, has_clock: bool) -> None:
    """Leave out a column that numbers samples; missing numbers are gaps."""
    values = body.values[:, column.place]
    if counts_by_one(values) or wraps(values):
        timing.notes.append(f"{column.words} left out: it counts samples")
        return
    steps = np.diff(values)
    whole = bool(np.all(steps >= 1) and np.all(steps == np.rint(steps)))
    mostly_one = whole and 2 * np.count_nonzero(steps == 1) > len(steps)
    if mostly_one and not has_clock and float(steps.sum()) < LONGEST:
        timing.places = (values - values[0]).astype(np.int64)
        _tell_of_gaps(timing.places, column, body, timing)
        return
    timing.notes.append(f"{column.words} left out: it numbers samples")
    if not has_clock:
        row = int(np.argmax(steps != 1)) + 1
        timing.unused.append(f"{column.words}, which does not count by one in {body.where(row)}")


def _hold_to(stated: Stated, best: _Clock | None, timing: Timing) -> None:
    """Compare the rate that a line states with that of the times."""
    if best is None:
        timing.rate = stated.rate
        timing.notes.append(f"rate {stated.rate:g} Hz from {stated.where}")
        return
    steps = best.steps
    if steps.lowest <= stated.rate * (1 + 1e-6) and stated.rate <= steps.highest * (1 + 1e-6):
        timing.rate = stated.rate
        timing.notes.append(f"rate {stated.rate:g} Hz in {stated.where} agrees")
    elif abs(stated.rate / steps.rate - 1) <= SAME_RATE:
        timing.unused.append(f"rate of {stated.rate:g} Hz in {stated.where}")
    else:
        raise _contradictory(
            f"{stated.where} states {stated.rate:g} Hz, and {best.column.words} gives {steps.words}"
        )


def _jumps(column: Column, found: NoSteps, body: Body) -> RecordingError:
    return RecordingError(
        FailureKind.CONTRADICTORY,
        f"time jumps: {column.words} {found.why} in {body.where(found.row)}",
        "save the samples at even times, or without that column and give --rate",
    )


def _contradictory(found: str) -> RecordingError:
    return RecordingError(
        FailureKind.CONTRADICTORY, found, "correct the one that is wrong, or leave it out"
    )
