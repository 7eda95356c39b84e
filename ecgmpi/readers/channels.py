"""From the channels of a file, each with its own name, unit and scale, to a `Record`.

The last step of every reader of a format that names its channels: it decides which are
ECG, at which rate and in which unit. Nothing is resampled: of channels at several rates,
those at one rate are kept. The notes of the record say what was left out or assumed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.lead_names import canonical, canonical_leads
from ecgmpi.ecg.record import Assumption, Record
from ecgmpi.errors import FailureKind, RecordingError

from .channel import Channel, are_in_mv, convert
from .channel_types import is_ecg
from .hints import DEFAULT_RATE, ReadHints
from .units import voltage
from .validate import MAX_LEADS, check_samples, check_type, refuse_not_finite
from .wording import printable


def record_from_channels(
    channels: Sequence[Channel],
    hints: ReadHints,
    *,
    name: str,
    format: str,
    notes: Iterable[str] = (),
    start: float = 0.0,
    identity: tuple[tuple[str, str], ...] = (),
    leads_assumed: bool = False,
    rate_assumed: bool = False,
    unused: Iterable[str] = (),
    block: npt.NDArray[Any] | None = None,
) -> Record:
    """Make a `Record` of the channels of a file.

    It keeps the channels that are ECG (`is_ecg`), or those that `hints.leads` names; of
    several rates the most frequent, or the highest of equals. Short channels end in NaN.

    Parameters
    ----------
    channels
        Everything in the file, in its order.
    hints
        Requested leads; rate and unit of channels that do not state theirs.
    name, format, start, identity
        Passed on to the `Record`.
    notes
        Notes of the reader itself; they come first.
    leads_assumed
        Whether the channel names are a convention, not a statement of the file.
    rate_assumed
        Whether the same holds for their rate.
    unused
        See `Record.unused`.
    block
        The samples of all channels as one array, shape (n_channels, n_samples), if they lie in
        one: where they need no scaling, they are converted in one step.

    Raises
    ------
    RecordingError
        No channel is ECG, requested channels differ in rate, or their values are not a
        recording: type, length, all NaN, infinite, too large.
    """
    chosen = choose_channels(channels, hints)
    kept = chosen.kept
    said = [*notes, *chosen.notes]
    if len(kept) > MAX_LEADS:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"{len(kept)} channels that may be ECG; the limit is {MAX_LEADS}",
            "name those to draw with --leads",
        )
    n_samples = max(channel.samples.size for channel in kept)
    if n_samples == 0:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the file holds no samples", "leave the file out"
        )
    check_samples(len(kept), n_samples, 4, hints, "the recording")
    leads = canonical_leads(channel.lead for channel in kept)
    said += _name_notes(kept, leads)
    signal = np.empty((len(kept), n_samples), np.float32)
    short: dict[int, list[str]] = {}
    # A corrupt file can hold any bit pattern; the result is checked later.
    with np.errstate(all="ignore"):
        if block is not None and len(kept) == len(block) and are_in_mv(kept, hints):
            signal[:] = block
        else:
            for row, channel in enumerate(kept):
                check_type(channel.samples.dtype, f"channel {leads[row]}")
                size = channel.samples.size
                convert(channel, hints, signal[row, :size])
                if size < n_samples:
                    signal[row, size:] = np.nan
                    short.setdefault(size, []).append(leads[row])
    for size, names in short.items():
        end = "end" if len(names) > 1 else "ends"
        said.append(f"{', '.join(names)} {end} after {size:,} of {n_samples:,} samples")
    refuse_not_finite(signal, [channel.samples for channel in kept], leads)
    said += _unit_notes(kept, leads, hints)
    return Record(
        name=name,
        signal=signal,
        rate=chosen.rate,
        leads=leads,
        format=format,
        start=start,
        notes=tuple(said),
        identity=identity,
        assumed=_assumed(kept, hints, leads_assumed, rate_assumed),
        unused=tuple(unused),
    )


def _assumed(
    kept: Sequence[Channel], hints: ReadHints, leads_assumed: bool, rate_assumed: bool
) -> tuple[Assumption, ...]:
    """List what neither the channels nor the user state."""
    assumed = []
    if rate_assumed or (hints.rate is None and any(channel.rate is None for channel in kept)):
        assumed.append(Assumption.RATE)
    if not hints.says_unit and any(not channel.unit for channel in kept):
        assumed.append(Assumption.UNIT)
    if leads_assumed:
        assumed.append(Assumption.LEADS)
    return tuple(assumed)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The channels that make the recording, their rate in Hz, and notes."""

    kept: list[Channel]
    rate: float
    notes: list[str]


def choose_channels(channels: Sequence[Channel], hints: ReadHints) -> Chosen:
    """Choose the channels of a recording by their names, units and rates alone.

    It reads no samples, so a reader may call it before it decodes any.

    Raises
    ------
    RecordingError
        There is nothing to draw, or channels requested by name differ in rate.
    """
    named = [(channel.lead, channel) for channel in channels]
    asked = set(map(canonical, hints.leads or ()))
    wanted = [channel for lead, channel in named if lead in asked] if asked else []
    ecg = [channel for lead, channel in named if is_ecg(lead, channel.unit)]
    if not ecg and not wanted:
        raise _no_ecg(channels)
    assumed = DEFAULT_RATE if hints.rate is None else hints.rate
    rates = {id(channel): assumed if channel.rate is None else channel.rate for channel in channels}
    rate = _rate_of(wanted or ecg, rates)
    if not (math.isfinite(rate) and rate > 0):
        raise RecordingError(
            FailureKind.CORRUPT,
            f"the file states {rate:g} samples per second",
            "save it again with its true rate",
        )
    other = sorted({channel.lead for channel in wanted if rates[id(channel)] != rate})
    if other:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"{', '.join(other)} differ in rate from the other leads asked for "
            f"({rate:g} Hz), and nothing is resampled",
            "draw leads of one rate at a time, with --leads",
        )
    notes = []
    kept = []
    # A table may have a column for each of a million samples.
    drawable = {id(channel) for channel in (*ecg, *wanted)}
    for place, (lead, channel) in enumerate(named, 1):
        shown = lead or f"ch{place}"
        own = rates[id(channel)]
        if id(channel) not in drawable:
            unit = f", {printable(channel.unit, 20)}" if channel.unit else ""
            notes.append(f"{shown} left out (not ECG{unit})")
        elif own != rate:
            notes.append(f"{shown} left out ({own:g} Hz, where the others have {rate:g})")
        else:
            kept.append(channel)
    if all(channel.rate is None for channel in kept):
        notes.insert(0, f"rate {rate:g} Hz {'assumed' if hints.rate is None else 'as given'}")
    elif hints.rate not in (None, rate):
        notes.append(f"--rate {hints.rate:g} not used: the file says {rate:g} Hz")
    return Chosen(kept, rate, notes)


def _rate_of(channels: Sequence[Channel], rates: dict[int, float]) -> float:
    """The most frequent rate of `channels`; the highest of equals."""
    counts: dict[float, int] = {}
    for channel in channels:
        rate = rates[id(channel)]
        counts[rate] = counts.get(rate, 0) + 1
    return max(counts, key=lambda rate: (counts[rate], rate))


def _no_ecg(channels: Sequence[Channel]) -> RecordingError:
    """Make the error for a file without any ECG channel."""
    names = list(dict.fromkeys(channel.lead for channel in channels))
    if not names:
        return RecordingError(
            FailureKind.NO_SAMPLES, "the file holds no signal at all", "leave the file out"
        )
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return RecordingError(
        FailureKind.NO_SUCH_LEAD,
        f"no channel is an ECG; the file holds {', '.join(names[:8])}{more}",
        f"leave the file out, or draw a channel anyway: --leads {names[0]}",
    )


def _name_notes(kept: Sequence[Channel], leads: tuple[str, ...]) -> list[str]:
    """Note leads that share a name: each but the first got a number."""
    notes = []
    for channel, lead in zip(kept, leads, strict=True):
        if channel.lead and lead != channel.lead:
            notes.append(f"a second lead is called {channel.lead}: it is {lead} here")
    return notes


def _unit_notes(kept: Sequence[Channel], leads: tuple[str, ...], hints: ReadHints) -> list[str]:
    """Note the unit taken for channels that state none, or one that is not a voltage."""
    notes = []
    if any(not channel.unit for channel in kept):
        notes.append(hints.unit_note)
    for channel, lead in zip(kept, leads, strict=True):
        if channel.unit and voltage(channel.unit) is None:
            unit = printable(channel.unit, 20)
            notes.append(f"{lead} is not a voltage: 1 {unit} is drawn as 1 mV")
    if hints.says_unit:
        stated = {volts for channel in kept if (volts := voltage(channel.unit))}
        if stated and stated != {hints.units}:
            option = f"--units {hints.units}" if hints.units else f"--adc-gain {hints.adc_gain:g}"
            notes.append(f"{option} not used: the file says {', '.join(sorted(stated))}")
    return notes
