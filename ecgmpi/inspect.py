"""What the reader sees in a file, in words: for a person who wonders before a job runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecgmpi.errors import RecordingError
from ecgmpi.facts import LeadFacts, lead_facts, oddities
from ecgmpi.limb import LimbCheck, check_limb
from ecgmpi.readers import NO_HINTS, ReadHints, read


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
    problems = oddities(record, leads)
    if not limb.good:
        mend = f" (--repair-limb makes {' '.join(limb.wrong)} anew)" if limb.wrong else ""
        problems.append(f"limb leads: {limb.verdict}{mend}")
    return Inspection(
        file=str(path),
        format=record.format,
        rate=record.rate,
        n_samples=record.n_samples,
        leads=leads,
        limb=limb,
        notes=record.notes,
        problems=tuple(problems),
    )


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
