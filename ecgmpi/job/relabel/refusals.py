"""What cannot be labelled: each refused before anything is changed, saying what to do."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

from ecgmpi.amounts import count
from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.catalogue_changes import MOST_NAMED
from ecgmpi.errors import JobError, UsageError
from ecgmpi.job.recheck import Checking
from ecgmpi.labels.keys import KeyKind, divided_key
from ecgmpi.names import written
from ecgmpi.options.labels import HEADER, Labelling
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import NOT_GIVEN, from_text
from ecgmpi.options.splits import NO_SPLIT, SPLIT
from ecgmpi.outdir.job_file import JobFile
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.finished import again
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.store import Store

_AT_ONCE = 4096
"""Recordings of which labels are looked at together."""


def job_of(paths: JobPaths) -> JobFile:
    """The job that drew an OUT.

    Raises
    ------
    JobError
        It is not known, or was being removed.
    """
    job_file = JobFile.read(paths)
    if job_file is None:
        raise JobError(
            f"{_called(paths)}: .ecgmpi/{paths.job_json.name} is missing, which says how it was "
            "made; copy the folder .ecgmpi, too, when you copy an OUT"
        )
    if job_file.removing:
        raise JobError(
            f"{_called(paths)} is half emptied by an --overwrite that was stopped; run that ecgmpi "
            "render command again"
        )
    return job_file


def rendering_of(paths: JobPaths, job_file: JobFile) -> Rendering:
    """The options of a job, but for those of labels.

    Raises
    ------
    JobError
        They are those of another version, or its shards were made with another one of what packs.
    """
    try:
        rendering = from_text(job_file.options)
    except UsageError as error:
        raise JobError(
            f"{_called(paths)}: its job.json is not of this version of ecgmpi ({error}); label it "
            "with the version that made it"
        ) from error
    for package in rendering.packed_by:
        made_by, here = job_file.versions.get(package, "another version"), version(package)
        if made_by != here:
            raise JobError(
                f"{_called(paths)}: its shards were made with {package} {made_by}, and here is "
                f"{here}, which may write other bytes; install that version"
            )
    return rendering


def refuse_unfinished(paths: JobPaths, catalogue: Catalogue, journals: JournalIndex) -> None:
    """Refuse an OUT of which recordings are left to draw.

    Raises
    ------
    JobError
        It is one.
    """
    done, expected = journals.total.recordings, catalogue.n_recordings
    if done < expected:
        raise JobError(
            f"{_called(paths)}: the job has not ended: {done:,} of {expected:,} recordings are "
            f"done; {again(paths)} to resume it, then label it"
        )


def refuse_lost(
    paths: JobPaths,
    catalogue: Catalogue,
    journals: JournalIndex,
    store: Store,
    check: Callable[[], None],
) -> None:
    """Refuse an OUT that lacks files.

    Parameters
    ----------
    paths, catalogue, journals, store
        Of OUT.
    check
        Called now and then; what it raises ends the work.

    Raises
    ------
    JobError
        One is missing, or of another size.
    """
    checking = Checking(paths, store)
    lost: list[int] = []
    for chunk in range(catalogue.n_chunks):
        check()
        first = catalogue.chunks.recordings(chunk).start
        lost += checking.check(journals.place(chunk, first)).lost
    if lost:
        names = [item.name for item in catalogue.items(lost[:MOST_NAMED])]
        more = f" and {len(lost) - len(names):,} more" if len(lost) > len(names) else ""
        raise JobError(
            f"{_called(paths)}: files of {count(len(lost), 'recording')} are missing or of another "
            f"size ({', '.join(names)}{more}); {again(paths)}, which draws them, then label it"
        )


def refuse_changed_inputs(paths: JobPaths, catalogue: Catalogue, labelling: Labelling) -> None:
    """Refuse to read labels, or keys of recordings, from an INPUT that is not what was drawn.

    Raises
    ------
    JobError
        A file of it has changed or is gone.
    """
    kinds = (divided_key(given)[1] for given in labelling.metadata_key or ())
    if HEADER not in (labelling.metadata or ()) and KeyKind.KEY not in kinds:
        return
    if changed := catalogue.changed_files():
        raise JobError(
            f"{_called(paths)}: these labels are read from INPUT, which is not as it was drawn "
            f"({', '.join(changed)}); put it back, or take the labels from a table by another key"
        )


def refuse_other_splits(paths: JobPaths, catalogue: Catalogue) -> None:
    """Refuse splits other than those that shards are divided by.

    Parameters
    ----------
    paths
        Of OUT.
    catalogue
        Its catalogue, with the labels that it is to have.

    Raises
    ------
    JobError
        A recording would be in another split than its shard, or shards in another order.
    """
    sections = catalogue.chunks.splits
    if not sections:
        return
    there = [name for name, _ in sections if name != NO_SPLIT]
    wanted = (
        [name for name, n in catalogue.split.recordings.items() if n] if catalogue.split else []
    )
    if there != wanted or _moved(catalogue):
        raise JobError(
            f"{_called(paths)}: its shards are divided into the splits {', '.join(there)}, and "
            "these labels would move recordings to others; label it with the split that it was "
            f"drawn with ({_drawn_split(job_of(paths))}), or draw it again into another OUT"
        )


def _drawn_split(job_file: JobFile) -> str:
    """The options that shards were divided by, as a user would type them."""
    said = job_file.options
    flags = ["--split", *(["--split-by"] if said.get("--split-by") != NOT_GIVEN else [])]
    table = ", ".join(job_file.tables.values())
    # Shares of recordings need no table.
    by_table = table and ("=" in said.get("--split", "") or len(flags) > 1)
    how = " ".join(f"{flag} {said.get(flag)}" for flag in flags)
    return f"{how}, by a column of {table}" if by_table else how


def _moved(catalogue: Catalogue) -> bool:
    """Whether a recording has another split than its shard."""
    labels = catalogue.labels
    if labels is None:
        return True
    for (name, _), indices in zip(catalogue.chunks.splits, catalogue.chunks.ranges, strict=True):
        own = b"" if name == NO_SPLIT else name.encode()
        for first in range(indices.start, indices.stop, _AT_ONCE):
            block = labels.block(first, min(first + _AT_ONCE, indices.stop))
            if (block[SPLIT] != own).any():
                return True
    return False


def no_records(catalogue: Catalogue, journals: JournalIndex) -> list[str]:
    """Say which chunks have no record in the journals any more."""
    gone = (chunk for chunk in range(catalogue.n_chunks) if not journals.is_done(chunk))
    return [f"the journals hold nothing of chunk {chunk:06d}" for chunk in gone]


def not_labelled(paths: JobPaths, faults: list[str]) -> JobError:
    """The error of an OUT some shards or files of which are lost or altered, as `faults` say."""
    more = f"; and {len(faults) - MOST_NAMED:,} more" if len(faults) > MOST_NAMED else ""
    return JobError(
        f"{_called(paths)}: not all of it could be labelled: {'; '.join(faults[:MOST_NAMED])}"
        f"{more}; {again(paths)}, which draws what is left"
    )


def _called(paths: JobPaths) -> str:
    return f"OUT {written(str(paths.out))}"
