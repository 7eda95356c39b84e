"""The rate and the gaps of a column of time, within the precision of its printed digits.

Times are rounded for printing, so single steps say little: at 360 Hz, in whole milliseconds,
they are 2 and 3. The rate follows from the whole length. It is right if every time is within
one unit of the last digit of an even beat. Most rates are whole numbers, so the simplest
rate that the digits allow is taken; a note says so if they allow others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import LEAST_RATE, MOST_RATE

FASTEST_GUESS = 10_000.0
"""If the unit of time is not stated, the one that gives a rate from `LEAST_RATE` to this, Hz.

The two differ by a factor under 1,000, so at most one of s, ms, us and ns qualifies."""

UNITS = (1.0, 1e-3, 1e-6, 1e-9)

USUAL_RATES = (
    *(100.0, 125.0, 128.0, 130.0, 200.0, 240.0, 250.0, 256.0, 300.0, 320.0, 360.0, 400.0),
    *(480.0, 500.0, 512.0, 600.0, 720.0, 800.0, 1000.0, 1024.0, 1200.0, 2000.0, 2048.0),
    *(4000.0, 4096.0, 5000.0, 8000.0, 10000.0, 62.5, 64.0, 50.0, 20.0, 25.0, 40.0),
)

LONGEST = 1e12
"""More samples, gaps included, than any recording has."""

COARSEST = 0.01
"""Relative uncertainty of the rate allowed if digits are too few to show single steps."""

EVEN = 0.02
"""Part of a step by which times may miss an even beat, whatever their digits."""

_Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """What a column of time says.

    Attributes
    ----------
    rate
        Samples per second, Hz.
    lowest, highest
        The rates, Hz, that the digits allow.
    places
        Place of each sample on the even beat, int64, shape (n_samples,), from 0; None if
        nothing is missing.
    """

    rate: float
    lowest: float
    highest: float
    places: npt.NDArray[np.int64] | None = None

    @property
    def words(self) -> str:
        """The rate in words, with the range that the digits allow if it matters."""
        width = self.highest - self.lowest
        if width < 0.5 and (self.rate.is_integer() or width < 1e-4 * self.rate):
            return f"{self.rate:g} Hz"
        return (
            f"{self.rate:g} Hz (the digits of the times allow "
            f"{self.lowest:.5g} to {self.highest:.5g} Hz)"
        )


@dataclass(frozen=True, slots=True)
class NoSteps:
    """Why a column of time gives no rate.

    Attributes
    ----------
    why
        The reason, in words that follow the name of the column.
    jumps
        Whether there is time but it is uneven, so that samples are missing or repeated.
    row
        The sample at which this happens, from 0.
    mean
        Samples per second over the whole length, Hz, if any.
    lowest, highest
        The rates, Hz, that the digits allow, if nothing else is wrong.
    """

    why: str
    jumps: bool = False
    row: int = 0
    mean: float = 0.0
    lowest: float = 0.0
    highest: float = math.inf


def guess_unit(times: _Array) -> float | None:
    """Give the only unit of time, s, that makes the rate of `times` plausible, else None.

    `times` is float64, shape (n_samples,), in that unknown unit.
    """
    steps = np.diff(times)
    step = float(np.median(steps)) or float(times[-1] - times[0]) / len(steps)
    fitting = [unit for unit in UNITS if _plausible(step * unit, FASTEST_GUESS)]
    return fitting[0] if len(fitting) == 1 else None


def _plausible(seconds: float, fastest: float = MOST_RATE) -> bool:
    tolerance = 1 + 1e-9
    return (
        seconds > 0 and tolerance / seconds >= LEAST_RATE and 1 / (tolerance * seconds) <= fastest
    )


def find_steps(times: _Array, digit: float, unit: float) -> Steps | NoSteps:
    """Find the rate and the gaps of a column of time.

    Parameters
    ----------
    times
        float64, shape (n_samples,), in `unit`; at least two.
    digit
        One unit of the last printed digit, in `unit`.
    unit
        Seconds.
    """
    if not np.isfinite(times).all():
        row = int(np.flatnonzero(~np.isfinite(times))[0])
        return NoSteps("has no time for a sample", True, row)
    with np.errstate(all="ignore"):
        noise = _noise(times, digit)
        times = times - times[0]
        length = float(times[-1])
        if not np.isfinite(times).all():
            return NoSteps("does not rise")
        slack = max(digit, noise)
        if length <= digit or length <= 0:
            back = int(np.argmin(np.diff(times))) + 1
            jumps = bool(times[back] < times[back - 1] - slack)
            return NoSteps("goes back" if jumps else "does not rise", jumps, back)
        mean = (len(times) - 1) / (length * unit)
        even = _without_gaps(times, slack, noise, unit)
        return even or _with_gaps(times, slack, unit, mean)


def _without_gaps(times: _Array, slack: float, noise: float, unit: float) -> Steps | NoSteps | None:
    """Find an even beat without gaps; None if there is none."""
    count, length = len(times) - 1, float(times[-1])
    index = np.arange(count + 1)
    if not _fits(times, index, length / count, 2 * slack):
        return None
    mean = count / (length * unit)
    lowest, highest = _bounds(count, length, slack, unit)
    if slack > length / count / 2 and highest - lowest > COARSEST * mean:
        why = "has too few digits to give the rate"
        return NoSteps(why, mean=mean, lowest=lowest, highest=highest)
    even = float(np.ptp(np.diff(times))) <= 4 * noise + 1e-9 * length / count
    for rate in _simple(mean, lowest, highest, noise / length if even else None):
        if _fits(times, index, 1 / (rate * unit), slack):
            return Steps(rate, lowest, highest)
    step = _best_step(times, index, slack)
    if _fits(times, index, step, slack):
        return Steps(float(f"{1 / (step * unit):.9g}"), lowest, highest)
    return None


def _bounds(count: int, length: float, slack: float, unit: float) -> tuple[float, float]:
    """The rates, Hz, that `count` steps of `length` together allow, give or take `slack`."""
    least = (length - slack) * unit
    return count / ((length + slack) * unit), count / least if least > 0 else math.inf


def _best_step(times: _Array, places: npt.NDArray[np.int64], slack: float) -> float:
    """The step with the least error of the times; the error is convex in the step."""
    low, high = ((float(times[-1]) + by) / int(places[-1]) for by in (-slack, slack))
    for _ in range(40):
        third = (high - low) / 3
        left, right = (float(np.ptp(times - places * step)) for step in (low + third, high - third))
        low, high = (low, high - third) if left <= right else (low + third, high)
    return (low + high) / 2


def _noise(times: _Array, digit: float) -> float:
    """The uncertainty of the times from their binary form, double or single."""
    largest = float(np.abs(times).max())
    single = float(np.spacing(np.float32(largest)))
    double = 4 * float(np.spacing(largest))
    beat = (largest - float(np.abs(times).min())) / len(times)
    if digit < single < beat / 10 and np.all(np.abs(times - times.astype(np.float32)) <= digit):
        return max(double, 1.5 * single)
    return double


def _fits(times: _Array, index: npt.NDArray[np.int64], step: float, slack: float) -> bool:
    """Whether all times are even ones, rounded or truncated."""
    return float(np.ptp(times - index * step)) <= max(1.001 * slack, EVEN * step)


def _simple(mean: float, lowest: float, highest: float, even: float | None) -> Iterator[float]:
    """Yield rates that the length allows, the simplest first.

    If all steps are equal, the rate is what they say, within the part `even` of it.
    """
    if even is not None:
        lowest, highest = mean * (1 - even - 1e-9), mean * (1 + even + 1e-9)
    within = [rate for rate in USUAL_RATES if lowest <= rate <= highest]
    yield from sorted(within, key=lambda rate: abs(rate - mean))
    for parts in (1, 2, 10):
        near = round(mean * parts) / parts
        if lowest <= near <= highest:
            yield near
    if even is None:
        for digits in range(4, 10):
            near = float(f"{mean:.{digits}g}")
            if lowest <= near <= highest:
                yield near
    yield float(f"{mean:.12g}")


def _with_gaps(times: _Array, slack: float, unit: float, mean: float) -> Steps | NoSteps:
    """Find an even beat with gaps."""
    steps = np.diff(times)
    usual = float(np.median(steps))
    if steps.min() < -slack or (steps.min() <= 0 and slack < usual / 2):
        return NoSteps("goes back or stands still", True, int(np.argmin(steps)) + 1, mean)
    if usual <= 0 or slack > usual / 2:
        return NoSteps("is not even, or has too few digits", True, _worst(times), mean)
    usual = float(steps[steps < 1.6 * usual].mean())
    jump = steps > 1.5 * usual
    row = int(np.argmax(jump if jump.any() else np.abs(steps - usual))) + 1
    beats = int(np.count_nonzero(~jump))
    if usual <= 0 or 2 * beats < len(steps):
        return NoSteps("is not even", True, row, mean)
    usual = float(steps[~jump].mean())
    doubt = slack * (len(steps) - beats + 1)
    rates = _simple(1 / (usual * unit), *_bounds(beats, usual * beats, doubt, unit), None)
    for step in (*(1 / (rate * unit) for rate in rates), None):
        places = _places_of(steps, jump, step or usual)
        if places is None:
            continue
        fitting = step or _best_step(times, places, slack)
        if _fits(times, places, fitting, slack):
            doubts = (usual - doubt / beats, usual + doubt / beats)
            if _may_differ(times, places, jump, slack, doubts):
                return NoSteps("has a gap whose length its digits do not give", True, row, mean)
            # The whole length is known more accurately than the runs between gaps.
            bounds = _bounds(int(places[-1]), float(times[-1]), slack, unit)
            return Steps(float(f"{1 / (fitting * unit):.9g}"), *bounds, places)
    return NoSteps("is not even", True, row, mean)


def _may_differ(
    times: _Array,
    places: npt.NDArray[np.int64],
    jump: npt.NDArray[np.bool_],
    slack: float,
    between: tuple[float, float],
) -> bool:
    """Whether other places fit equally well, at a step that the runs between gaps allow."""
    steps = np.diff(times)
    for step in np.linspace(*between, 21):
        others = _places_of(steps, jump, float(step))
        if others is None or np.array_equal(others, places):
            continue
        if _fits(times, others, _best_step(times, others, slack), slack):
            return True
    return False


def _places_of(
    steps: _Array, jump: npt.NDArray[np.bool_], step: float
) -> npt.NDArray[np.int64] | None:
    """Place of each sample on an even beat; None if it is beyond any recording."""
    beats = np.where(jump, np.rint(steps / step), 1.0)
    if not beats.sum() < LONGEST:
        return None
    return np.concatenate(([0], np.cumsum(beats))).astype(np.int64)


def _worst(times: _Array) -> int:
    """The sample whose time is furthest from an even beat."""
    even = np.linspace(0, float(times[-1]), len(times))
    return int(np.argmax(np.abs(times - even)))
