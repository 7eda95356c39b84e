"""How much slower this machine is than that for which seconds are promised.

A promise in seconds says nothing about a program on a machine that is three times as slow, of which
some are met in CI. So a gate in seconds grows with what Python itself takes there to start.
"""

from __future__ import annotations

import functools
import statistics
import sys

from tests.bench.spent import of_program

STANDARD = 0.02
"""CPU seconds of `_YARDSTICK` on a machine of 2025."""

_YARDSTICK = "import argparse, dataclasses, json, pathlib, re"
_ROUNDS = 7


def allowed(seconds: float) -> float:
    """CPU seconds that a machine like this one may take for what may take so many elsewhere."""
    return seconds * slowness()


@functools.cache
def slowness() -> float:
    """How many times slower this machine is; 1 for one that is faster."""
    command = (sys.executable, "-I", "-c", _YARDSTICK)
    of_program(command)
    took = statistics.median(of_program(command).cpu for _ in range(_ROUNDS))
    return max(1.0, took / STANDARD)
