"""Label all chunks of an OUT that are left, and journal each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.host.cores import affinity, default_workers, quota
from ecgmpi.job.scratch import fragment_folder, remove_left
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.store import PACKINGS, StoreSpec

from .chunks import LabelTask, Setting
from .processes import label_chunks
from .progress import Progress


@dataclass(slots=True)
class Rewritten:
    """What was written again.

    Attributes
    ----------
    recordings, shards
        How many.
    faults
        What could not be, as it is lost or altered.
    """

    recordings: int = 0
    shards: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """How chunks are written again.

    Attributes
    ----------
    paths, pack, spec
        OUT, how its pictures are packed, and what a store knows of its job.
    trusted
        As `Setting` has it.
    workers, scratch
        Processes to use, None for the cores that this one may use; and a folder of the node for
        shards that are made elsewhere, None for the usual one.
    shown
        Whether to show on standard error how far it is.
    """

    paths: JobPaths
    pack: str
    spec: StoreSpec
    trusted: bool
    workers: int | None
    scratch: str | None
    shown: bool

    def rewrite(
        self,
        catalogue: Catalogue,
        journals: JournalIndex,
        first_run: int,
        check: Callable[[], None],
    ) -> Rewritten:
        """Give every chunk that no run since `first_run` has journaled the labels of a catalogue.

        `check` is called now and then; what it raises ends the work.

        Raises
        ------
        OSError, StoreError
            The disk is full or gone.
        JobError
            A process was killed.
        """
        paths = self.paths
        done = filter(journals.is_done, range(catalogue.n_chunks))
        left = [chunk for chunk in done if journals.run_of(chunk) < first_run]
        tasks = (
            LabelTask(
                journals.place(chunk, catalogue.chunks.recordings(chunk).start),
                [item.labels for item in catalogue.chunk(chunk)],
            )
            for chunk in left
        )
        rewritten = Rewritten()
        # What a run left that was killed.
        remove_left(paths, None)
        with ExitStack() as stack:
            scratch: Path | None = None
            if PACKINGS[self.pack].shards:
                stack.callback(remove_left, paths, None)
                scratch = stack.enter_context(fragment_folder(paths, None, self.scratch, "label"))
            progress = Progress(catalogue.n_recordings, self.shown)
            stack.enter_context(closing(progress))
            n_left = sum(len(catalogue.chunks.recordings(chunk)) for chunk in left)
            progress.begin(catalogue.n_recordings - n_left)

            def check_and_tell() -> None:
                check()
                progress.tick()

            journal = JournalWriter(paths.journals, 0, journals.next_run)
            stack.enter_context(closing(journal))
            setting = Setting(paths.out, self.pack, self.spec, scratch, self.trusted)
            answers = label_chunks(tasks, setting, self._n_workers(len(left)), check_and_tell)
            for answer in stack.enter_context(closing(answers)):
                if answer.fault:
                    rewritten.faults.append(answer.fault)
                    continue
                journal.append(answer.chunk, answer.results, answer.shards)
                rewritten.recordings += len(answer.results)
                rewritten.shards += answer.n_shards
                progress.add(len(answer.results))
                list(journal.on_disk())
            list(journal.on_disk(wait=True))
        return rewritten

    def _n_workers(self, n_left: int) -> int:
        cores = affinity()
        wanted = self.workers or default_workers(cores, [cores], quota())
        # To start others takes as long as some chunks.
        return max(1, min(wanted, n_left // 2))
