"""What a job talks to, without MPI and without processes: ranks, workers, disk and time.

Each keeps the contract of the real one and lets a test decide when something happens: when a
result comes back, when a record reaches the disk, when a rank is lost, how late it is. All else
that these tests use is real: catalogue, journals, messages.
"""

from __future__ import annotations

import pickle
import zlib
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import Chunking
from ecgmpi.corpus.discover import Found
from ecgmpi.corpus.item import Item
from ecgmpi.errors import FailureKind, JobError, RecordingError
from ecgmpi.job.pool.messages import Settled, StartWorkers, Work
from ecgmpi.job.protocol import JobCommunicator, Message
from ecgmpi.picture_formats import CLEAN, PICTURE
from ecgmpi.readers.content_hash import content_sum
from ecgmpi.results.columns import NO_FILES, PICTURE_COLUMNS, Row, file_columns
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.results.result import DRAWN, Result, failed
from ecgmpi.store import Keys, ShardFile, Store

CONNECTION_BROKE = "its connection broke"
SIZE = 10
"""Bytes of a picture that a fake worker draws."""


class Clock:
    """Seconds, which pass when a test says so, or a rank waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class FakeCommunicator:
    """One rank of a `Network`."""

    def __init__(self, network: Network, rank: int) -> None:
        self._network = network
        self.rank = rank
        self.size = network.size
        self.hosts = [f"node{number}" for number in range(network.size)]
        self.masks = [frozenset({0})]
        self.library = "a fake"
        self.lost: dict[int, str] = {}
        self.broken = ""
        self.is_orphan = False
        self.aborted: list[int] = []
        self.left: list[int] = []

    def send(self, to: int, message: Message) -> None:
        if to in self._network.unreachable:
            # As with MPI, the sender finds out.
            self.lost.setdefault(to, CONNECTION_BROKE)
        else:
            self._network.carry(self.rank, to, message)

    def receive(self) -> Iterator[tuple[int, Message]]:
        waiting = self._network.waiting[self.rank]
        while waiting and not self.broken:
            source, message = waiting.popleft()
            yield source, pickle.loads(message)

    def flushed(self) -> bool:
        return True

    def orphaned(self) -> bool:
        return self.is_orphan

    def abort(self, status: int) -> None:
        self.aborted.append(status)

    def leave(self, status: int) -> None:
        self.left.append(status)
        self._network.lose(self.rank)


class Network:
    """`size` ranks in one process, joined by queues.

    Attributes
    ----------
    ranks
        The communicator of each.
    waiting
        What each has not received yet.
    sent
        All that was ever sent: (source, destination, message).
    lost, unreachable
        Ranks that are gone, and those of them where whoever sends to one finds that out.
    """

    def __init__(self, size: int, kind: type[FakeCommunicator] = FakeCommunicator) -> None:
        self.size = size
        self.waiting: list[deque[tuple[int, bytes]]] = [deque() for _ in range(size)]
        self.sent: list[tuple[int, int, Message]] = []
        self.lost: set[int] = set()
        self.unreachable: set[int] = set()
        self.ranks = [kind(self, rank) for rank in range(size)]

    def carry(self, source: int, to: int, message: Message) -> None:
        self.sent.append((source, to, message))
        if to not in self.lost:
            self.waiting[to].append((source, pickle.dumps(message)))

    def lose(self, rank: int) -> None:
        """Kill `rank`: its connections break."""
        self.lost.add(rank)
        self.unreachable.add(rank)
        self.waiting[rank].clear()

    def lose_silently(self, rank: int) -> None:
        """Let the node of `rank` stand still: its connections stay."""
        self.lost.add(rank)

    def between(self, source: int, to: int) -> list[Message]:
        """What `source` has sent to `to`, in order."""
        return [message for s, t, message in self.sent if (s, t) == (source, to)]


def as_communicator(communicator: FakeCommunicator) -> JobCommunicator:
    """The communicator as the job sees it: mypy compares them here."""
    return communicator


class FakeStore:
    """Pictures in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.finished: list[tuple[int, list[str]]] = []
        self.shards: tuple[ShardFile, ...] = ()

    def put(
        self,
        chunk: int,
        recording: str,
        label: str,
        files: Mapping[str, bytes],
        series: str = CLEAN,
        copy: int = 0,
    ) -> str:
        location = f"images/{recording}{label}.png"
        self.files[location] = files[PICTURE]
        return location

    def finish(self, chunk: int, keys: Keys) -> tuple[ShardFile, ...]:
        self.finished.append((chunk, [key for _, of_recording in keys for key in of_recording]))
        return self.shards

    def discard(self, chunk: int, recording: str) -> None:
        for location in [one for one in self.files if one.startswith(f"images/{recording}.")]:
            del self.files[location]

    def sweep(self, chunk: int, recording: str) -> None:
        """Nothing is ever half written."""

    def holds(
        self,
        path: str,
        size: int,
        checksum: int | None = None,
        kind: str = PICTURE,
        series: str = CLEAN,
    ) -> bool:
        data = self.files.get(path, b"")
        return len(data) == size and checksum in (None, zlib.crc32(data))


def drawn(item: Item, store: Store) -> Result:
    """The result of a recording that was drawn as one picture."""
    data = bytes(SIZE)
    path = store.put(item.chunk, item.name, "", {PICTURE: data})
    facts = {"path": path, "key": item.name} | NO_FILES | file_columns(PICTURE, data)
    empty: Row = {c.name: "" if c.dtype == "text" else 0 for c in PICTURE_COLUMNS[1:]}
    row = broken(item).recording | {
        "status": DRAWN,
        "pictures": 1,
        "bytes": SIZE,
        "rate_hz": 500.0,
        "class": "",
        "message": "",
        "remedy": "",
    }
    return Result(item.index, row, [empty | facts])


def broken(item: Item) -> Result:
    """The result of a recording that could not be drawn."""
    return failed(item, RecordingError(FailureKind.CORRUPT, "it is broken", "repair it"))


class FakePool:
    """Workers that draw at once, or when a test lets them.

    Parameters
    ----------
    store
        Where they put pictures.
    clock
        Passes while the rank waits for a result that does not come.
    fails
        Indices of recordings that cannot be drawn.
    content
        Whether results say what the content of their file is, as with --strict.
    at_a_time
        Results that one `take` may return; 0 for workers that never return one.

    Attributes
    ----------
    given
        Indices of all recordings that were given, in order.
    drained
        Whether the rank has said that the job stops.
    error
        Raised in place of the next result, if there is one.
    on_give
        Called when recordings are given.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock | None = None,
        fails: Collection[int] = (),
        at_a_time: int = 1000,
        content: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self.fails = fails
        self._content = content
        self.error: JobError | None = None
        self.on_give: Callable[[], None] | None = None
        self._waiting: deque[Work] = deque()
        self.at_a_time = at_a_time
        self.given: list[int] = []
        self.drained = False
        self.ended = False
        self.lost: Counter[str] = Counter()
        self.supervisors_lost = 0

    @property
    def in_flight(self) -> int:
        return len(self._waiting)

    def ranks_ready(self) -> None:
        """Nothing watches this rank."""

    def begin(self, start: StartWorkers) -> None:
        """Nothing is to be started."""

    def give(self, items: Sequence[Work]) -> None:
        if self.on_give:
            self.on_give()
        self._waiting.extend(items)
        self.given += [one.item.index if isinstance(one, Settled) else one.index for one in items]

    def take(self, timeout: float) -> Iterator[Result]:
        if self._clock and not (self._waiting and self.at_a_time):
            self._clock.advance(timeout)
        for _ in range(min(self.at_a_time, len(self._waiting))):
            if self.error:
                raise self.error
            yield self._result(self._waiting.popleft())

    def _result(self, work: Work) -> Result:
        if isinstance(work, Settled):
            return work.result
        result = broken(work) if work.index in self.fails else drawn(work, self._store)
        if self._content:
            result.recording["content"] = content_sum(work.path)
        return result

    def drain(self) -> None:
        self.drained = True

    def end(self) -> None:
        self.ended = True


class FakeJournal:
    """A journal whose records reach the disk at once, or when a test lets them.

    Attributes
    ----------
    records
        Chunk -> results, of all that was appended.
    reaches_disk
        Whether records reach the disk without being waited for.
    error
        Raised by the next write, if there is one.
    """

    def __init__(self) -> None:
        self.records: dict[int, list[Result]] = {}
        self.twice: list[int] = []
        self.reaches_disk = True
        self.error: OSError | None = None
        self._pending: list[int] = []

    def append(self, chunk: int, results: list[Result], shards: Sequence[ShardFile] = ()) -> None:
        if self.error:
            raise self.error
        if chunk in self.records:
            self.twice.append(chunk)
        self.records[chunk] = results
        self._pending.append(chunk)

    def on_disk(self, wait: bool = False) -> Iterator[int]:
        if wait or self.reaches_disk:
            pending, self._pending = self._pending, []
            yield from pending


class Limit:
    """What stops a job without a signal: nothing, until a test names it."""

    def __init__(self) -> None:
        self.why = ""
        self.recordings = self.failed = 0

    def count(self, recordings: int, failed: int) -> None:
        self.recordings += recordings
        self.failed += failed

    def reached(self) -> str:
        return self.why


def catalogue_of(folder: Path, n: int, chunk_size: int = 1) -> Catalogue:
    """A catalogue of `n` recordings, in chunks of `chunk_size`; nothing is read."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"R{number:04d}" for number in range(n)]
    found = [Found(name, f"{name}.mat", f"{folder}/{name}.mat", 1) for name in names]
    return Catalogue.build(folder / "catalogue.sqlite", found, Chunking(exactly=chunk_size))


def journaled(
    folder: Path,
    results: Iterable[Result],
    chunk_size: int = 1,
    run: int = 0,
    shards: Sequence[ShardFile] = (),
) -> Path:
    """Journals on disk that hold `results`, whose chunks are complete, each with `shards`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    chunks: dict[int, list[Result]] = {}
    for result in results:
        chunks.setdefault(result.index // chunk_size, []).append(result)
    writer = JournalWriter(folder, 0, run)
    for chunk, of_chunk in chunks.items():
        writer.append(chunk, of_chunk, shards)
    assert list(writer.on_disk(wait=True)) == list(chunks)
    writer.close()
    return folder


def until(condition: Callable[[], bool], step: Callable[[], object], most: int = 1000) -> None:
    """Take steps until `condition` holds; fail where it does not after so `most` of them."""
    for _ in range(most):
        if condition():
            return
        step()
    raise AssertionError(f"not after {most} steps")
