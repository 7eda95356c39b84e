"""What a report finds: everything that is counted over the recordings of an OUT that are done.

`dataclasses.asdict` makes JSON of them: there is no NaN, and what has no value is None.
"""

from __future__ import annotations

from dataclasses import dataclass

from .named import Named
from .picks import Pick
from .values import Distribution, Frequent


@dataclass(frozen=True, slots=True)
class Failure:
    """Recordings that failed with one class of error, and what was said of the first."""

    kind: str
    count: int
    message: str
    remedy: str
    examples: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Recordings whose samples look odd in one way, and what was said of the first."""

    kind: str
    count: int
    example: str
    examples: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Recordings with one verdict on their limb leads; of a good one, without examples."""

    verdict: str
    good: bool
    count: int
    examples: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Assumed:
    """Recordings of which one fact was assumed, and the option that would state it."""

    fact: str
    option: str
    count: int
    examples: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted over all recordings that are done.

    Attributes
    ----------
    recordings, drawn, failed
        How many are done, and how they ended.
    pictures, bytes
        Of those drawn: how many pictures, and the size of all their files.
    failures, doubts, limb_leads, assumed
        Groups of recordings, the largest first.
    doubtful, faulty_limb_leads, assuming
        How many recordings look odd in any way, have limb leads in which a fault is known, and
        were drawn with any assumption.
    assumed_otherwise
        Assumptions that are not in `assumed`, counted once in each recording.
    notes, formats, leads, rates, seconds
        The most frequent notes, kinds of file, sets of leads, rates (Hz) and lengths (s).
    amplitude, amplitude_range, length, size
        Of each recording that was drawn: its largest sample regardless of sign (mV), its largest
        less its smallest (mV), its length (s), the size of its files (bytes).
    picks
        Recordings to show.
    """

    recordings: int
    drawn: int
    failed: int
    pictures: int
    bytes: int
    failures: tuple[Failure, ...]
    doubts: tuple[Doubt, ...]
    doubtful: int
    limb_leads: tuple[Verdict, ...]
    faulty_limb_leads: int
    assumed: tuple[Assumed, ...]
    assumed_otherwise: int
    assuming: int
    notes: Frequent
    formats: Frequent
    leads: Frequent
    rates: Frequent
    seconds: Frequent
    amplitude: Distribution
    amplitude_range: Distribution
    length: Distribution
    size: Distribution
    picks: tuple[Pick, ...]
