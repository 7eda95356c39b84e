"""Reads damaged files in processes of their own, which may hang, crash or be too large."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Sequence
from ctypes import Structure, c_double, c_int
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

from ecgmpi.ecg.signal_quality import lead_facts, signal_warnings
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers import FORMATS, ReadHints, count_recordings, read, split_address
from tests.fuzz.damage import damaged
from tests.fuzz.seeds import Seed

SECONDS = 5.0
"""A file that takes longer is a finding."""

BUDGET = ReadHints(max_bytes=64 << 20)
"""What a recording may take when decoded."""

HEADROOM = 512 << 20
"""Bytes of address space that a process may take on top of what it starts with."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A damaged file that was not refused as it should: number, what of, what happened."""

    number: int
    seed: str
    what: str


@dataclass(slots=True)
class Outcome:
    """What came of all files: how often what, by seed; and the findings."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    @property
    def n_files(self) -> int:
        """How many files were read."""
        return sum(self.counts.values())


class _Now(Structure):
    """What a process is at, in memory that it shares with the one that watches it."""

    _fields_ = [("number", c_int), ("since", c_double)]


def make(number: int, seeds: Sequence[Seed], entropy: int, folder: Path) -> tuple[str, Path]:
    """Write damaged file `number` into `folder`: always the same for the same `entropy`."""
    rng = np.random.default_rng([entropy, number])
    seed = seeds[number % len(seeds)]
    other = seeds[int(rng.integers(len(seeds)))]
    names = list(seed.files)
    # Sidecars are damaged as often as the file that is read.
    hit = names[0] if len(names) == 1 or rng.random() < 0.6 else str(rng.choice(names[1:]))
    piece = next(iter(other.files.values()))
    for name, content in seed.files.items():
        path = folder / name
        written = damaged(content, piece, rng) if name == hit else content
        if seed.mend is not None and rng.random() < 0.8:
            written = seed.mend(written)
        path.write_bytes(written)
    return seed.name, folder / (names[0] + seed.member)


def try_one(path: Path) -> str:
    """Read a file and say what came of it.

    Raises
    ------
    Exception
        Anything that is not a `RecordingError` in one line, which is a finding.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            # Rank 0 itself counts what is in a file.
            count_recordings(split_address(path)[0], BUDGET)
            record = read(path, BUDGET)
            facts = lead_facts(record)
            told = [*record.notes, *record.unused, *signal_warnings(record, facts), *record.leads]
            kind = f"read as {record.format}"
        except RecordingError as error:
            told = [error.message, error.remedy]
            kind = str(error.kind)
            if error.kind in (FailureKind.MEMORY, FailureKind.INTERNAL):
                raise AssertionError(str(error)) from error
    for text in told:
        if not text.isprintable() or str(path.parent) in text:
            raise AssertionError(f"not a line that may be shown: {text!r}")
    return kind


def run(
    seeds: Sequence[Seed], n_files: int, entropy: int, workers: int, seconds: float = 1e9
) -> Outcome:
    """Read `n_files` damaged files, or as many as `seconds` allow."""
    for format in FORMATS:
        format.preload()
    context = multiprocessing.get_context("fork")
    outcome = Outcome()
    share = -(-n_files // workers)
    spans = [range(k * share, min(n_files, (k + 1) * share)) for k in range(workers)]
    watched = [_Watched(context, seeds, entropy, span) for span in spans if span]
    deadline = time.monotonic() + seconds
    while watched:
        wait([one.line for one in watched], 0.2)
        watched = [one for one in watched if one.look(outcome, deadline)]
    return outcome


class _Watched:
    """A process with a span of numbers, begun again behind whatever ends or blocks it."""

    def __init__(self, context: Any, seeds: Sequence[Seed], entropy: int, span: range) -> None:
        self._context, self._seeds, self._entropy, self._span = context, seeds, entropy, span
        self._now = context.Value(_Now, lock=False)
        self._folder = Path(tempfile.mkdtemp(prefix="ecgmpi-fuzz-"))
        self.line: Connection
        self._process: Any
        self._start(span.start)

    def _start(self, first: int) -> None:
        self.line, theirs = self._context.Pipe(duplex=False)
        self._now.number, self._now.since = first, time.monotonic()
        self._process = self._context.Process(
            target=_work,
            args=(
                theirs,
                self._now,
                self._seeds,
                self._entropy,
                first,
                self._span.stop,
                self._folder,
            ),
            daemon=True,
        )
        self._process.start()
        theirs.close()

    def look(self, outcome: Outcome, deadline: float) -> bool:
        """Take what there is; whether there will be more."""
        try:
            while self.line.poll():
                number, seed, kind, problem = self.line.recv()
                outcome.counts[seed, kind] += 1
                if problem:
                    outcome.findings.append(Finding(number, seed, problem))
        except EOFError:
            return self._ended(outcome)
        late = time.monotonic() > deadline
        if late or time.monotonic() - self._now.since > SECONDS:
            self._process.kill()
            self._process.join()
            if not late:
                self._lost(outcome, "hang", f"took more than {SECONDS:g} s")
                return self._next()
            shutil.rmtree(self._folder)
            return False
        return True

    def _ended(self, outcome: Outcome) -> bool:
        self._process.join()
        if self._process.exitcode:
            self._lost(outcome, "crash", f"the process ended with {self._process.exitcode}")
            return self._next()
        shutil.rmtree(self._folder)
        return False

    def _lost(self, outcome: Outcome, kind: str, what: str) -> None:
        seed = self._seeds[self._now.number % len(self._seeds)].name
        outcome.counts[seed, kind] += 1
        outcome.findings.append(Finding(self._now.number, seed, what))

    def _next(self) -> bool:
        if self._now.number + 1 >= self._span.stop:
            shutil.rmtree(self._folder)
            return False
        self._start(self._now.number + 1)
        return True


def _work(
    line: Connection,
    now: Any,
    seeds: Sequence[Seed],
    entropy: int,
    first: int,
    stop: int,
    folder: Path,
) -> None:
    _bound_memory()
    for number in range(first, stop):
        seed, path = make(number, seeds, entropy, folder)
        now.number, now.since = number, time.monotonic()
        kind, problem = "finding", ""
        try:
            kind = try_one(path)
        except BaseException:
            problem = traceback.format_exc()
        line.send((number, seed, kind, problem))


def _bound_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + HEADROOM
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
