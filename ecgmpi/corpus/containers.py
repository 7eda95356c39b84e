"""Files that hold many recordings -> a catalogue entry for each, by their headers alone."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, suppress
from dataclasses import replace
from select import select
from typing import Any

from ecgmpi.errors import FailureKind, JobError, RecordingError, StoppedError
from ecgmpi.job.pool import probe, spawn
from ecgmpi.job.pool.channel import Channel, GarbledError
from ecgmpi.readers import ReadHints, may_hold_many

from .discover import Found

LONGEST_LOOK = 60.0
"""Seconds that looking into one file may take."""

LONGEST_START = 300.0
"""Seconds until the process that looks must be there: a cold shared filesystem is slow."""

_POLL = 0.2
"""Seconds between two looks whether the job is to stop."""


def each_recording(
    found: Iterable[Found],
    hints: ReadHints,
    stopped: Callable[[], str] = str,
    longest: float = LONGEST_LOOK,
) -> Generator[Found]:
    """Put in place of a file of many recordings one entry each, ``file.h5#17``, from 0.

    Only headers are read, and only of files whose extension says that they may hold many,
    by a process of its own. What is wrong with one is left to whoever reads it; one that
    ends that process, or keeps it for more than `longest` seconds, twice, is one entry with
    a problem.

    Parameters
    ----------
    found
        What the walk found.
    hints
        What the user said of the files.
    stopped
        Why the job is to stop, in words; empty while it is not.
    longest
        Seconds that looking into one file may take.

    Raises
    ------
    StoppedError
        The job is to stop.
    JobError
        The process that looks cannot be started.
    """
    with closing(_Looking(hints, stopped, longest)) as looking:
        for entry in found:
            if entry.name is None or entry.problem or not may_hold_many(entry.path):
                yield entry
                continue
            try:
                count = looking.count(entry.path)
            except RecordingError as error:
                yield replace(entry, problem=error)
                continue
            if count is None:
                yield entry
                continue
            for number in range(count):
                yield replace(
                    entry,
                    name=f"{entry.name}#{number}",
                    source=f"{entry.source}#{number}",
                    path=f"{entry.path}#{number}",
                    size=entry.size // count,
                )


class _LostError(Exception):
    """The process that looks is gone, or was ended; says what it did, and of which class it is."""

    def __init__(self, kind: FailureKind, what: str) -> None:
        super().__init__(what)
        self.kind = kind


class _Looking:
    """Keeps the process that looks, from the first file that needs it on."""

    def __init__(self, hints: ReadHints, stopped: Callable[[], str], longest: float) -> None:
        self._hints = hints
        self._stopped = stopped
        self._longest = longest
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Channel | None = None

    def count(self, path: str) -> int | None:
        """What `ecgmpi.readers.members` says of `path`.

        Raises
        ------
        RecordingError
            It does not live to say it.
        """
        told: list[str] = []
        for _ in range(2):
            if self._line is None:
                self._start()
            try:
                count: int | None
                (count,) = self._ask(path, self._longest)
            except _LostError as lost:
                told.append(str(lost))
                kind = lost.kind
            else:
                return count
        first, second = told
        again = ", twice" if first == second else f"; before that, it {first}"
        raise RecordingError(
            kind,
            f"the process that looked how many recordings it holds {second}{again}",
            "repair the file or leave it out",
        )

    def _start(self) -> None:
        self._process, ours = spawn.start(probe.__name__)
        self._line = Channel(ours)
        try:
            ready = self._ask(self._hints, LONGEST_START)
        except _LostError as lost:
            ready = str(lost)
        if ready != probe.READY:
            self.close()
            raise JobError(
                f"the process that looks into files of many recordings {ready} before it began; "
                "was it killed, or is memory short? Run the same command again to go on"
            )

    def _ask(self, question: object, longest: float) -> Any:
        """Send a message and wait for the answer."""
        line = self._line
        assert line is not None
        give_up = time.monotonic() + longest
        try:
            line.send(question)
            while time.monotonic() < give_up:
                if why := self._stopped():
                    raise StoppedError(why)
                if select([line], (), (), _POLL)[0] and (answers := line.take()):
                    return answers[0]
        except GarbledError:
            self.close()
            raise _LostError(FailureKind.CRASHED, "sent what is no answer") from None
        except (EOFError, OSError):
            raise _LostError(FailureKind.CRASHED, f"ended with {self._end()}") from None
        self.close()
        raise _LostError(FailureKind.TIMEOUT, f"had not done so after {longest:g} s")

    def _end(self) -> str:
        """How it ended, which it may be about to do."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self.close()
        status = self._process.returncode if self._process else 0
        return f"exit status {status}" if status >= 0 else signal.Signals(-status).name

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                # One that waits for a lost disk cannot even be killed.
                self._process.wait(2)
