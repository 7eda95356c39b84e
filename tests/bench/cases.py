"""The cases that `python -m tests.bench` measures, each in a process of its own.

To add one: a module here whose `main` hands `parser_of` and a `measure` to `run_case` (both in
`figures.py`), and a line in `CASES`. Its figures are then in the table and in the JSON.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figure, figures_in


@dataclass(frozen=True, slots=True)
class Case:
    """A module that measures something.

    Attributes
    ----------
    name
        What its figures begin with.
    module
        Below ``tests.bench``.
    quick
        Whether it is part of a quick run.
    alone
        Whether a busy neighbour makes no sense of it: it needs more than one core.
    """

    name: str
    module: str
    quick: bool = True
    alone: bool = False


CASES = (
    Case("strip", "compare"),
    Case("page", "page"),
    Case("worn", "worn"),
    Case("worn_profiles", "worn_profiles", quick=False),
    Case("compression", "compression"),
    Case("reading", "reading"),
    Case("decode", "decode"),
    Case("samples", "samples"),
    Case("workers", "workers", alone=True),
    Case("startup", "startup", alone=True),
    Case("packing", "packing"),
    Case("balance", "balance"),
    Case("memory", "memory", quick=False),
    Case("manifest", "manifest"),
    Case("dataset", "dataset"),
    Case("labels", "labels", quick=False),
    Case("report", "report"),
    Case("watching", "watching"),
    Case("scale", "scale", quick=False),
)

PROGRAMS = ("job",)
"""Modules that measure as well, but need to be told what to compare with."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case.

    Attributes
    ----------
    case
        Which.
    figures
        What it measured; empty where it broke.
    seconds
        How long it took, by the clock.
    broke
        How it ended, where it measured nothing; otherwise empty.
    """

    case: Case
    figures: list[Figure]
    seconds: float
    broke: str = ""

    @property
    def missed(self) -> bool:
        """Whether a figure missed its gate."""
        return any(one.missed for one in self.figures)


def in_tries(
    cases: Iterable[Case], measure: Callable[[Case], Outcome], tries: int
) -> list[Outcome]:
    """Measure cases; those that miss a gate once more when all others are done.

    A neighbour that takes the memory bus for a minute makes a case miss its gate, but hardly at
    two times minutes apart; a program that became slower misses it every time.

    Parameters
    ----------
    cases
        What to measure, in order.
    measure
        Measures one.
    tries
        How often one is measured at most.

    Returns
    -------
    list
        What became of each when it was last measured.
    """
    outcomes = [measure(case) for case in cases]
    for _ in range(tries - 1):
        outcomes = [measure(one.case) if one.missed else one for one in outcomes]
    return outcomes


def measured(case: Case, quick: bool) -> Outcome:
    """Measure a case; what it prints goes to standard error."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "figures.json"
        command = [sys.executable, "-m", f"tests.bench.{case.module}", "--json", str(written)]
        ended = subprocess.run([*command, *(["--quick"] * quick)], stdout=sys.stderr, check=False)
        seconds = time.monotonic() - begun
        if not written.exists():
            return Outcome(case, [], seconds, f"exit status {ended.returncode}, no figures")
        return Outcome(case, figures_in(written), seconds)
