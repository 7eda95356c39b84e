"""Label a finished OUT on one page: join, note what is begun, rewrite chunks, write the manifest.

From the note in job.json on, OUT is half labelled: it has no manifest, and every other command
refuses it. Which chunks are done is in the journals of the runs since then. So whatever ends this
process, the same command resumes. With other labels, it starts over with all chunks.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import JobError, StoppedError
from ecgmpi.host.signals import Signals
from ecgmpi.job.cataloguing import TAKEN
from ecgmpi.job.labels import tell_labels
from ecgmpi.job.pool.probe import Probe
from ecgmpi.labels.facts import SplitFacts, TableFacts
from ecgmpi.names import written
from ecgmpi.options.labels import Labelling
from ecgmpi.options.spelling import as_text
from ecgmpi.outdir.lease import Lease, acquire
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.outdir.provenance import amend_run, now
from ecgmpi.picture_formats import ANNOTATION
from ecgmpi.pipeline import hints_for, store_spec
from ecgmpi.results.finished import FinishedOut
from ecgmpi.results.journal_index import JournalIndex, remove_earlier
from ecgmpi.results.label_columns import labels_of, names_of
from ecgmpi.results.manifest_stamp import write_sealed
from ecgmpi.store import open_store
from ecgmpi.store.series import refuse_splits

from .refusals import (
    job_of,
    no_records,
    not_labelled,
    refuse_changed_inputs,
    refuse_lost,
    refuse_other_splits,
    refuse_unfinished,
    rendering_of,
)
from .rewriting import Rewriting, Rewritten


@dataclass(frozen=True, slots=True)
class HowToLabel:
    """What changes no byte of what comes out.

    Attributes
    ----------
    workers
        Processes to use; None for the cores that this one may use.
    scratch
        A folder of the node for shards that are made elsewhere; None for the usual one.
    progress
        Whether to show on standard error how far it is.
    quiet
        Whether to say only what is odd.
    """

    workers: int | None = None
    scratch: str | None = None
    progress: bool = True
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """How a labelling ended.

    Attributes
    ----------
    recordings
        Of OUT.
    columns, tables, split
        The labels that they have now, how each table matched them, and how they are divided into
        splits; None where they are not.
    removed
        The labels that they had when this run began, and have no more.
    rewritten
        Recordings whose files this run wrote again; 0 where no file has labels, or all had them.
    shards
        Shards that it wrote again.
    seconds
        Wall time.
    """

    recordings: int
    columns: tuple[str, ...]
    tables: tuple[TableFacts, ...]
    split: SplitFacts | None
    removed: tuple[str, ...]
    rewritten: int
    shards: int
    seconds: float


def label_out(out: Path, labelling: Labelling, how: HowToLabel) -> LabelSummary:
    """Give a finished OUT the labels of `labelling`, and no others, without drawing anything.

    Raises
    ------
    UsageError
        It is not an OUT; or a table cannot be read, or does not match.
    StoppedError
        A signal has stopped it; the same command resumes.
    JobError
        OUT is in use, its job has not ended, or it cannot be written to.
    """
    # Refused before anything is written.
    FinishedOut.open(out, to_label=True)
    paths = JobPaths(out.absolute())
    with Signals() as signals, _explained(paths), ExitStack() as stack:
        job_of(paths)
        lease = stack.enter_context(
            acquire(paths.hidden, stopped=lambda: signals.received, elsewhere=False)
        )
        # Another may have been at work until just now.
        FinishedOut.open(out, to_label=True)
        return _Labeller(paths, labelling, how, signals, lease).run()


class _Labeller:
    """One labelling of an OUT that is held."""

    def __init__(
        self,
        paths: JobPaths,
        labelling: Labelling,
        how: HowToLabel,
        signals: Signals,
        lease: Lease,
    ) -> None:
        self._paths = paths
        self._labelling = labelling
        self._how = how
        self._signals = signals
        self._lease = lease
        self._started, self._begun = now(), time.monotonic()
        self._before = job_of(paths)
        self._rendering = rendering_of(paths, self._before)
        self._had: tuple[str, ...] = ()
        if labelling.split_rule is not None:
            # No command could resume such a job.
            refuse_splits(self._rendering.worn_series, labelling.split_rule.names)
        self._spec = store_spec(self._rendering, durable=True)

    def run(self) -> LabelSummary:
        """Do all of it."""
        paths, before = self._paths, self._before
        with FinishedOut(paths).catalogue() as catalogue:
            self._had = names_of(catalogue)
            journals = JournalIndex(paths.journals, catalogue.n_chunks)
            if before.labelling is None:
                refuse_unfinished(paths, catalogue, journals)
            wanted = before.labelled(self._labelling, not catalogue.chunks.splits)
            known = before.options == wanted.options
            if known and before.labelling is None:
                tell_labels(paths, catalogue, self._how.quiet)
                write_sealed(paths, journals, self._check, labels_of(catalogue))
                return self._summary(catalogue, Rewritten())
        with self._joined() as catalogue:
            refuse_other_splits(paths, catalogue)
            if before.labelling is None:
                store = open_store(self._rendering.pack, paths.out, self._spec)
                refuse_lost(paths, catalogue, journals, store, self._check)
            first_run = before.labelling if known else None
            if first_run is None:
                first_run = journals.next_run
            self._begin(catalogue, first_run)
            rewritten = Rewritten()
            if any(ANNOTATION in series.endings for series in self._spec.every_series):
                rewritten = self._rewriting.rewrite(catalogue, journals, first_run, self._check)
                remove_earlier(paths.journals, first_run)
            # A journal may have been damaged since it was begun.
            rewritten.faults += no_records(catalogue, journals)
            if rewritten.faults:
                # What is not labelled is left to be drawn, as if the job had been stopped.
                replace(wanted, overwriting=False).write(paths)
                raise not_labelled(paths, rewritten.faults)
            journals = JournalIndex(paths.journals, catalogue.n_chunks)
            write_sealed(paths, journals, self._check, labels_of(catalogue))
            amend_run(paths.run_json, self._facts(catalogue))
            self._lease.check()
            replace(wanted, overwriting=False).write(paths)
            return self._summary(catalogue, rewritten)

    @contextmanager
    def _joined(self) -> Iterator[Catalogue]:
        """The catalogue with the new labels, for a block; a file of its own, for `_begin`."""
        fresh, labelling = self._fresh, self._labelling
        with ExitStack() as undo:
            undo.callback(fresh.unlink, missing_ok=True)
            # SQLite does not say why a file cannot be made.
            fresh.touch()
            catalogue = Catalogue.without_labels(fresh, self._paths.catalogue)
            undo.callback(catalogue.close)
            if labelling.labelled:
                refuse_changed_inputs(self._paths, catalogue, labelling)
                with closing(Probe(hints_for(self._rendering), self._stopped)) as probe:
                    catalogue.add_labels(labelling, probe.entries, TAKEN, self._check)
            yield catalogue

    def _begin(self, catalogue: Catalogue, first_run: int) -> None:
        """Note that OUT is half labelled, and remove what says otherwise."""
        paths = self._paths
        self._check()
        undivided = not catalogue.chunks.splits
        self._before.labelled(self._labelling, undivided, first_run).write(paths)
        for path in (
            paths.seal,
            paths.manifest_h5,
            paths.manifest_csv,
            paths.pictures_h5,
            paths.unmatched_csv,
        ):
            path.unlink(missing_ok=True)
        with self._fresh.open("rb") as handle:
            os.fsync(handle.fileno())
        self._fresh.replace(paths.catalogue)
        tell_labels(paths, catalogue, self._how.quiet)

    def _check(self) -> None:
        """Raise what ends the work."""
        self._lease.check()
        if why := self._stopped():
            raise StoppedError(why)

    def _stopped(self) -> str:
        return self._signals.received

    @property
    def _rewriting(self) -> Rewriting:
        how = self._how
        return Rewriting(
            self._paths,
            self._rendering.pack,
            self._spec,
            self._before.labelling is None,
            how.workers,
            how.scratch,
            how.progress and not how.quiet,
        )

    @property
    def _fresh(self) -> Path:
        return self._paths.catalogue.with_suffix(".new")

    def _facts(self, catalogue: Catalogue) -> dict[str, object]:
        """What run.json has of it."""
        return {
            "options": as_text(self._labelling),
            "labels": [asdict(table) for table in catalogue.label_tables],
            "split": asdict(catalogue.split) if catalogue.split else None,
            "labelled": {
                "command": [*map(written, sys.argv)],
                "started": self._started,
                "ended": now(),
            },
        }

    def _summary(self, catalogue: Catalogue, rewritten: Rewritten) -> LabelSummary:
        columns = names_of(catalogue)
        return LabelSummary(
            catalogue.n_recordings,
            columns,
            catalogue.label_tables,
            catalogue.split,
            tuple(name for name in self._had if name not in columns),
            rewritten.recordings,
            rewritten.shards,
            time.monotonic() - self._begun,
        )


@contextmanager
def _explained(paths: JobPaths) -> Iterator[None]:
    """What the system says of OUT, as one line."""
    again = "check that it exists and has room, then run the same command again"
    try:
        yield
    except OSError as error:
        raise JobError(
            f"OUT {written(str(paths.out))}: {error.strerror or error}; {again}"
        ) from error
    except sqlite3.Error as error:
        raise JobError(
            f"OUT {written(str(paths.out))}: cannot read or write the catalogue: {error}; {again}"
        ) from error
