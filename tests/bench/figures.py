"""Figures: what a case measured, how far its rounds lay apart, and the gate that it must pass."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that was measured.

    Attributes
    ----------
    name
        ``CASE.WHAT``, such as ``strip.ratio``. Programs find it by this name.
    value
        The median of the rounds.
    unit
        Of `value`: ``ms``, ``MB``, ``times``.
    about
        What it is, and what it is compared with.
    low, high
        Quartiles of the rounds.
    rounds
        How many there were.
    least, most
        The gate: what it must reach, or must not exceed. None where it is only told.
    """

    name: str
    value: float
    unit: str
    about: str
    low: float
    high: float
    rounds: int = 1
    least: float | None = None
    most: float | None = None

    @property
    def missed(self) -> bool:
        """Whether it is beyond its gate."""
        # A figure that is no number passes no gate.
        reached = self.least is None or self.value >= self.least
        kept = self.most is None or self.value <= self.most
        return not (reached and kept)

    @property
    def gate(self) -> str:
        """The gate in words; empty where there is none."""
        words = [
            f"{word} {number(limit)}"
            for word, limit in (("at least", self.least), ("at most", self.most))
            if limit is not None
        ]
        return " and ".join(words) + (", missed" if self.missed else "")

    @property
    def spread(self) -> str:
        """The quartiles in words; empty where there was one round."""
        return f"{number(self.low)} to {number(self.high)}" if self.rounds > 1 else ""

    def __str__(self) -> str:
        notes = "; ".join(filter(None, (self.spread, self.gate)))
        amount = f"{number(self.value)} {self.unit}".strip()
        return f"{self.name:<28} {amount:>14}  {f'({notes}) ' if notes else ''}{self.about}"


def figure(
    name: str,
    values: float | Sequence[float],
    unit: str,
    about: str = "",
    *,
    least: float | None = None,
    most: float | None = None,
) -> Figure:
    """Make a figure of one value, or of a value a round: their median and quartiles."""
    rounds = list(values) if isinstance(values, Sequence) else [values]
    middle = statistics.median(rounds)
    low, high = rounds[0], rounds[0]
    if len(rounds) > 1:
        low, _, high = statistics.quantiles(rounds, n=4, method="inclusive")
    return Figure(name, middle, unit, about, low, high, len(rounds), least, most)


UNITS = {
    "mb_s": "MB/s",
    "s": "s",
    "ms": "ms",
    "us": "us",
    "kb": "kB",
    "mb": "MB",
    "times": "times",
    "ratio": "times",
}
"""What the last words of a name say of its unit."""


def named(
    values: Mapping[str, float],
    most: Mapping[str, float] | None = None,
    least: Mapping[str, float] | None = None,
) -> Iterator[Figure]:
    """Make figures of plain values by name; a unit is what the name ends in.

    Parameters
    ----------
    values
        Such as ``{"startup.version_cpu_s": 0.09}``.
    most, least
        Gates, for some of the same names.
    """
    most, least = most or {}, least or {}
    for name, value in values.items():
        ends = (unit for word, unit in UNITS.items() if name.endswith((f"_{word}", f".{word}")))
        unit = next(ends, "")
        yield figure(name, value, unit, most=most.get(name), least=least.get(name))


def number(value: float) -> str:
    """A value with three or four digits that count.

    Examples
    --------
    >>> [number(value) for value in (0.0312, 2.034, 26.91, 216.4, 5888.2, 1_000_000)]
    ['0.031', '2.03', '26.9', '216', '5,888', '1,000,000']
    """
    for limit, digits in ((0.1, 3), (10, 2), (100, 1)):
        if abs(value) < limit:
            return f"{value:.{digits}f}"
    return f"{value:,.0f}"


def parser_of(about: str | None, module: str) -> argparse.ArgumentParser:
    """What the command of every case takes."""
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.bench.{module}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller jobs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    return parser


def run_case(
    parser: argparse.ArgumentParser, measure: Callable[[argparse.Namespace], Iterable[Figure]]
) -> int:
    """Measure, print a line a figure, write them where ``--json`` says, and judge.

    Returns
    -------
    int
        Exit status: 1 where a figure missed its gate.
    """
    arguments = parser.parse_args()
    found = []
    for one in measure(arguments):
        print(one, flush=True)
        found.append(one)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
    missed = [one.name for one in found if one.missed]
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return int(bool(missed))


def figures_in(path: Path) -> list[Figure]:
    """The figures that a case wrote."""
    return [Figure(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
