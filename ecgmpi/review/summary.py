"""What a check found: on a screen for people, as one JSON document for programs."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from ecgmpi.names import readable
from ecgmpi.options.quantities import ALL

from .problems import ALTERED, EXTRA, KINDS, MISSING, UNCHECKED, Checked
from .verify import Verification

MOST_NAMED = 5
"""Problems of each kind, and leads, that are named on a screen."""

_DRAWN = "{again}: it draws what is missing or altered"
_REMEDIES = {
    MISSING: _DRAWN,
    ALTERED: _DRAWN,
    EXTRA: "no row of the manifest knows of the extra files: remove them by hand",
    UNCHECKED: "run ecgmpi verify again, with fewer --workers if memory is short",
}


def as_text(found: Verification) -> str:
    """What a check found, in lines for people."""
    checked = found.checked
    seconds = max(found.seconds, 1e-3)
    part = "" if found.part == ALL else f", part {found.part}"
    lines = [
        f"OUT {found.out}{part}: {checked.pictures:,} pictures, {checked.files:,} files, "
        f"{checked.bytes / 1e6:,.1f} MB in {found.seconds:.1f} s "
        f"({checked.pictures / seconds:,.1f} pictures/s, "
        f"{checked.bytes / 1e6 / seconds:,.1f} MB/s)"
    ]
    if found.unfinished:
        lines.append(found.unfinished)
    if found.asked_to_decode:
        lines += _decoded(found)
    for kind in KINDS:
        lines += _problems(checked, kind)
    lines += dict.fromkeys(
        remedy.format(again=found.again)
        for kind, remedy in _REMEDIES.items()
        if any(problem.kind == kind for problem in checked.problems)
    )
    if not checked.problems:
        lines.append("nothing is missing, altered or extra")
    return readable("\n".join(lines))


def _problems(checked: Checked, kind: str) -> Iterator[str]:
    named = [problem for problem in checked.problems if problem.kind == kind]
    if not named:
        return
    count = checked.counts[kind]
    yield f"{kind}: {count:,}"
    yield from (f"  {problem}" for problem in named[:MOST_NAMED])
    if count > MOST_NAMED:
        yield f"  and {count - MOST_NAMED:,} more: --json names all"


def _decoded(found: Verification) -> Iterator[str]:
    checked = found.checked
    leads = checked.decoded
    line = f"round trip: {len(leads)} leads of {found.asked_to_decode} pictures"
    if leads:
        errors = [lead.error_uv for lead in leads]
        line += (
            f", rms error {statistics.median(errors):.1f} uV median, {max(errors):.1f} uV worst; "
            f"allowed {min(lead.median_uv for lead in leads):.1f} and "
            f"{min(lead.worst_uv for lead in leads):.1f}"
        )
    yield line
    if checked.crossing:
        yield f"  left out: {checked.crossing} leads whose trace touches another"
    if leads:
        worst = leads[:MOST_NAMED]
        yield "  worst: " + ", ".join(
            f"{lead.key} {lead.lead} {lead.error_uv:.1f} uV" for lead in worst
        )
    if found.beyond_bounds:
        yield "  that is more than allowed: look at these pictures and their recordings"
    if checked.undecoded:
        yield f"could not be decoded: {len(checked.undecoded)}"
        yield from (f"  {key}: {why}" for key, why in checked.undecoded[:MOST_NAMED])


def as_json(found: Verification) -> dict[str, Any]:
    """What a check found, with every name, ready for JSON."""
    checked = found.checked
    document: dict[str, Any] = {
        "out": found.out,
        "part": str(found.part),
        "status": int(found.status),
        "unfinished": found.unfinished,
        "seconds": round(found.seconds, 3),
        "pictures": checked.pictures,
        "files": checked.files,
        "bytes": checked.bytes,
    }
    for kind in KINDS:
        document[kind] = [
            {"path": problem.path, "member": problem.member, "how": problem.how}
            for problem in checked.problems
            if problem.kind == kind
        ]
    if found.asked_to_decode:
        errors = [lead.error_uv for lead in checked.decoded]
        document["roundtrip"] = {
            "pictures": found.asked_to_decode,
            "median_uv": statistics.median(errors) if errors else None,
            "worst_uv": max(errors, default=None),
            "beyond_bounds": found.beyond_bounds,
            "leads": [
                {"key": lead.key, "lead": lead.lead, "error_uv": lead.error_uv}
                for lead in checked.decoded
            ],
            "crossing": checked.crossing,
            "undecoded": [{"key": key, "why": why} for key, why in checked.undecoded],
        }
    return document
