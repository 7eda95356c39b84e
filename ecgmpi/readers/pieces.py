"""Leads that a file keeps in pieces, placed on one time axis.

aECG has sets of sequences, DICOM has multiplex groups, EDF+D has data records with gaps: each
may hold all of a lead or a part of it. The pieces of a lead become one channel, NaN where
nothing was recorded. Nothing is resampled: a piece that begins between two samples is placed
at the nearer one, with a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError

from .channel import Channel
from .channels import choose_channels
from .hints import ReadHints
from .units import UNITS, voltage
from .validate import check_samples
from .wording import printable

_ON_GRID = 1e-3
"""Part of a sample within which a beginning in decimals counts as whole."""

_MOST = 2.0**53
"""Samples of the longest recording in which a float can still number each sample."""

_Key = tuple[str, int, float | None, str]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a lead, or all of it.

    Attributes
    ----------
    channel
        Its samples and their description.
    begins
        Time of its first sample, s, counted from the same instant for all pieces of a file.
    """

    channel: Channel
    begins: float = 0.0


def joined(groups: Sequence[Sequence[Piece]], hints: ReadHints) -> tuple[list[Channel], list[str]]:
    """Join all pieces of each lead into one channel.

    Parameters
    ----------
    groups
        What the file keeps together, such as the channels of a multiplex group. Channels of
        one name and rate in different groups are pieces of one lead; within a group they are
        different leads. Channels without a name are never joined.
    hints
        Leads asked for, and the size budget.

    Returns
    -------
    tuple
        Channels in the order in which the leads first appear, and notes. Sample 0 of every
        channel to be drawn is at the time at which the first of them begins; the other
        channels do not change.

    Raises
    ------
    RecordingError
        Two pieces overlap with different samples, the recording would be too large, or it
        has nothing to draw.
    """
    if len(groups) == 1 and len({piece.begins for piece in groups[0]}) == 1:
        return [piece.channel for piece in groups[0]], []
    leads = _by_lead(groups)
    first_pieces = [pieces[0].channel for pieces in leads]
    chosen = choose_channels(first_pieces, hints)
    drawn = {id(channel) for channel in chosen.kept}
    kept = [pieces for pieces in leads if id(pieces[0].channel) in drawn]
    zero = min(piece.begins for pieces in kept for piece in pieces)
    starts = {id(piece): (piece.begins - zero) * chosen.rate for pieces in kept for piece in pieces}
    _check_length(kept, starts, hints)
    channels = []
    notes = _Notes()
    for pieces, channel in zip(leads, first_pieces, strict=True):
        if id(channel) in drawn:
            own = [starts[id(piece)] for piece in pieces]
            parts = [(round(s), piece.channel) for s, piece in zip(own, pieces, strict=True)]
            channels.append(place(parts, chosen.rate))
            notes.add(channels[-1], own, pieces, chosen.rate)
        else:
            channels.append(channel)
    return channels, notes.listed()


def _check_length(
    leads: Sequence[Sequence[Piece]], starts: Mapping[int, float], hints: ReadHints
) -> None:
    """Refuse a recording that the offsets of its pieces make too large, before joining it."""
    # An offset may be any number, even too large for a sample count.
    far = int(min(max(starts.values()), _MOST))
    check_samples(len(leads), far, 8, hints, "the recording")
    length = max(
        round(starts[id(piece)]) + piece.channel.samples.size
        for pieces in leads
        for piece in pieces
    )
    check_samples(len(leads), length, 8, hints, "the recording")


def place(parts: Sequence[tuple[int, Channel]], rate: float) -> Channel:
    """Place the parts of one lead at their first samples.

    Parameters
    ----------
    parts
        First sample, from 0, and the part, in any order. Units are all voltages, or all
        equal.
    rate
        Samples per second, Hz, for messages.

    Returns
    -------
    Channel
        The part itself if it is the only one and begins at 0; else float64, shape (end of
        the last part,), NaN where there is no part.

    Raises
    ------
    RecordingError
        Two parts overlap and differ by more than the rounding to their steps.
    """
    first = parts[0][1]
    if len(parts) == 1 and parts[0][0] == 0:
        return first
    as_counts = all(_calibration(channel) == _calibration(first) for _, channel in parts)
    samples = np.full(max(start + channel.samples.size for start, channel in parts), np.nan)
    step = 0.0
    for start, channel in parts:
        values, own_step = _values(channel, None if as_counts else first.unit)
        where = samples[start : start + values.size]
        free = np.isnan(where)
        if not free.all():
            # Counts are equal or not; values of two scales were rounded to two steps.
            tolerance = 0.0 if as_counts else (step + own_step) / 2 * (1 + 1e-9)
            _refuse_if_different(where, values, tolerance, channel, start / rate, rate)
        where[free] = values[free]
        step = max(step, own_step)
    if as_counts:
        return replace(first, samples=samples, missing=None)
    return Channel(first.name, samples, first.rate, first.unit)


def _by_lead(groups: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Collect the pieces of each lead, in the order of their first ones."""
    found: dict[_Key | int, list[Piece]] = {}
    for group in groups:
        again: dict[str, int] = {}
        for piece in group:
            channel = piece.channel
            lead = channel.lead
            again[lead] = again.get(lead, 0) + 1
            unit = "volt" if voltage(channel.unit) else channel.unit
            key = (lead, again[lead], channel.rate, unit)
            found.setdefault(key if lead else id(piece), []).append(piece)
    return list(found.values())


def _calibration(channel: Channel) -> tuple[object, ...]:
    return channel.unit, channel.gain, channel.scale, channel.baseline


def _values(channel: Channel, unit: str | None) -> tuple[npt.NDArray[np.float64], float]:
    """Samples as float64, NaN where they are missing, and the step between two of them.

    With a `unit`, they are in that; else they are counts.
    """
    values = channel.samples.astype(np.float64)
    if channel.missing is not None:
        values[channel.samples == channel.missing] = np.nan
    if unit is None:
        return values, 1.0
    factor = channel.scale / channel.gain
    of, to = voltage(channel.unit), voltage(unit)
    if of and to and of != to:
        factor *= UNITS[of][0] / UNITS[of][1] * UNITS[to][1] / UNITS[to][0]
    with np.errstate(all="ignore"):
        return (values - channel.baseline) * factor, abs(factor)


def _refuse_if_different(
    there: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
    tolerance: float,
    channel: Channel,
    begins: float,
    rate: float,
) -> None:
    with np.errstate(all="ignore"):
        different = np.flatnonzero(np.abs(there - values) > tolerance)
    if different.size:
        at = begins + float(different[0]) / rate
        raise RecordingError(
            FailureKind.CONTRADICTORY,
            f"{printable(channel.lead, 40)} is there twice with different samples, first at "
            f"{at:.3f} s from the beginning",
            "export the recording with one waveform of each lead at any time",
        )


class _Notes:
    """Collects notes on the leads: one note names every lead that it applies to."""

    def __init__(self) -> None:
        self._leads: dict[tuple[str, str, str], list[str]] = {}

    def add(self, channel: Channel, starts: list[float], pieces: list[Piece], rate: float) -> None:
        """Note what is unusual in a lead whose `pieces` begin at the samples `starts`."""
        lead = channel.lead or "a lead without a name"
        begin = round(min(starts))
        if begin:
            self._say(lead, "begins", "begin", f"after {begin / rate:g} s")
        if len(pieces) > 1:
            covered = np.zeros(channel.samples.size, bool)
            for start, piece in zip(starts, pieces, strict=True):
                covered[round(start) : round(start) + piece.channel.samples.size] = True
            gap = int(np.count_nonzero(~covered[begin:]))
            between = f", with gaps of {gap:,} samples between them" if gap else ""
            self._say(lead, "is", "are", f"joined from {len(pieces)} pieces{between}")
        if any(abs(start - round(start)) > _ON_GRID for start in starts):
            self._say(
                lead, "begins", "begin", "between two samples of the others: placed at the nearer"
            )

    def _say(self, lead: str, of_one: str, of_several: str, what: str) -> None:
        self._leads.setdefault((of_one, of_several, what), []).append(lead)

    def listed(self) -> list[str]:
        """Give the notes, in the order in which they came up."""
        return [
            f"{', '.join(leads)} {of_several if len(leads) > 1 else of_one} {what}"
            for (of_one, of_several, what), leads in self._leads.items()
        ]
