"""What looks odd in the samples of a recording: facts for the manifest, never a failure."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .record import LEAST_RATE, MOST_RATE, Record

LARGEST_MV = 20.0
"""No heart keeps one sample in a hundred above this, mV; an electrode spike may exceed it."""

SMALLEST_MV = 0.01
"""A recording that stays below this throughout is in volts, or empty."""

SATURATED_SECONDS = 0.05
"""A lead that stays at its largest or smallest value for this long is at its limit: the top
of an R wave is shorter."""

SATURATED_RUNS = 3
"""And this often: once may be a step of the amplifier, or a lead that was reattached."""

PADDED_SECONDS = 0.5
"""Zeros in all leads at once, at an end, for this long are padding by a program."""


class LeadFacts(NamedTuple):
    """One lead: its range in mV (None if all is NaN) and how many samples are NaN."""

    name: str
    minimum: float | None
    maximum: float | None
    nan: int

    @property
    def flat(self) -> bool:
        """Whether all samples that are not NaN are equal."""
        return self.minimum is not None and self.minimum == self.maximum


def lead_facts(record: Record) -> tuple[LeadFacts, ...]:
    """Take the range and the gaps of each lead of a recording."""
    lows, highs = (extreme(axis=1).tolist() for extreme in (record.signal.min, record.signal.max))
    return tuple(
        LeadFacts(name, low, high, 0) if low == low else _with_gaps(name, samples)
        for name, samples, low, high in zip(record.leads, record.signal, lows, highs, strict=True)
    )


def _with_gaps(name: str, samples: npt.NDArray[np.float32]) -> LeadFacts:
    """The facts of a lead with NaN in it."""
    there = samples[~np.isnan(samples)]
    nan = int(samples.size - there.size)
    if not there.size:
        return LeadFacts(name, None, None, nan)
    return LeadFacts(name, float(there.min()), float(there.max()), nan)


def signal_warnings(record: Record, leads: tuple[LeadFacts, ...]) -> list[str]:
    """List what looks odd in a recording, in words, with a remedy if there is one.

    Parameters
    ----------
    record
        A recording.
    leads
        Its `lead_facts`.

    Returns
    -------
    list of str
        Statements of the file that were not used, a rate at which no ECG is recorded,
        amplitudes that cannot be millivolts, leads with nothing in them, flat ones, gaps,
        leads that are the same, leads at the limit of their converter, and zeros put at an
        end. Empty if all is well.
    """
    found = [f"not used: {statement}" for statement in record.unused]
    if not LEAST_RATE <= record.rate <= MOST_RATE:
        found.append(f"no ECG is recorded at {record.rate:g} Hz: check the rate of the file")
    found += _implausible(record, leads)
    empty = [lead.name for lead in leads if lead.minimum is None]
    flat = [lead.name for lead in leads if lead.flat and record.n_samples > 1]
    gaps = [lead.name for lead in leads if lead.nan and lead.minimum is not None]
    if empty:
        found.append(f"nothing recorded in {', '.join(empty)}")
    if flat:
        found.append(f"flat: {', '.join(flat)}")
    if gaps:
        found.append(f"gaps (NaN) in {', '.join(gaps)}")
    if same := _duplicates(record, leads):
        found.append(f"the same samples in {', '.join(same)}")
    if saturated := _saturated(record, leads):
        found.append(f"saturated (cut off at its largest or smallest value): {saturated}")
    if padding := _padding(record):
        found.append(padding)
    return found


def _implausible(record: Record, leads: tuple[LeadFacts, ...]) -> list[str]:
    """Name the unit that implausible amplitudes look like."""
    ranges = [(lead.minimum, lead.maximum) for lead in leads]
    largest = max(max(-low, high) for low, high in ranges if low is not None and high is not None)
    if largest > LARGEST_MV:
        size = np.abs(record.signal[~np.isnan(record.signal)])
        # Most of the samples must be large: an electrode that comes off makes a spike.
        if float(np.quantile(size, 0.99)) <= LARGEST_MV:
            return []
        remedy = "set --units uV or --adc-gain N"
    elif 0.0 < largest < SMALLEST_MV:
        remedy = "set --units V"
    else:
        return []
    looks = "uV or raw counts" if largest > LARGEST_MV else "V"
    amount = f"up to {largest:,.0f} mV" if largest > LARGEST_MV else f"at most {largest:.2g} mV"
    if record.unit_known:
        remedy = "though its unit is known"
    return [f"{amount}: these look like {looks} ({remedy})"]


def _duplicates(record: Record, leads: tuple[LeadFacts, ...]) -> list[str]:
    """Find leads whose samples are those of an earlier one; flat leads do not count."""
    same = []
    for row, lead in enumerate(leads):
        if lead.flat or lead.minimum is None:
            continue
        for before in range(row):
            other = leads[before]
            if (other.minimum, other.maximum) == (lead.minimum, lead.maximum) and np.array_equal(
                record.signal[before], record.signal[row], equal_nan=True
            ):
                same.append(f"{other.name} and {lead.name}")
                break
    return same


def _saturated(record: Record, leads: tuple[LeadFacts, ...]) -> str:
    """Find leads that repeatedly stay at their largest or smallest value."""
    least = max(3, round(SATURATED_SECONDS * record.rate))
    # A run of so many samples holds one of these.
    few = record.signal[:, ::least]
    limits = np.array([(lead.minimum, lead.maximum) for lead in leads], few.dtype)[..., None]
    often = (few[:, None] == limits).sum(axis=2) >= SATURATED_RUNS
    if not often.any():
        return ""
    names = []
    for lead, samples, is_often in zip(leads, record.signal, often.tolist(), strict=True):
        if lead.minimum is None or lead.flat:
            continue
        for extreme, suspect in zip((lead.minimum, lead.maximum), is_often, strict=True):
            if not suspect:
                continue
            there = samples == extreme
            if np.count_nonzero(there) < least * SATURATED_RUNS:
                continue
            if _long_runs(np.flatnonzero(there), least) >= SATURATED_RUNS:
                names.append(lead.name)
                break
    return ", ".join(names)


def _long_runs(at: npt.NDArray[np.intp], least: int) -> int:
    """Count runs of consecutive numbers in `at`, ascending, that are `least` long or longer."""
    ends = np.flatnonzero(np.diff(at) != 1)
    lengths = np.diff(np.concatenate(([-1], ends, [at.size - 1])))
    return int((lengths >= least).sum())


def _padding(record: Record) -> str:
    """Say how many zeros of padding all leads share at the beginning and the end."""
    least = max(2, round(PADDED_SECONDS * record.rate))
    if record.n_samples <= 2 * least:
        return ""
    found = []
    for end, signal in (("start", record.signal), ("end", record.signal[:, ::-1])):
        # The first samples suffice most of the time. `any` warns of a signalling NaN.
        if any(signal[:, 0].tolist()) or np.count_nonzero(signal[:, :least]):
            continue
        some = (signal != 0).any(axis=0)
        count = int(some.argmax()) if some.any() else 0
        if count:
            found.append(f"{count:,} at the {end}")
    return f"padding: zeros in all leads, {' and '.join(found)}" if found else ""


# How each kind of warning begins. Only a statement of a file is text that is not made here.
_KINDS = (
    ("statement not used", "not used: "),
    ("implausible rate", "no ECG is recorded at "),
    ("looks like uV or raw counts", r"up to [\d,]+ mV: these look like uV"),
    ("looks like V", r"at most [\d.e+-]+ mV: these look like V"),
    ("nothing recorded in a lead", "nothing recorded in "),
    ("flat lead", "flat: "),
    ("gaps (NaN)", r"gaps \(NaN\) in "),
    ("same samples in two leads", "the same samples in "),
    ("saturated", r"saturated \(cut off"),
    ("padding", "padding: zeros in all leads"),
)
_BEGINS = re.compile("|".join(f"({begin})" for _, begin in _KINDS))
_BETWEEN = re.compile(f"; (?={_BEGINS.pattern})")

OTHER_KIND = "other"
"""The kind of a warning that is of no kind known here."""


def kind_of(warning: str) -> str:
    """Name the kind of one of the `signal_warnings`, in a few words without lead or number.

    Examples
    --------
    >>> kind_of("flat: V1, V2"), kind_of("up to 5,000 mV: these look like uV or raw counts")
    ('flat lead', 'looks like uV or raw counts')
    """
    found = _BEGINS.match(warning)
    return _KINDS[(found.lastindex or 1) - 1][0] if found else OTHER_KIND


def begin_of(warning: str) -> str:
    """Give the words that begin each of the `signal_warnings` of the kind of one.

    Examples
    --------
    >>> begin_of("flat: V1, V2"), begin_of("up to 5,000 mV: these look like uV or raw counts")
    ('flat: ', 'these look like uV')
    """
    found = _BEGINS.match(warning)
    return found[0].rpartition("mV: ")[2] if found else ""


def warnings_by_kind(problems: str) -> dict[str, str]:
    """Take apart the text that the manifest makes of the warnings of a recording.

    Parameters
    ----------
    problems
        Warnings, joined by "; ". Statements may hold that, too, and the last warning may have
        been cut off.

    Returns
    -------
    dict of str to str
        Each kind, as `kind_of` names it, and the first warning of it.
    """
    kinds: dict[str, str] = {}
    begin = 0
    for between in _BETWEEN.finditer(problems):
        kinds.setdefault(kind_of(problems[begin:]), problems[begin : between.start()])
        begin = between.end()
    if problems:
        kinds.setdefault(kind_of(problems[begin:]), problems[begin:])
    return kinds
