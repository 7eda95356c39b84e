"""One job an OUT, across nodes: a lease, which its holder renews while it lives.

A lease is a file in OUT/.ecgmpi, ``<name>.<generation>.lease``: a line that says who holds
it and a number that goes up every `BEAT` seconds. It needs nothing of the filesystem but
that a file is created by one process alone (``O_EXCL``): no locks, and no clock in common.
Clocks of nodes differ, and so do the times that shared filesystems give to files (some
take the client's). So whether a holder lives is judged by watching its number for
`EXPIRES` seconds of one's own.

Who takes over creates the next generation; of several, one succeeds. It then looks again:
if the one that it judged has moved, or another came first, it steps back. Only then does
it remove the old file, by which a holder that stood still learns that it holds nothing.
"""

from __future__ import annotations

import errno
import os
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ecgmpi.errors import JobError, StoppedError

from .lease_owner import LeaseOwner

BEAT = 5.0
"""Seconds between two renewals."""

EXPIRES = 45.0
"""Seconds without a renewal after which a holder is taken for dead."""

LATE = 2 * BEAT
"""Seconds without a renewal after which a holder looks before it does anything more."""

GIVES_UP = 30.0
"""Seconds that a holder goes on though its renewals fail; others take over after `EXPIRES`."""

LOOK_EVERY = 0.5
"""Seconds between two looks at another's lease."""

WHOLE = "whole"
"""Name of the lease of a job that does all of the catalogue."""

_FILE = re.compile(r"(whole|part-\d+-of-\d+)\.\d{6}\.lease")
_NUMBER = b"%012d\n"


def is_lease(path: Path) -> bool:
    """Whether `path` is called like one."""
    return _FILE.fullmatch(path.name) is not None


def part(number: int, of: int) -> str:
    """Name of the lease of part `number` (from 1) `of` so many."""
    return f"part-{number}-of-{of}"


@contextmanager
def acquire(
    folder: Path,
    name: str = WHOLE,
    stopped: Callable[[], str] = str,
    *,
    beat: float = BEAT,
    expires: float = EXPIRES,
) -> Iterator[Lease]:
    """Hold the lease `name` of the OUT that `folder` belongs to, while the block runs.

    Parameters
    ----------
    folder
        OUT/.ecgmpi; it and OUT are made, and removed again where they stay empty.
    name
        `WHOLE`, or what `part` gives. Different parts of one division do not conflict; all
        else does.
    stopped
        Asked while it waits: what has stopped the job, or empty.
    beat, expires
        Seconds; for tests.

    Raises
    ------
    JobError
        Another process holds it; it is named.
    StoppedError
        Something stopped the job while it waited.
    OSError
        `folder` cannot be written to.
    """
    made = [path for path in (folder, folder.parent) if not path.exists()]
    lease = _Taker(folder, name, stopped, beat, expires).take()
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
        self._one_at_a_time = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on_renewing, daemon=True)

    @classmethod
    def create(cls, path: Path, holder: LeaseOwner, beat: float) -> Lease | None:
        """A new lease; None where there is one of that name."""
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
        """Renew it from now on."""
        self._thread.start()

    def check(self) -> None:
        """Make sure that it is still held; costs nothing unless a renewal is overdue.

        Raises
        ------
        JobError
            It is not: this process stood still for so long that another took it, OUT was
            removed, or it could not be renewed.
        """
        if _now() - self._renewed > LATE:
            self._renew()
        if self._trouble:
            raise JobError(self._trouble)

    def release(self) -> None:
        """Hold it no longer."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(self._beat)
        with suppress(OSError):
            # Another's lease may have come in its place.
            if self._path.read_bytes().startswith(self._line):
                self._path.unlink()

    def _go_on_renewing(self) -> None:
        while not self._over.wait(self._beat) and not self._trouble:
            self._renew()

    def _renew(self) -> None:
        with self._one_at_a_time:
            if self._trouble:
                return
            try:
                handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
                try:
                    # Never into another's: what is open here stays this file, whatever is
                    # put in its place meanwhile.
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
                        f"OUT {self._path.parent.parent}: cannot write .ecgmpi/{self._path.name} "
                        f"for {GIVES_UP:g} s: {error.strerror}; see that OUT is there and "
                        "healthy, then run the same command again to resume"
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
                f"stood still for {stood:.0f} s; it stops here and leaves OUT as it is"
            )
        return (
            f"OUT {out}: something removed .ecgmpi/{self._path.name} while the job ran; see that "
            "OUT is there, then run the same command again to resume"
        )


class _Taker:
    """On its way to a lease: looks at those in its way, waits, refuses or takes over."""

    def __init__(
        self, folder: Path, name: str, stopped: Callable[[], str], beat: float, expires: float
    ) -> None:
        self._folder = folder
        self._name = name
        self._stopped = stopped
        self._beat = beat
        self._expires = expires
        self._here = LeaseOwner.here()
        # What each lease in the way said when it was first seen, and when that was.
        self._seen: dict[Path, tuple[bytes, float]] = {}
        self._told = False

    def take(self) -> Lease:
        while True:
            self._folder.mkdir(parents=True, exist_ok=True)
            rivals = _rivals(self._folder, self._name)
            # All are looked at each time: who is alive is told at once.
            dead = [self._is_dead(path, content) for path, content in rivals.items()]
            if all(dead):
                lease = self._create(rivals)
                if lease is not None:
                    return lease
            elif not self._told:
                self._tell(rivals)
            if why := self._stopped():
                raise StoppedError(why)
            # At random: two that step back for each other must not do so for ever.
            time.sleep(LOOK_EVERY * random.uniform(0.5, 1))

    def _is_dead(self, path: Path, content: bytes) -> bool:
        """Whether what holds `path` has ended; False while that is not known.

        Raises
        ------
        JobError
            It has not.
        """
        holder = _holder(content)
        if holder is not None and holder.is_gone(self._here):
            return True
        first, since = self._seen.setdefault(path, (content, time.monotonic()))
        if content != first or (holder is not None and holder.is_at_work(self._here)):
            raise JobError(
                f"OUT {self._folder.parent} is in use: {holder or 'a job that just began'} holds "
                "it; wait for that job, stop it, or give another OUT with -o"
            )
        return time.monotonic() - since > self._expires

    def _create(self, rivals: dict[Path, bytes]) -> Lease | None:
        """The lease, in place of `rivals`; None where somebody else moved meanwhile."""
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
        # The oldest first: while one is there, no other of its generation can be taken for
        # the newest.
        for rival in sorted(rivals):
            rival.unlink(missing_ok=True)
        lease.begin()
        return lease

    def _tell(self, rivals: dict[Path, bytes]) -> None:
        self._told = True
        who = " and ".join(str(_holder(content) or "somebody") for content in rivals.values())
        print(
            f"ecgmpi: {who} held OUT {self._folder.parent}: waiting up to {self._expires:g} s "
            "to see whether that job is still alive",
            file=sys.stderr,
            flush=True,
        )


def _rivals(folder: Path, name: str) -> dict[Path, bytes]:
    """The leases in `folder` that cannot be held beside `name`, and what they say."""
    found = {}
    for path in folder.iterdir():
        if is_lease(path) and _conflict(name, _parsed(path)[0]):
            with suppress(FileNotFoundError):
                found[path] = path.read_bytes()
    return found


def _conflict(one: str, other: str) -> bool:
    """Whether two leases cannot be held at once: all but different parts of one division."""
    if one == other or WHOLE in (one, other):
        return True
    return one.rpartition("-")[2] != other.rpartition("-")[2]


def _parsed(path: Path) -> tuple[str, int]:
    """Name and generation of the lease that is called `path`."""
    name, generation, _ = path.name.split(".")
    return name, int(generation)


def _holder(content: bytes) -> LeaseOwner | None:
    return LeaseOwner.parse(content.partition(b"\n")[0])


def _now() -> float:
    """Seconds, by a clock that goes on while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
