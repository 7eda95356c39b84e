"""What passes between a rank and its workers, apart from recordings and results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecgmpi.corpus.item import Item
from ecgmpi.errors import FailureKind
from ecgmpi.options.declared import Rendering
from ecgmpi.pipeline import Pipeline, layout_for, outputs_for
from ecgmpi.results.result import Result


@dataclass(frozen=True, slots=True)
class JobSpec:
    """All that workers need to know about the job."""

    rendering: Rendering
    out: Path
    pack: str
    timeout: float
    verbose: int = 0
    recycle_after: int = 1000
    """Recordings after which a worker is replaced by a fresh one: what libraries leak goes
    with it, and the 50 ms of CPU that it costs are lost among the seconds that they took."""

    def __post_init__(self) -> None:
        # What a worker would stumble over is said before there is any.
        Pipeline.of(self.rendering)

    @property
    def in_folder(self) -> bool:
        """Whether a recording has a folder of pictures, or one picture called after it."""
        return not layout_for(self.rendering)[0].one_page

    @property
    def endings(self) -> dict[str, str]:
        """What the names of the files of a picture end in, by kind, the picture's own first."""
        return outputs_for(self.rendering).endings


@dataclass(frozen=True, slots=True)
class StartWorkers:
    """What a crew is told when OUT is claimed and there is work.

    Attributes
    ----------
    n_workers
        Workers to keep.
    memory
        Bytes that each may come to hold beyond what it is forked with; 0 is any number.
    attempts
        Folder in which to note what is in hand; None to note nothing.
    """

    n_workers: int
    memory: int = 0
    attempts: Path | None = None


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """What a crew says when it has lost a worker, and to what."""

    kind: FailureKind


@dataclass(frozen=True, slots=True)
class StorageFailed:
    """The answer of a worker that finds that nothing can be stored any more."""

    why: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A recording of a chunk of which the result is known: no worker draws it."""

    item: Item
    result: Result


Work = Item | Settled
"""What a rank gives to its pool."""


def index_of(work: Work) -> int:
    """Place of a recording in the catalogue, from 0."""
    return work.item.index if isinstance(work, Settled) else work.index


RANKS_READY = "met"
"""What a rank says to its crew when all ranks have started."""

DRAIN = "leave"
"""What a rank says to its crew before it hangs up, or when it is told to stop: whatever is in
hand then is left for another run, and nobody's fault."""
