"""The cases that `python -m tests.bench` measures, each in a process of its own.

To add one: a module here whose `main` hands `parser_of` and a `measure` to `run_case` (both in
`figures.py`), and a line in `CASES`. Its figures are then in the table and in the JSON.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
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
