"""When the sets of sequences of an annotated ECG begin, and which ones belong together.

By the HL7 aECG Implementation Guide of 21 March 2005: the sets of a series share a frame of
time, in which each begins at the head of its own time sequence, absolute or relative.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ecgmpi.readers.channel import Channel
from ecgmpi.readers.pieces import Piece

_TIMESTAMP = re.compile(r"([0-9]{14})(?:\.([0-9]{1,6})[0-9]*)?([+-][0-9]{4})?")
"""An HL7 time stamp exact to the second; a coarser one cannot place a set."""


@dataclass(frozen=True, slots=True, eq=False)
class SequenceSet:
    """Leads that begin together.

    Attributes
    ----------
    channels
        The leads.
    head
        When they begin, as written.
    absolute, relative
        The same in seconds, from instants shared by all sets of a series; None if the file
        does not state it in a known way.
    """

    channels: list[Channel]
    head: str = ""
    absolute: float | None = None
    relative: float | None = None

    @property
    def seconds(self) -> float:
        """Length of the longest lead, s."""
        return max((c.samples.size / (c.rate or math.inf) for c in self.channels), default=0.0)


def timestamp(written: str) -> float | None:
    """Seconds since 1970 of an HL7 time stamp; None if it is not exact to the second.

    Examples
    --------
    >>> timestamp("19700101000002.5"), timestamp("19700101010000+0100"), timestamp("1970")
    (2.5, 0.0, None)
    """
    found = _TIMESTAMP.fullmatch(written.strip())
    if found is None:
        return None
    day, fraction, zone = found.groups()
    try:
        moment = datetime.strptime(day, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    moment += timedelta(microseconds=int((fraction or "0").ljust(6, "0")))
    seconds = moment.timestamp()
    if zone:
        ahead = 60 * (60 * int(zone[1:3]) + int(zone[3:]))
        seconds += ahead if zone[0] == "-" else -ahead
    return seconds


def on_one_axis(series: Sequence[Sequence[SequenceSet]]) -> tuple[list[list[Piece]], list[str]]:
    """Place the sets of the first series, and of those that continue it.

    A further series is a separate recording, unless it begins before the sets placed so far
    end, and shares no lead with them at the same time.

    Parameters
    ----------
    series
        The sets of each series, in the order of the file.

    Returns
    -------
    tuple
        The pieces of each set that is kept, and notes on what is left out.
    """
    first, *others = series
    kept = list(first)
    alone = 0
    for sets in others:
        if _goes_on(kept, sets):
            kept += sets
        else:
            alone += 1
    notes = []
    if alone == len(others) > 0:
        notes.append(f"the first of {len(series)} rhythm series; the others are left out")
    elif alone:
        notes.append(f"{alone} of {len(series)} rhythm series left out")
    groups, left_out = _placed([one for one in kept if one.channels])
    if left_out:
        notes.append(f"the first of {left_out + 1} stretches of time; the others are left out")
    return groups, notes


def _placed(sets: Sequence[SequenceSet]) -> tuple[list[list[Piece]], int]:
    """The pieces of each set, and the number of sets without a place on the first one's axis."""
    absolute = [one.absolute for one in sets]
    relative = [one.relative for one in sets]
    for times in (absolute, relative):
        known = [time for time in times if time is not None]
        if len(known) == len(sets):
            # Small numbers keep their decimals.
            zero = min(known, default=0.0)
            return [
                [Piece(channel, begins - zero) for channel in one.channels]
                for one, begins in zip(sets, known, strict=True)
            ], 0
    groups: list[list[Piece]] = []
    names: set[str] = set()
    for one in sets:
        own = {channel.lead for channel in one.channels}
        if one.head == sets[0].head and not names & own:
            groups.append([Piece(channel) for channel in one.channels])
            names |= own
    return groups, len(sets) - len(groups)


def _goes_on(kept: Sequence[SequenceSet], sets: Sequence[SequenceSet]) -> bool:
    """Whether the sets of another series belong to the same recording."""
    spans, more = _spans(kept), _spans(sets)
    if not spans or not more:
        return False
    # To the sample at which the next one would begin.
    begin, end = min(s[0] for s in spans), max(s[1] for s in spans)
    if min(s[0] for s in more) > end + 1e-6 or max(s[1] for s in more) < begin - 1e-6:
        return False
    return not any(
        names & others and start < other_end - 1e-6 and other_start < end - 1e-6
        for start, end, names in spans
        for other_start, other_end, others in more
    )


def _spans(sets: Sequence[SequenceSet]) -> list[tuple[float, float, set[str]]]:
    """When each set begins and ends, s, and its leads; none if one does not say."""
    spans = [
        (one.absolute, one.absolute + one.seconds, {channel.lead for channel in one.channels})
        for one in sets
        if one.absolute is not None
    ]
    return spans if len(spans) == len(sets) else []
