"""What a reader finds in a file, in words, to check it before a job runs."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .ecg.assumptions import assumptions
from .ecg.lead_check import check_leads
from .ecg.limb_leads import LimbCheck
from .ecg.record import Assumption
from .ecg.signal_quality import LeadFacts
from .errors import RecordingError
from .names import readable, written
from .pipeline import read_and_check
from .readers import NO_HINTS, ReadHints


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file holds, or why it cannot be read.

    Attributes
    ----------
    file
        The file as it was named.
    failure
        The reason, if it cannot be read; all else is then empty.
    format
        The reader's name for the kind of file.
    rate
        Samples per second, Hz.
    n_samples
        Samples of each lead.
    leads
        One entry per lead, in the order of the recording.
    limb
        Whether the limb leads agree with each other.
    notes
        What was assumed or changed while reading.
    problems
        What a person should check before a job runs, in words.
    assumed
        What neither the file nor the user stated, see `Record.assumed`.
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
    assumed: tuple[Assumption, ...] = ()

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.rate if self.rate else 0.0


def inspect_file(path: str | Path, hints: ReadHints = NO_HINTS) -> Inspection:
    """Read a file as a job would and report the result.

    Parameters
    ----------
    path
        The file.
    hints
        What the file does not state itself.

    Returns
    -------
    Inspection
        The content of a file never raises an exception: see `Inspection.failure`.
    """
    try:
        checked = read_and_check(path, hints)
    except RecordingError as error:
        return Inspection(file=str(path), failure=error)
    record = checked.record
    limb = check_leads(record)
    problems = list(checked.warnings)
    if not limb.good:
        remedy = f" ({limb.remedy})" if limb.remedy else ""
        problems.append(f"limb leads: {limb.verdict}{remedy}")
    return Inspection(
        file=str(path),
        format=record.format,
        rate=record.rate,
        n_samples=record.n_samples,
        leads=checked.leads,
        limb=limb,
        notes=record.notes,
        problems=tuple(problems),
        assumed=record.assumed,
    )


def format_text(inspection: Inspection) -> str:
    """Format an inspection as lines of text, without a newline at the end."""
    failure = inspection.failure
    if failure is not None:
        rows = [("failure", f"{failure.message} ({failure.kind})"), ("remedy", failure.remedy)]
        return readable("\n".join([written(inspection.file), *_aligned(rows)]))
    names = " ".join(lead.name for lead in inspection.leads)
    rows = [
        ("format", inspection.format),
        ("leads", f"{len(inspection.leads)}: {names}"),
        ("rate", f"{inspection.rate:g} Hz"),
        ("length", f"{inspection.duration:g} s, {inspection.n_samples:,} samples"),
        ("assumed", ", ".join(assumptions(inspection.assumed, inspection.rate)) or "nothing"),
        ("limb", str(inspection.limb)),
        *(("note", note) for note in inspection.notes),
        *(("problem", problem) for problem in inspection.problems),
    ]
    said = [written(inspection.file), *_aligned(rows), "", *_lead_table(inspection.leads)]
    return readable("\n".join(said))


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    return [f"  {label:<8} {text}" for label, text in rows]


def _lead_table(leads: tuple[LeadFacts, ...]) -> list[str]:
    """One line per lead: its name, range and gaps, in columns."""
    table = ["  lead       min mV     max mV      NaN"]
    for lead in leads:
        if lead.minimum is None or lead.maximum is None:
            span = f"{'-':>10} {'-':>10}"
        else:
            span = f"{lead.minimum:>10.3f} {lead.maximum:>10.3f}"
        table.append(f"  {lead.name:<6} {span} {lead.nan:>8,}{'  flat' if lead.flat else ''}")
    return table


def as_json(inspection: Inspection) -> dict[str, Any]:
    """All that is known of a file, ready for JSON; amplitudes in mV, rate in Hz."""
    failure = inspection.failure
    if failure is not None:
        reason = {
            "class": str(failure.kind),
            "message": readable(failure.message),
            "remedy": readable(failure.remedy),
        }
        return {"file": written(inspection.file), "readable": False, **reason}
    limb = inspection.limb
    return {
        "file": written(inspection.file),
        "readable": True,
        "format": inspection.format,
        "rate_hz": inspection.rate,
        "samples": inspection.n_samples,
        "duration_s": inspection.duration,
        "assumed": list(inspection.assumed),
        "unit_known": Assumption.UNIT not in inspection.assumed,
        "leads": [
            {
                "name": lead.name,
                "min_mv": lead.minimum,
                "max_mv": lead.maximum,
                "nan_samples": lead.nan,
                "flat": lead.flat,
            }
            for lead in inspection.leads
        ],
        "limb_leads": limb.verdict if limb else None,
        "limb_residual_mv": limb.residual_mv if limb else None,
        "notes": list(inspection.notes),
        "problems": list(inspection.problems),
    }


TABLE_HEAD = "format      leads  rate Hz  length s    min mV    max mV  file"
"""The names of the columns of `format_row`."""


def format_row(inspection: Inspection) -> str:
    """Format an inspection as one line of a table; problems follow the file name."""
    failure, file = inspection.failure, written(inspection.file)
    if failure is not None:
        return readable(f"{failure.kind!s:<56}  {file}: {failure.message}; {failure.remedy}")
    lows = [lead.minimum for lead in inspection.leads if lead.minimum is not None]
    highs = [lead.maximum for lead in inspection.leads if lead.maximum is not None]
    problems = f": {'; '.join(inspection.problems)}" if inspection.problems else ""
    return readable(
        f"{inspection.format:<11} {len(inspection.leads):>5} {inspection.rate:>8g} "
        f"{inspection.duration:>9g} {min(lows, default=math.nan):>9.3f} "
        f"{max(highs, default=math.nan):>9.3f}  {file}{problems}"
    )


class Corpus:
    """A summary of many files, counted one by one in constant memory.

    Attributes
    ----------
    n_files, n_failed
        Number of files, and of those that could not be read.
    """

    def __init__(self) -> None:
        self.n_files = 0
        self.n_failed = 0
        self._counts: dict[str, Counter[str]] = {kind: Counter() for kind in self._KINDS}
        self._shortest, self._longest, self._seconds = math.inf, 0.0, 0.0

    _KINDS = ("refused", "format", "rate", "leads", "limb", "assumed", "problem")
    _MOST = 6

    def add(self, inspection: Inspection) -> None:
        """Count one file."""
        self.n_files += 1
        counts = self._counts
        if inspection.failure is not None:
            self.n_failed += 1
            counts["refused"][str(inspection.failure.kind)] += 1
            return
        counts["format"][inspection.format] += 1
        counts["rate"][f"{inspection.rate:g} Hz"] += 1
        # An odd corpus may have as many sets of leads as files.
        leads = " ".join(lead.name for lead in inspection.leads[:16])
        known = leads in counts["leads"] or len(counts["leads"]) < 1000
        counts["leads"][leads if known else "others"] += 1
        counts["limb"][inspection.limb.verdict if inspection.limb else ""] += 1
        for fact in assumptions(inspection.assumed, inspection.rate):
            counts["assumed"][fact] += 1
        for problem in inspection.problems:
            kind = problem.partition(":")[0].partition(" in ")[0]
            counts["problem"]["amplitude" if kind[:3] in ("up ", "at ") else kind] += 1
        self._shortest = min(self._shortest, inspection.duration)
        self._longest = max(self._longest, inspection.duration)
        self._seconds += inspection.duration

    def format_text(self) -> str:
        """Format the counts as lines of text, the most frequent first."""
        n_read = self.n_files - self.n_failed
        rows = [("files", f"{self.n_files:,}: {n_read:,} can be read, {self.n_failed:,} cannot")]
        if n_read:
            mean = self._seconds / n_read
            span = f"{self._shortest:g} to {self._longest:g} s, mean {mean:g} s"
            rows.append(("length", span))
        for kind, counts in self._counts.items():
            shown = [f"{count:,} x {what}" for what, count in counts.most_common(self._MOST)]
            if len(counts) > self._MOST:
                shown.append(f"{len(counts) - self._MOST} more kinds")
            rows += [(kind if not place else "", line) for place, line in enumerate(shown)]
        return "\n".join(_aligned(rows))
