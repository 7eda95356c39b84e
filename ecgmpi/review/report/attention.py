"""What needs attention in a job, the worst first, with counts, examples and what to type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ecgmpi.amounts import duration
from ecgmpi.ecg.limb_leads import BY_GAINS, BY_OFFSETS, INCONSISTENT, SWAPPED
from ecgmpi.ecg.signal_quality import begin_of
from ecgmpi.review.ranks import RankState

from .commands import Commands
from .findings import Tally
from .named import Named

RANK, FAILED, LIMB, SAMPLES = "rank", "failed", "limb leads", "samples"
"""What a matter is about."""

_LIMB_REMEDIES = (
    ("consistent only in the order ", "state that order with --lead-names, where the file has it"),
    (SWAPPED, "compare with another recording of the patient; nothing is corrected by itself"),
    (BY_OFFSETS, "--baseline median takes the offset off each lead"),
    (BY_GAINS, "the leads have different gains: state what the file does not with --adc-gain"),
    (INCONSISTENT, "look at I and II: one of them may not be what its name says"),
)
"""What to do about a verdict that begins so; else `_REPAIR`."""

_REPAIR = (
    "look at I and II; if they are right, --repair-limb recomputes the others from them, and if "
    "names are wrong, --lead-names states them"
)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that needs attention.

    Attributes
    ----------
    about
        One of the words above.
    title
        What it is, in a few words.
    count
        How many recordings it concerns; None where it is none of these.
    example
        What was found, of the first of them.
    remedy
        What to do about it; may be empty.
    names
        The recordings, or the first of them: name and file below INPUT.
    commands
        What to type.
    """

    about: str
    title: str
    count: int | None
    example: str
    remedy: str
    names: tuple[Named, ...]
    commands: tuple[str, ...]

    @property
    def more(self) -> int:
        """How many recordings are not named."""
        return max(0, (self.count or 0) - len(self.names))


def matters(
    tally: Tally | None,
    ranks: Iterable[RankState],
    commands: Commands,
    paths: Mapping[int, str],
    listed: bool,
) -> list[Matter]:
    """List what needs attention.

    Parameters
    ----------
    tally
        What is counted; None where there is nothing yet.
    ranks
        The ranks of the newest run.
    commands
        Makes commands for this OUT.
    paths
        Index of a recording in the catalogue -> its file.
    listed
        Whether manifest.csv is there, to find recordings in.
    """
    found = [*_of_ranks(ranks, commands)]
    if tally is not None:
        found += _of_recordings(tally, commands, paths, listed)
    return found


def _of_recordings(
    tally: Tally, commands: Commands, paths: Mapping[int, str], listed: bool
) -> Iterator[Matter]:
    def matter(
        about: str, title: str, count: int, names: tuple[Named, ...], found: str, remedy: str
    ) -> Matter:
        path = paths.get(names[0].index) if names else None
        typed = [commands.inspect(path)] if path else []
        if listed and (words := _words_of(about, title, found)):
            typed.append(commands.grep(words, "manifest.csv"))
        return Matter(about, title, count, found, remedy, names, tuple(typed))

    for failure in tally.failures:
        found, remedy = failure.message, failure.remedy
        yield matter(FAILED, failure.kind, failure.count, failure.examples, found, remedy)
    for verdict in tally.limb_leads:
        if not verdict.good:
            remedy = _limb_remedy(verdict.verdict)
            yield matter(LIMB, verdict.verdict, verdict.count, verdict.examples, "", remedy)
    for doubt in tally.doubts:
        yield matter(SAMPLES, doubt.kind, doubt.count, doubt.examples, doubt.example, "")


def _words_of(about: str, title: str, found: str) -> str:
    """Words that the rows of manifest.csv have which belong to a group, and few others have."""
    if about == LIMB:
        # All of its column: the words of one verdict may begin another.
        quote = '"' if "," in title else ""
        return f",{quote}{title}{quote},"
    return begin_of(found) if about == SAMPLES else ""


def _limb_remedy(verdict: str) -> str:
    return next((text for begin, text in _LIMB_REMEDIES if verdict.startswith(begin)), _REPAIR)


def _of_ranks(ranks: Iterable[RankState], commands: Commands) -> Iterator[Matter]:
    ranks = list(ranks)
    for rank in ranks:
        one = rank.activity
        where = f"{rank.label} on {one.host}"
        if rank.silent:
            example = (
                f"it said last that it was {one.doing or 'starting'}, with {one.recordings:,} "
                "recordings done in this run"
            )
            remedy = (
                f"it was lost before the others: look at its log in {commands.quoted_out}/"
                f".ecgmpi/log, and at {one.host}; the job has ended"
                if rank.ended
                else f"look at process {one.pid} on {one.host}: it may be suspended, or the node "
                "or its filesystem hangs; where it does not come back, the job finds that and "
                "drains"
            )
            yield Matter(RANK, f"{where} is {rank.trouble}", None, example, remedy, (), ())
        elif rank.slow:
            everything = sum(other.activity.recordings for other in ranks)
            example = (
                f"it did {one.recordings:,} of the {everything:,} recordings of this run, as one "
                f"of {len(ranks)} ranks"
            )
            remedy = (
                f"see what else runs on {one.host}, and whether its recordings are larger or its "
                "filesystem slower than those of the others"
            )
            yield Matter(RANK, f"{where} is {rank.trouble}", None, example, remedy, (), ())
        if one.silences and not rank.silent:
            begin, end = max(one.silences, key=lambda silence: silence[1] - silence[0])
            example = f"for {duration(end - begin)} at a time, {duration(begin)} after it began"
            remedy = (
                f"find out what held up {one.host}: a suspended process, memory, its filesystem"
            )
            yield Matter(RANK, f"{where} stood still", None, example, remedy, (), ())
        if one.workers_lost or one.supervisors_lost:
            lost = [f"{kind} {count}" for kind, count in sorted(one.workers_lost.items())]
            if one.supervisors_lost:
                lost.append(f"supervisor {one.supervisors_lost}")
            yield Matter(
                RANK,
                f"{where} lost processes",
                None,
                ", ".join(lost),
                "each was replaced and its recording tried once more, alone",
                (),
                (),
            )
