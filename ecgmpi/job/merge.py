"""Merge the parts of a job into one manifest, as if it had never been divided."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import ExitStatus, JobError
from ecgmpi.options.quantities import ALL, Part
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.outdir.provenance import now, write_run
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.label_columns import labels_of
from ecgmpi.results.manifest_stamp import write_sealed

from .context import ReportWriter
from .open_out import gathered
from .summary import Summary

_NOTE = re.compile(r"(\d+)-of-(\d+)\.json")


def merge_parts(out: Path, report: ReportWriter | None = None) -> Summary:
    """Write the manifest of an OUT that was drawn by ``--part``; can be repeated.

    Parameters
    ----------
    out
        OUT.
    report
        Writes the report; None for no report.

    Raises
    ------
    JobError
        A part is incomplete or still running; or OUT, or the note of a part, cannot be read; or
        OUT cannot be written.
    """
    paths, start, started = JobPaths(out.absolute()), time.monotonic(), now()
    try:
        with gathered(paths) as (catalogue, lease, options):
            journals = JournalIndex(paths.journals, catalogue.n_chunks)
            total = journals.total
            if total.recordings < catalogue.n_recordings:
                raise JobError(_incomplete(paths, catalogue, journals))
            # Before anything is written: a damaged note ends the merge here.
            notes = _notes(paths)
            write_sealed(paths, journals, lease.check, labels_of(catalogue))
            summary = Summary(
                status=ExitStatus.COMPLETE_WITH_FAILURES if total.failed else ExitStatus.COMPLETE,
                expected=catalogue.n_recordings,
                recordings=total.recordings,
                failed=total.failed,
                pictures=total.pictures,
                bytes=total.bytes,
                failures=total.failures,
                assumed=total.assumed,
                skipped=catalogue.skipped,
                labels=catalogue.label_tables,
                split=catalogue.split,
                seconds=time.monotonic() - start,
            )
            facts = {"started": started, "ended": now(), "options": options, **summary.facts}
            write_run(paths.run_json, facts | {"parts": notes})
            if report is not None:
                page = report(paths.out, lease.check, True)
                summary = replace(summary, report=str(page or ""))
    except OSError as error:
        raise JobError(
            f"OUT {paths.out}: {error.strerror or error}; check that it exists and has room, "
            "then run the same command again"
        ) from error
    return summary


def _incomplete(paths: JobPaths, catalogue: Catalogue, journals: JournalIndex) -> str:
    left = catalogue.n_recordings - journals.total.recordings
    of = {part.of for part in map(_part_of, _files(paths))}
    if len(of) != 1:
        again = "ecgmpi render without --part, on the same INPUT and OUT, draws them"
    else:
        parts = [Part(number + 1, n) for n in of for number in range(n)]
        missing = [str(part) for part in parts if _lacks(part, catalogue, journals)]
        again = f"run --part {', '.join(missing)} again"
    return (
        f"OUT {paths.out}: {left} of {catalogue.n_recordings} recordings are not done; "
        f"{again}, then merge"
    )


def _lacks(part: Part, catalogue: Catalogue, journals: JournalIndex) -> bool:
    chunks = range(part.number - 1, catalogue.n_chunks, part.of)
    return not all(journals.is_done(chunk) for chunk in chunks)


def _notes(paths: JobPaths) -> list[dict[str, Any]]:
    """The note of each part, in order."""
    found = {_part_of(path): _note(path) for path in _files(paths)}
    if damaged := [str(part) for part, note in found.items() if note is None]:
        raise JobError(
            f"OUT {paths.out}: the note of part {', '.join(damaged)} is damaged; run --part "
            f"{', '.join(damaged)} again, which only rewrites the note, then merge"
        )
    return [note for note in found.values() if note is not None]


def _note(path: Path) -> dict[str, Any] | None:
    """The note of a part; None if it is damaged."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return note if isinstance(note, dict) else None


def _files(paths: JobPaths) -> list[Path]:
    if not paths.parts.exists():
        return []
    found = [path for path in paths.parts.iterdir() if _NOTE.fullmatch(path.name)]
    return sorted(found, key=lambda path: (_part_of(path).of, _part_of(path).number))


def _part_of(path: Path) -> Part:
    found = _NOTE.fullmatch(path.name)
    return Part(int(found[1]), int(found[2])) if found else ALL
