"""Axes of the figures: round numbers along them, and the lines of the paper behind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .svg import element, px, text

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_UNITS = (("s", 1.0), ("min", MINUTE), ("h", HOUR), ("d", DAY))
_WORDS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
_HOURS = (1, 2, 3, 6, 12, 24, 48, 120, 240)
_TIME_STEPS = (*_SECONDS, *(HOUR * n for n in _HOURS))
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))

MINOR = 5
"""Minor lines of the paper between two bold ones, as on the pictures."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """Round positions along an axis, with what is written there.

    Attributes
    ----------
    at
        In the unit of the data.
    labels
        One for each.
    step
        Between two.
    """

    at: tuple[float, ...]
    labels: tuple[str, ...]
    step: float


def short(value: float) -> str:
    """A number in at most four digits, with a prefix from 10,000 on.

    Examples
    --------
    >>> short(0.25), short(12.345), short(1_500), short(15_000), short(2e6), short(0.00012)
    ('0.25', '12.3', '1500', '15k', '2M', '0.00012')
    """
    size = abs(value)
    if size < 9999.5:
        return f"{value:.0f}" if size >= 999.5 else f"{value:.3g}"
    scale, prefix = next(found for found in _PREFIXES if size >= found[0] * 0.9995)
    return f"{value / scale:.3g}{prefix}"


def ticks(highest: float, most: int, whole: bool = False) -> Ticks:
    """Ticks from 0 to the first round number that is not below `highest`.

    Parameters
    ----------
    highest
        The largest value, above 0.
    most
        Ticks beside the one at 0.
    whole
        Counts: no step below 1.
    """
    rough = highest / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * (1 - 1e-9))
    step = max(step, 1.0) if whole else step
    count = max(math.ceil(highest / step - 1e-9), 1)
    at = tuple(step * n for n in range(count + 1))
    return Ticks(at, tuple(short(value) for value in at), step)


def decades(highest: float) -> Ticks:
    """Ticks at powers of ten, from 1 to one that is not below `highest`; at most five."""
    count = max(math.ceil(math.log10(highest) - 1e-9), 1)
    every = math.ceil(count / 4)
    # Steps of several decades must reach `highest`, too.
    count = every * math.ceil(count / every)
    at = tuple(10.0**n for n in range(0, count + 1, every))
    return Ticks(at, tuple(short(value) for value in at), float(every))


def time_unit(duration: float) -> tuple[str, float]:
    """The unit that a duration in s is best told in, and its length in s."""
    limits = (2 * MINUTE, 2 * HOUR, 3 * DAY)
    number = sum(duration > limit for limit in limits)
    return _UNITS[number]


def time_ticks(duration: float, most: int = 10) -> tuple[Ticks, str]:
    """Ticks from 0 up to a duration, in s, min, h or d; and the caption of the axis.

    Parameters
    ----------
    duration
        In s, above 0.
    most
        Ticks beside the one at 0.
    """
    unit, length = time_unit(duration)
    fitting = (float(s) for s in _TIME_STEPS if s >= duration / most and s >= length / 2)
    step = next(fitting, ticks(duration / DAY, most).step * DAY)
    step = ticks(duration, most).step if duration < 1 else step
    count = int(duration / step + 1e-9)
    at = tuple(step * n for n in range(count + 1))
    return Ticks(at, tuple(f"{value / length:g}" for value in at), step), (
        f"{_WORDS[unit]} since the start"
    )


def duration_text(seconds: float) -> str:
    """A duration in words.

    Examples
    --------
    >>> duration_text(42), duration_text(600), duration_text(5400), duration_text(0.25)
    ('42 s', '10 min', '90 min', '0.25 s')
    """
    unit, length = time_unit(seconds)
    return f"{seconds / length:.3g} {unit}"


@dataclass(frozen=True, slots=True)
class Plot:
    """The area of a figure that holds the data, px."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its bottom edge."""
        return self.top + self.height

    def paper(self) -> str:
        """The paper below everything."""
        return element(
            "rect",
            x=self.left,
            y=self.top,
            width=self.width,
            height=self.height,
            class_="paper",
        )

    def lines(self, xs: Sequence[float] = (), ys: Sequence[float] = (), bold: bool = True) -> str:
        """Lines of the paper at positions in px, those outside left out."""
        down = [f"M{px(x)} {px(self.top)}v{px(self.height)}" for x in self._across(xs)]
        along = [f"M{px(self.left)} {px(y)}h{px(self.width)}" for y in self._down(ys)]
        path = "".join([*down, *along])
        return element("path", d=path, class_="bold" if bold else "minor") if path else ""

    def _across(self, xs: Sequence[float]) -> list[float]:
        return [x for x in xs if self.left - 0.05 <= x <= self.right + 0.05]

    def _down(self, ys: Sequence[float]) -> list[float]:
        return [y for y in ys if self.top - 0.05 <= y <= self.bottom + 0.05]

    def time_axis(self, duration: float) -> list[str]:
        """Lines and labels of time since the start, s, below the plot."""
        found, caption = time_ticks(duration)
        scale = self.width / duration
        xs = [self.left + scale * at for at in found.at]
        pace = scale * found.step / MINOR
        minor = [self.left + pace * n for n in range(int(self.width / pace) + 1) if n % MINOR]
        return [
            self.lines(xs=minor, bold=False),
            self.lines(xs=xs),
            *(
                text(x, self.bottom + 15, label, text_anchor="middle")
                for x, label in zip(xs, found.labels, strict=True)
            ),
            text(
                self.left + self.width / 2,
                self.bottom + 31,
                caption,
                text_anchor="middle",
                class_="muted",
            ),
        ]

    def value_axis(self, found: Ticks) -> list[str]:
        """Lines and labels of values from 0 to the last tick, left of the plot."""
        scale = self.height / found.at[-1]
        ys = [self.bottom - scale * at for at in found.at]
        pace = scale * found.step / MINOR
        minor = [self.bottom - pace * n for n in range(int(self.height / pace) + 1) if n % MINOR]
        return [
            self.lines(ys=minor if pace >= 3 else (), bold=False),
            self.lines(ys=ys),
            *self.labels_left(ys, found.labels),
        ]

    def labels_left(self, ys: Sequence[float], labels: Sequence[str]) -> list[str]:
        """Labels left of the plot, at heights in px."""
        return [
            text(self.left - 6, y + 4, label, text_anchor="end")
            for y, label in zip(ys, labels, strict=True)
        ]
