"""One job per OUT, across nodes: a lease that its holder renews while it lives.

A lease is a file in OUT/.ecgmpi, ``<name>.<generation>.lease``: a line that identifies its
holder and a number that goes up every `BEAT` seconds. All that it needs of the filesystem is
that one process alone can create a file (``O_EXCL``): no locks, and no common clock. Clocks of
nodes differ, and so do the times that shared filesystems give to files (some use the client's).
So a process judges whether a holder is alive by watching its number for `EXPIRES` seconds of
its own clock.

A process that takes over creates the next generation; of several, one succeeds. It then checks
again: if the holder that it judged has renewed its lease, or another process came first, it
steps back. Only then does it remove the old file. A holder that was stopped for too long finds
its file gone and learns that it holds nothing any more.
"""

from __future__ import annotations

import errno
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ecgmpi.errors import JobError, StoppedError

from .lease_names import WHOLE, is_lease
from .lease_owner import LeaseOwner

BEAT = 5.0
"""Seconds between two renewals."""

EXPIRES = 45.0
"""Seconds without a renewal after which a holder counts as dead."""

LATE = 2 * BEAT
"""Seconds without a renewal after which a holder checks its lease before it does more."""

GIVES_UP = 30.0
"""Seconds that a holder continues while renewals fail; others take over after `EXPIRES`."""

_POLL = 0.5
"""Seconds between two checks of another's lease."""
_NUMBER = b"%012d\n"


@contextmanager
def acquire(
    folder: Path,
    name: str = WHOLE,
    stopped: Callable[[], str] = str,
    *,
    elsewhere: bool = True,
    beat: float = BEAT,
    expires: float = EXPIRES,
) -> Iterator[Lease]:
    """Hold the lease `name` of the OUT that `folder` belongs to, while the block runs.

    Parameters
    ----------
    folder
        OUT/.ecgmpi; it and OUT are created, and removed again if they stay empty.
    name
        `WHOLE`, or what `part_lease` returns. Different parts of one division do not conflict;
        all other leases do.
    stopped
        Polled while it waits: what has stopped the job, or empty.
    elsewhere
        Whether the command could write to another OUT, which a refusal then suggests.
    beat, expires
        Seconds; for tests.

    Raises
    ------
    JobError
        Another process holds it; the message names that process.
    StoppedError
        Something stopped the job while it waited.
    OSError
        `folder` cannot be written to.
    """
    made = [path for path in (folder, folder.parent) if not path.exists()]
    lease = _Acquirer(folder, name, stopped, elsewhere, beat, expires).acquire()
    try:
        yield lease
    finally:
        lease.release()
        for path in made:
            with suppress(OSError):
                path.rmdir()


class Lease:
    """A lease that this process holds; a thread renews it."""

    def __init__(self, path: Path, holder: LeaseOwner, beat: float) -> None:
        self._path = path
        self._line = holder.line()
        self._beat = beat
        self._beats = 0
        self._renewed = _now()
        self._trouble = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_renewing, daemon=True)

    @classmethod
    def create(cls, path: Path, holder: LeaseOwner, beat: float) -> Lease | None:
        """Create a lease; None if one of that name exists."""
        self = cls(path, holder, beat)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        except FileExistsError:
            return None
        try:
            os.write(handle, self._line + _NUMBER % 0)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(handle)
        return self

    def begin(self) -> None:
        """Start to renew it."""
        self._thread.start()

    def check(self) -> None:
        """Make sure that the lease is still held; costs nothing unless a renewal is overdue.

        Raises
        ------
        JobError
            It is not: this process was stopped for so long that another took over, OUT was
            removed, or the lease could not be renewed.
        """
        if _now() - self._renewed > LATE:
            self._renew()
        if self._trouble:
            raise JobError(self._trouble)

    def release(self) -> None:
        """Release it."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(self._beat)
        with suppress(OSError):
            # The file may be another process's lease by now.
            if self._path.read_bytes().startswith(self._line):
                self._path.unlink()

    def _keep_renewing(self) -> None:
        while not self._over.wait(self._beat) and not self._trouble:
            self._renew()

    def _renew(self) -> None:
        with self._lock:
            if self._trouble:
                return
            try:
                handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
                try:
                    # Never write into another's lease: the open descriptor stays this file,
                    # whatever takes its place meanwhile.
                    if not os.read(handle, len(self._line)) == self._line:
                        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
                    os.pwrite(handle, _NUMBER % (self._beats + 1), len(self._line))
                finally:
                    os.close(handle)
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.ESTALE, errno.ENOTDIR):
                    self._trouble = self._lost()
                elif _now() - self._renewed > GIVES_UP:
                    self._trouble = (
                        f"OUT {self._path.parent.parent}: could not write "
                        f".ecgmpi/{self._path.name} for {GIVES_UP:g} s: {error.strerror}; check "
                        "that OUT exists and is healthy, then run the same command again to resume"
                    )
                return
            self._beats += 1
            self._renewed = _now()

    def _lost(self) -> str:
        out, name = self._path.parent.parent, _parsed(self._path)[0]
        stood, other = _now() - self._renewed, None
        with suppress(OSError):
            others = (_holder(content) for content in _rivals(self._path.parent, name).values())
            other = next(filter(None, others), None)
        if other is not None or (out.exists() and stood > EXPIRES):
            return (
                f"OUT {out} was taken over by {other or 'a job that has ended'} while this one "
                f"stalled for {stood:.0f} s; this job stops and leaves OUT as it is"
            )
        return (
            f"OUT {out}: something removed .ecgmpi/{self._path.name} while the job ran; check "
            "that OUT exists, then run the same command again to resume"
        )


@dataclass(eq=False)
class _Acquirer:
    """Acquires a lease: checks the leases that conflict, then waits, refuses or takes over."""

    _folder: Path
    _name: str
    _stopped: Callable[[], str]
    _elsewhere: bool
    _beat: float
    _expires: float
    _here: LeaseOwner = field(init=False, default_factory=LeaseOwner.here)
    # The contents of each conflicting lease when it was first seen, and when that was.
    _seen: dict[Path, tuple[bytes, float]] = field(init=False, default_factory=dict)
    _announced: bool = field(init=False, default=False)

    def acquire(self) -> Lease:
        while True:
            self._folder.mkdir(parents=True, exist_ok=True)
            rivals = _rivals(self._folder, self._name)
            # All are checked each time: a live holder is reported at once.
            dead = [self._is_dead(path, content) for path, content in rivals.items()]
            if all(dead):
                lease = self._create(rivals)
                if lease is not None:
                    return lease
            elif not self._announced:
                self._announce(rivals)
            if why := self._stopped():
                raise StoppedError(why)
            # A random pause: two processes must not step back for each other for ever.
            time.sleep(_POLL * random.uniform(0.5, 1))

    def _is_dead(self, path: Path, content: bytes) -> bool:
        """Whether the holder of `path` has ended; False while that is not known.

        Raises
        ------
        JobError
            It is alive.
        """
        holder = _holder(content)
        if holder is not None and holder.is_gone(self._here):
            return True
        first, since = self._seen.setdefault(path, (content, time.monotonic()))
        if content != first or (holder is not None and holder.is_at_work(self._here)):
            mend = ", stop it, or give another OUT with -o" if self._elsewhere else ", or stop it"
            raise JobError(
                f"OUT {self._folder.parent} is in use: {holder or 'a job that just began'} holds "
                f"it; wait for that job{mend}"
            )
        return time.monotonic() - since > self._expires

    def _create(self, rivals: dict[Path, bytes]) -> Lease | None:
        """Create the lease in place of `rivals`; None if another process acted meanwhile."""
        generations = [_parsed(path)[1] for path in rivals if _parsed(path)[0] == self._name]
        path = self._folder / f"{self._name}.{max(generations, default=0) + 1:06d}.lease"
        lease = Lease.create(path, self._here, self._beat)
        if lease is None:
            return None
        now = _rivals(self._folder, self._name)
        now.pop(path, None)
        if now != rivals:
            lease.release()
            return None
        # The oldest first: while one exists, no other of its generation can pass for the newest.
        for rival in sorted(rivals):
            rival.unlink(missing_ok=True)
        lease.begin()
        return lease

    def _announce(self, rivals: dict[Path, bytes]) -> None:
        self._announced = True
        who = " and ".join(str(_holder(content) or "another job") for content in rivals.values())
        print(
            f"ecgmpi: OUT {self._folder.parent} was held by {who}: waiting up to "
            f"{self._expires:g} s to see whether that job is still alive",
            file=sys.stderr,
            flush=True,
        )


def _rivals(folder: Path, name: str) -> dict[Path, bytes]:
    """The leases in `folder` that conflict with `name`, and their contents."""
    found = {}
    for path in folder.iterdir():
        if is_lease(path) and _conflict(name, _parsed(path)[0]):
            with suppress(FileNotFoundError):
                found[path] = path.read_bytes()
    return found


def _conflict(one: str, other: str) -> bool:
    """Whether two leases conflict: all do but different parts of one division."""
    if one == other or WHOLE in (one, other):
        return True
    return one.rpartition("-")[2] != other.rpartition("-")[2]


def _parsed(path: Path) -> tuple[str, int]:
    """Name and generation of the lease at `path`."""
    name, generation, _ = path.name.split(".")
    return name, int(generation)


def _holder(content: bytes) -> LeaseOwner | None:
    return LeaseOwner.parse(content.partition(b"\n")[0])


def _now() -> float:
    """Seconds, by a clock that keeps running while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
