"""What is wrong with an OUT, and the sums of what was looked at."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field

MISSING, ALTERED, EXTRA, UNCHECKED = "missing", "altered", "extra", "unchecked"
KINDS = (MISSING, ALTERED, EXTRA, UNCHECKED)
"""What can be wrong with a file: it is not there, not as it was, no row knows of it, or it could
not be looked at."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    kind
        One of `KINDS`.
    path
        The file, below OUT.
    how
        What is wrong with it, in words.
    member
        The file in a shard; empty where the problem is none of one member.
    """

    kind: str
    path: str
    how: str = ""
    member: str = ""

    def __str__(self) -> str:
        name = f"{self.path}, {self.member}" if self.member else self.path
        return f"{name}: {self.how}" if self.how else name


@dataclass(frozen=True, slots=True)
class DecodedLead:
    """A lead that was decoded from its picture.

    Attributes
    ----------
    key
        Of the picture.
    lead
        Its name.
    error_uv
        Root mean square error against the recording, uV.
    median_uv, worst_uv
        Errors that are allowed at the scale of this picture, uV: `bounds.bounds_of`.
    """

    key: str
    lead: str
    error_uv: float
    median_uv: float
    worst_uv: float


@dataclass(slots=True)
class Checked:
    """What came of some checks.

    Attributes
    ----------
    pictures, files, bytes
        How many were looked at; bytes are those that were read.
    counts
        How many problems there are of each kind.
    problems
        What is wrong: all of it, or as much as `trim` kept.
    decoded
        Leads that were decoded back to signals.
    crossing
        How many leads were not, as their trace touches another.
    undecoded
        Key of each picture that could not be decoded, and why.
    """

    pictures: int = 0
    files: int = 0
    bytes: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    decoded: list[DecodedLead] = field(default_factory=list)
    crossing: int = 0
    undecoded: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Checked) -> None:
        """Add what came of other checks."""
        self.pictures += other.pictures
        self.files += other.files
        self.bytes += other.bytes
        self.counts += other.counts
        self.problems += other.problems
        self.decoded += other.decoded
        self.crossing += other.crossing
        self.undecoded += other.undecoded

    def trim(self, most: int) -> None:
        """Keep at most so many problems of each kind; `counts` stays as it is."""
        if len(self.problems) > 2 * most * len(KINDS):
            named = (
                itertools.islice((one for one in self.problems if one.kind == kind), most)
                for kind in KINDS
            )
            self.problems = list(itertools.chain.from_iterable(named))

    def note(self, kind: str, path: str, how: str = "", member: str = "") -> None:
        """Note a problem of a kind."""
        self.counts[kind] += 1
        self.problems.append(Problem(kind, path, how, member))

    def missing(self, path: str, how: str = "", member: str = "") -> None:
        """Note that something is not there."""
        self.note(MISSING, path, how, member)

    def altered(self, path: str, how: str, member: str = "") -> None:
        """Note that something is not as it was."""
        self.note(ALTERED, path, how, member)

    def extra(self, path: str, how: str = "") -> None:
        """Note a file that no row knows of."""
        self.note(EXTRA, path, how)

    def unchecked(self, path: str, how: str) -> None:
        """Note that something could not be looked at."""
        self.note(UNCHECKED, path, how)
