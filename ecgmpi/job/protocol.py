"""What rank 0, the leader, and every rank (rank 0 too) say to each other.

    Begin          to every rank once OUT is claimed: the number of this run, where splits begin
    Want       ->  Chunks, or Check once all is drawn, or NoMore
    Again      ->  Items        recordings of a finished chunk that must be drawn again
    Done       ->               a chunk is journaled: counts only, the rows are in the journal
    Whole      ->               chunks that were checked and are complete
    Changed    ->               with --strict: files of a chunk whose content has changed
    Stopping   ->  Drain        to every rank
    Broken     ->  Exit         to every rank
    Finished   ->  Exit         to every rank, once all have finished
    Exit       ->  Ended        once that rank writes no more
    Alive      <-> Alive        heartbeat

mpi4py pickles them; nothing else depends on how they travel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecgmpi.corpus.item import Item
from ecgmpi.results.journal_index import RecordLocation
from ecgmpi.store import Splits

from .comm.communicator import Communicator
from .in_flight import Counts
from .pool.messages import Work

SupervisorFacts = dict[str, Any]
"""What run.json says of a rank's workers: how many it ran, and how many it lost to what."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of the catalogue that is handed out to be drawn.

    Attributes
    ----------
    number
        Which one, from 0.
    work
        What there is to do for each of its recordings.
    """

    number: int
    work: list[Work]


# --- from a rank to the leader ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """The rank has begun, with so many workers."""

    workers: int


@dataclass(frozen=True, slots=True)
class Want:
    """The rank has room for so many recordings."""

    recordings: int


@dataclass(frozen=True, slots=True)
class Again:
    """Recordings, by their index in the catalogue, that the check found missing."""

    indices: list[int]


@dataclass(frozen=True, slots=True)
class Done:
    """A chunk is journaled.

    Attributes
    ----------
    chunk, counts
        Which one, and what it adds to the counts of the job.
    failures
        A line for each recording that failed, if the job asked to see them.
    """

    chunk: int
    counts: Counts
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """Chunks of an earlier run that are all there."""

    chunks: list[int]


@dataclass(frozen=True, slots=True)
class Changed:
    """Files of a chunk, below INPUT, whose content is not what was drawn."""

    chunk: int
    sources: list[str]


@dataclass(frozen=True, slots=True)
class Stopping:
    """The rank received a signal, by its name, and stops."""

    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The rank cannot continue.

    Attributes
    ----------
    message
        Why, for the user.
    status
        The exit status that this means.
    """

    message: str
    status: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The rank has done its work."""

    facts: SupervisorFacts


@dataclass(frozen=True, slots=True)
class Ended:
    """The rank writes no more."""


@dataclass(frozen=True, slots=True)
class Alive:
    """Heartbeat, in both directions."""


# --- from the leader to a rank ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begin:
    """OUT is claimed.

    Attributes
    ----------
    run
        The number of this run.
    splits
        Each split that has shards of its own, and its first chunk.
    """

    run: int
    splits: Splits = ()


@dataclass(frozen=True, slots=True)
class Chunks:
    """Chunks to draw."""

    chunks: list[Chunk]


@dataclass(frozen=True, slots=True)
class Check:
    """Chunks of an earlier run to look through."""

    places: list[RecordLocation]


@dataclass(frozen=True, slots=True)
class NoMore:
    """Everything is handed out."""


@dataclass(frozen=True, slots=True)
class Items:
    """The recordings that the rank asked for by `Again`."""

    items: list[Item]


@dataclass(frozen=True, slots=True)
class Drain:
    """The job stops: finish what is in flight."""

    why: str


@dataclass(frozen=True, slots=True)
class Exit:
    """End with this exit status."""

    status: int


ToLeader = (
    Ready | Want | Again | Done | Whole | Changed | Stopping | Broken | Finished | Ended | Alive
)
ToRank = Begin | Chunks | Check | NoMore | Items | Drain | Exit | Alive
Message = ToLeader | ToRank
JobCommunicator = Communicator[Message]
