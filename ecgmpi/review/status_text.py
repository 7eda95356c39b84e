"""The status of a job on a screen."""

from __future__ import annotations

from collections.abc import Iterator

from ecgmpi.amounts import duration
from ecgmpi.names import readable, typed_path
from ecgmpi.results.finished import again

from .job_state import State
from .ranks import RankState
from .status import Status

MOST_RANKS = 24
"""Ranks that are listed; those in trouble come first if there are more."""

MOST_REASONS = 6
"""Classes of failure that are listed."""

_HEADINGS = ("rank", "host", "workers", "recordings", "rate/s", "busy", "last sign", "")


def as_text(status: Status) -> str:
    """What is known of a job, in lines for people."""
    lines = [f"OUT {status.job.called}: {headline(status)}", *_counts(status)]
    if status.ranks:
        lines += ["", *_table(status.ranks, status.job.alive)]
    lines += ["", *_next(status)]
    return readable("\n".join(line.rstrip() for line in lines))


def headline(status: Status) -> str:
    """Where the job stands, in a few words."""
    job = status.job
    who = " and ".join(str(holder) for holder in job.holders[:3])
    late = [holder for holder in job.holders if holder.overdue and not holder.gone]
    match job.state:
        case State.STARTING:
            return f"starting, the catalogue is being made ({who})"
        case State.RUNNING if status.clocks_may_differ:
            age = duration(max(holder.age for holder in job.holders if not holder.gone))
            return (
                f"running, but without a sign of life for {age}, or the clocks of this host and "
                f"of the filesystem differ ({who})"
            )
        case State.RUNNING if late:
            return f"running, but without a sign of life for {duration(late[0].age)} ({who})"
        case State.RUNNING if job.labelling:
            return f"being labelled ({who})"
        case State.RUNNING:
            return f"running ({who})"
        case State.KILLED if job.labelling:
            age = duration(job.holders[0].age)
            return f"half labelled: ecgmpi label was killed, last sign of life {age} ago ({who})"
        case State.KILLED:
            return (
                f"killed or cut off; last sign of life {duration(job.holders[0].age)} ago ({who})"
            )
        case State.COMPLETE:
            return "complete"
        case State.STOPPED if job.labelling:
            return "half labelled: ecgmpi label was stopped"
    return f"stopped by {job.stopped_by}" if job.stopped_by else "stopped before it was complete"


def _counts(status: Status) -> Iterator[str]:
    job, total = status.job, status.total
    if job.journals is None:
        return
    share = total.recordings / job.expected if job.expected else 1.0
    if status.left:
        # Not "100 %" while one is left.
        share = min(share, 0.999)
    yield (
        f"  {total.recordings:,} of {job.expected:,} recordings done ({100 * share:.1f} %), "
        f"{total.failed:,} failed, {status.left:,} left"
    )
    if job.alive and not job.labelling:
        left = status.seconds_left
        about = "time left is not known yet" if left is None else f"about {duration(left)} left"
        yield f"  {status.rate:.1f} recordings/s now, {status.overall:.1f} in this run; {about}"
    elif status.overall and not job.labelling:
        yield f"  {status.overall:.1f} recordings/s in the last run"
    if total.failures:
        reasons = sorted(total.failures.items(), key=lambda one: (-one[1], one[0]))
        named = [f"{kind} {count:,}" for kind, count in reasons[:MOST_REASONS]]
        if len(reasons) > MOST_REASONS:
            named.append(f"{len(reasons) - MOST_REASONS} more reasons")
        yield f"  failed: {', '.join(named)}"


def _table(ranks: list[RankState], alive: bool) -> Iterator[str]:
    shown = ranks
    if len(ranks) > MOST_RANKS:
        # The order of ranks is kept among those in trouble, and among the others.
        shown = sorted(ranks, key=lambda rank: not rank.trouble)[:MOST_RANKS]
    rows = [_HEADINGS, *(_row(rank, alive) for rank in shown)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(_HEADINGS))]
    for row in rows:
        cells = [f"{row[0]:>{widths[0]}}", f"{row[1]:<{widths[1]}}"]
        cells += [f"{row[k]:>{widths[k]}}" for k in range(2, len(row) - 1)]
        yield "  ".join(["", *cells, row[-1]])
    if more := len(ranks) - len(shown):
        trouble = any(rank.trouble for rank in ranks if rank not in shown)
        yield f"  and {more:,} more ranks{'' if trouble else ', none in trouble'}: --json has all"


def _row(rank: RankState, alive: bool) -> tuple[str, ...]:
    one = rank.activity
    busy = rank.busy if alive else one.busy
    rate = rank.rate if alive else one.rate
    return (
        rank.label.removeprefix("rank "),
        one.host,
        f"{one.workers}",
        f"{one.recordings:,}",
        f"{rate:.1f}",
        "-" if busy is None else f"{100 * busy:.0f} %",
        f"{duration(rank.age)} ago",
        rank.trouble or (one.doing if alive else ""),
    )


def _next(status: Status) -> Iterator[str]:
    job = status.job
    out = typed_path(str(job.paths.out))
    # A job that was run with --no-report has none.
    reported = job.paths.report_html.is_file()
    match job.state:
        case State.COMPLETE if status.total.failed and reported:
            yield f"next: look at {out}/report.html and {out}/failures.csv"
        case State.COMPLETE if status.total.failed:
            yield f"next: look at {out}/failures.csv; ecgmpi report {out}"
        case State.COMPLETE if reported:
            yield f"next: look at {out}/report.html; ecgmpi verify {out}"
        case State.COMPLETE:
            yield f"next: ecgmpi report {out}; ecgmpi verify {out}"
        case State.STOPPED | State.KILLED if job.labelling:
            yield "next: run the same ecgmpi label command again, as OUT is half labelled"
        case State.STOPPED | State.KILLED if _in_parts(status):
            yield f"next: ecgmpi merge {out}"
        case State.STOPPED | State.KILLED:
            yield f"next: {again(job.paths)} to resume"
        case _:
            yield f"next: ecgmpi status {out} --watch, or ecgmpi report {out}"


def _in_parts(status: Status) -> bool:
    """Whether all recordings are done, by a divided job whose manifest is still to be written."""
    job = status.job
    return job.journals is not None and not status.left and job.paths.parts.is_dir()
