"""What the reader sees in a file, in words: for a person who wonders before a job runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecgmpi.errors import RecordingError
from ecgmpi.limb import LimbCheck, check_limb
from ecgmpi.readers import NO_HINTS, ReadHints, read
from ecgmpi.record import Record

LARGEST_MV = 20.0
"""No heart keeps one sample in a hundred above this; a spike of an electrode may pass it."""

SMALLEST_MV = 0.01
"""A recording that stays below this all the time holds volts, or nothing."""


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """One lead: its range in mV (None where all is NaN) and how many samples are NaN."""

    name: str
    minimum: float | None
    maximum: float | None
    nan: int

    @property
    def flat(self) -> bool:
        """Whether every sample that is there is the same."""
        return self.minimum is not None and self.minimum == self.maximum


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file holds, or why it cannot be read.

    Attributes
    ----------
    file
        The file as it was named.
    failure
        The reason, where it cannot be read; all else is then empty.
    format
        The reader's name for the kind of file.
    rate
        Samples per second, Hz.
    n_samples
        Samples of each lead.
    leads
        One entry a lead, in the order of the recording.
    limb
        Whether the limb leads agree with each other.
    notes
        What was assumed or done on the way.
    problems
        What a person should look at before a job runs, in words.
    """

    file: str
    failure: RecordingError | None = None
    format: str = ""
    rate: float = 0.0
    n_samples: int = 0
    leads: tuple[LeadFacts, ...] = ()
    limb: LimbCheck | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.rate if self.rate else 0.0


def inspect_file(path: str | Path, hints: ReadHints = NO_HINTS) -> Inspection:
    """Read a file as a job would and say what came of it.

    Parameters
    ----------
    path
        The file.
    hints
        What the file does not say itself.

    Returns
    -------
    Inspection
        Never an exception for what the file holds: `Inspection.failure` says it.
    """
    try:
        record = read(path, hints)
    except RecordingError as error:
        return Inspection(file=str(path), failure=error)
    leads = lead_facts(record)
    limb = check_limb(record)
    return Inspection(
        file=str(path),
        format=record.format,
        rate=record.rate,
        n_samples=record.n_samples,
        leads=leads,
        limb=limb,
        notes=record.notes,
        problems=tuple(_problems(record, leads, limb)),
    )


def lead_facts(record: Record) -> tuple[LeadFacts, ...]:
    """Take the range and the gaps of each lead of a recording."""
    facts = []
    for name, samples in zip(record.leads, record.signal, strict=True):
        there = samples[~np.isnan(samples)]
        facts.append(
            LeadFacts(
                name=name,
                minimum=float(there.min()) if there.size else None,
                maximum=float(there.max()) if there.size else None,
                nan=int(samples.size - there.size),
            )
        )
    return tuple(facts)


def _problems(record: Record, leads: tuple[LeadFacts, ...], limb: LimbCheck) -> list[str]:
    """List what looks wrong, each with what mends it."""
    found = []
    size = np.abs(record.signal[~np.isnan(record.signal)])
    if np.quantile(size, 0.99) > LARGEST_MV:
        found.append(
            f"up to {size.max():,.0f} mV: these look like uV or raw counts (--units uV says so)"
        )
    elif 0.0 < size.max() < SMALLEST_MV:
        found.append(f"at most {size.max():.2g} mV: these look like V (--units V says so)")
    empty = [lead.name for lead in leads if lead.minimum is None]
    flat = [lead.name for lead in leads if lead.flat and record.n_samples > 1]
    gaps = [lead.name for lead in leads if lead.nan and lead.minimum is not None]
    if empty:
        found.append(f"nothing recorded in {', '.join(empty)}")
    if flat:
        found.append(f"flat: {', '.join(flat)}")
    if gaps:
        found.append(f"gaps (NaN) in {', '.join(gaps)}")
    if not limb.good:
        mend = f" (--repair-limb makes {' '.join(limb.wrong)} anew)" if limb.wrong else ""
        found.append(f"limb leads: {limb.verdict}{mend}")
    return found


def format_text(inspection: Inspection) -> str:
    """Lay an inspection out as lines of text, without a newline at the end."""
    failure = inspection.failure
    if failure is not None:
        rows = [("failure", f"{failure.message} ({failure.kind})"), ("remedy", failure.remedy)]
        return "\n".join([inspection.file, *_aligned(rows)])
    names = " ".join(lead.name for lead in inspection.leads)
    rows = [
        ("format", inspection.format),
        ("leads", f"{len(inspection.leads)}: {names}"),
        ("rate", f"{inspection.rate:g} Hz"),
        ("length", f"{inspection.duration:g} s, {inspection.n_samples:,} samples"),
        ("limb", str(inspection.limb)),
        *(("note", note) for note in inspection.notes),
        *(("problem", problem) for problem in inspection.problems),
    ]
    return "\n".join([inspection.file, *_aligned(rows), "", *_lead_table(inspection.leads)])


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    return [f"  {label:<8} {text}" for label, text in rows]


def _lead_table(leads: tuple[LeadFacts, ...]) -> list[str]:
    """One line a lead: its name, range and gaps, in columns."""
    table = ["  lead       min mV     max mV      NaN"]
    for lead in leads:
        if lead.minimum is None or lead.maximum is None:
            span = f"{'-':>10} {'-':>10}"
        else:
            span = f"{lead.minimum:>10.3f} {lead.maximum:>10.3f}"
        table.append(f"  {lead.name:<6} {span} {lead.nan:>8,}{'  flat' if lead.flat else ''}")
    return table
