"""The messages between a rank, its supervisor and its workers, apart from results."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.corpus.item import Item
from ecgmpi.errors import FailureKind
from ecgmpi.options.rendering import Rendering
from ecgmpi.pipeline import Pipeline, store_spec
from ecgmpi.results.result import Result
from ecgmpi.store import NOWHERE, PACKINGS, Splits, Store, open_store

from .failures import WorkerFailure


@dataclass(frozen=True, slots=True)
class JobSpec:
    """All that workers need to know about the job."""

    rendering: Rendering
    out: Path
    pack: str
    timeout: float
    verbose: int = 0
    recycle_after: int = 1000
    """Recordings after which a fresh worker replaces a worker: that frees what libraries leak,
    and its 50 ms of CPU are small against the seconds that the recordings took."""

    def __post_init__(self) -> None:
        # What a worker would fail on is refused before any is started.
        Pipeline.of(self.rendering)

    def open_store(self, fragments: Path | None = None, splits: Splits = ()) -> Store:
        """Open the store that the job's pictures go to.

        `fragments` is as `Store` takes it, and `splits` as `StoreSpec` does.
        """
        return open_store(self.pack, self.out, store_spec(self.rendering, splits), fragments)

    @property
    def packs(self) -> bool:
        """Whether the job makes shards."""
        return self.pack != NOWHERE and PACKINGS[self.pack].shards


@dataclass(frozen=True, slots=True)
class StartWorkers:
    """Sent to the supervisor when OUT is claimed and there is work.

    Attributes
    ----------
    n_workers
        Workers to keep.
    memory
        Bytes that each may come to hold beyond what it is forked with; 0 is any number.
    attempts, attempts_name
        Folder in which to note the recordings in flight, and in which file; None to note
        nothing.
    fragments
        Folder for what is drawn and not packed yet; None where nothing is packed.
    splits
        Each split that has shards of its own, and its first chunk.
    """

    n_workers: int
    memory: int = 0
    attempts: Path | None = None
    attempts_name: str = ""
    fragments: Path | None = None
    splits: Splits = ()


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """Sent by the supervisor when it has lost a worker: the class of failure."""

    kind: FailureKind


@dataclass(frozen=True, slots=True)
class StorageFailed:
    """The answer of a worker that finds that nothing can be stored any more."""

    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a worker, on its way through the supervisor, which has no need to unpickle it.

    Attributes
    ----------
    index
        Place of the recording in the catalogue, from 0.
    data
        The `Result`, pickled.
    out_of_memory
        It once more, as it is, where it says that memory ran out: see `failures.out_of_memory`.
    """

    index: int
    data: bytes
    out_of_memory: Result | None = None

    @classmethod
    def of(cls, result: Result) -> Answer:
        """Wrap a result."""
        data = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
        said_so = result.recording["class"] == FailureKind.MEMORY
        return cls(result.index, data, result if said_so else None)


@dataclass(frozen=True, slots=True)
class Settled:
    """A recording of a chunk of which the result is known: no worker draws it."""

    item: Item
    result: Result


@dataclass(frozen=True, slots=True)
class Suspects:
    """Sent to a supervisor that replaces one that was killed.

    Attributes
    ----------
    items
        What that one had in flight: each is to be tried with nothing else in flight.
    failure
        How it ended.
    """

    items: list[Item]
    failure: WorkerFailure


Work = Item | Settled
"""What a rank gives to its pool."""


def item_of(work: Work) -> Item:
    """The recording."""
    return work.item if isinstance(work, Settled) else work


def index_of(work: Work) -> int:
    """Place of a recording in the catalogue, from 0."""
    return item_of(work).index


RANKS_READY = "met"
"""Sent by a rank to its supervisor when all ranks have started."""

DRAIN = "leave"
"""Sent by a rank to its supervisor when the job is stopped, and before it closes the channel:
whatever is in flight then is left for another run and does not count as an attempt."""
