"""How a job ended, in lines for people: at most a screen, the next command to type last."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ecgmpi.amounts import count, size
from ecgmpi.corpus.skipped import skipped_line
from ecgmpi.ecg.assumptions import assumed_lines
from ecgmpi.errors import ExitStatus
from ecgmpi.job.summary import Summary
from ecgmpi.names import original, typed_path
from ecgmpi.outdir.paths import UNMATCHED

MOST_COLUMNS = 100
"""A line that would be longer is divided, but never a path or a command."""

MOST_KINDS = 4
"""Kinds of failures that are named."""

_LOOKED_AT = 200
"""Rows of failures.csv in which an example is looked for."""

AGAIN = "run the same command again to resume"


def ended(
    summary: Summary,
    out: Path,
    inputs: Sequence[str] = (),
    drew: bool = True,
    overwrote: bool = False,
) -> str:
    """How a job ended, in lines.

    Parameters
    ----------
    summary, out
        What the job returned, and its OUT.
    inputs
        What it drew, as typed; an example of a failure is looked for there.
    drew
        False for a merge, which draws nothing.
    overwrote
        Whether the job was told to remove what an earlier one left.
    """
    drawn, skipped = summary.recordings - summary.failed, summary.skipped or {}
    holds = (
        f"{count(summary.pictures, 'picture')} of {count(drawn, 'recording')}, "
        f"{size(summary.bytes)}"
    )
    lines = [*_with_path(f"{holds}, in", typed_path(str(out)))]
    if summary.drawn_now:
        rate = summary.drawn_now / summary.seconds
        steady = f", {summary.rate:.1f} without start-up" if summary.rate > rate else ""
        lines.append(
            f"this run: {summary.drawn_now:,} in {summary.seconds:.1f} s "
            f"({rate:.1f} a second{steady})"
        )
    elif drew and not summary.stopped_by:
        lines.append("this run: nothing was drawn, all of it was done before")
    if summary.restored:
        lines.append(
            f"{count(summary.restored, 'recording')} drawn before had a picture missing or changed"
        )
    if summary.retried:
        lines.append(f"{count(summary.retried, 'recording')} had failed before")
    listed = typed_path(str(out / UNMATCHED))
    labels = (f"labels of {table.line(listed)}" for table in summary.labels)
    split = [summary.split.line] if summary.split else []
    assumed = assumed_lines(summary.assumed or {}, drawn)
    for sentence in (*assumed, skipped_line(skipped), *labels, *split):
        lines += textwrap.wrap(sentence, MOST_COLUMNS, subsequent_indent="  ")
    if summary.failed:
        lines += _failures(summary, out, inputs)
    if summary.stopped_by:
        lines.append(_stopped(summary))
    elif summary.part:
        lines.append(f"part {summary.part} is done")
    if summary.report:
        # As OUT was typed, not as an absolute path.
        lines += _with_path("report:", typed_path(str(out / Path(summary.report).name)))
    return "\n".join([*lines, f"next: {_next(summary, out, drew, overwrote)}"])


def verdict(summary: Summary, out: Path) -> str:
    """How a job ended, in one line."""
    if summary.stopped_by:
        return f"{_stopped(summary)}; {AGAIN}"
    if summary.failed:
        failed = f"{summary.failed:,} of {count(summary.recordings, 'recording')} failed"
        return f"{failed}: {_listed(summary, out)}"
    if summary.status != ExitStatus.COMPLETE:
        return f"stopped early; {AGAIN}"
    return f"complete: {count(summary.recordings, 'recording')} drawn"


def _next(summary: Summary, out: Path, drew: bool, overwrote: bool) -> str:
    if summary.stopped_by:
        return AGAIN
    if summary.part:
        return f"when all parts are done, ecgmpi merge {typed_path(str(out))}"
    if summary.failed and drew:
        # Once a job is complete, that option would remove all it has drawn.
        how = "--retry-failed and without --overwrite" if overwrote else "--retry-failed"
        return f"mend what failed, then run the same command with {how}"
    if summary.failed:
        again = "mend what failed, run the parts with --retry-failed"
        return f"{again}, then ecgmpi merge {typed_path(str(out))}"
    return f"ecgmpi verify {typed_path(str(out))}"


def _stopped(summary: Summary) -> str:
    left = summary.expected - summary.recordings
    where = f"with {count(left, 'recording')} left" if left else "while looking for lost pictures"
    return f"stopped by {summary.stopped_by} {where}"


def _failures(summary: Summary, out: Path, inputs: Sequence[str]) -> Iterator[str]:
    kinds = sorted((summary.failures or {}).items(), key=lambda one: (-one[1], one[0]))
    named = [f"{kind} {n}" for kind, n in kinds[:MOST_KINDS]]
    if more := len(kinds) - len(named):
        named.append(f"and {more} more kind{'' if more == 1 else 's'}")
    yield from _with_path(f"{summary.failed:,} failed ({', '.join(named)}):", _listed(summary, out))
    if kinds and not summary.part and (file := example(out, kinds[0][0], inputs)):
        yield f"look at one: ecgmpi inspect {typed_path(str(file))}"


def _listed(summary: Summary, out: Path) -> str:
    return "merge lists them" if summary.part else f"see {typed_path(str(out / 'failures.csv'))}"


def _with_path(words: str, path: str) -> Iterator[str]:
    line = f"{words} {path}"
    yield from [line] if len(line) <= MOST_COLUMNS else [words, f"  {path}"]


def example(out: Path, kind: str, inputs: Sequence[str]) -> Path | None:
    """A file that failed, of the `kind` if there is one among the first; None if none is there."""
    try:
        with (out / "failures.csv").open(encoding="utf-8", newline="") as file:
            rows: list[Mapping[str, str]] = list(islice(csv.DictReader(file), _LOOKED_AT))
    except (OSError, ValueError, csv.Error):
        return None
    rows.sort(key=lambda row: row.get("class") != kind)
    for row in rows[:MOST_KINDS]:
        for path in _places(original(row.get("source") or ""), inputs):
            # A folder that cannot be entered may be why it failed.
            with suppress(OSError, ValueError):
                if path.is_file():
                    return path
    return None


def _places(source: str, inputs: Iterable[str]) -> Iterator[Path]:
    """Where a file may lie that the manifest knows by its name below INPUT."""
    for given in map(Path, inputs):
        yield given / source
        # Of several folders, the name has that of the folder, too.
        yield given.parent / source
