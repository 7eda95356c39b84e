"""Several OUTs side by side, on one page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ecgmpi.amounts import size
from ecgmpi.errors import UsageError
from ecgmpi.names import typed_path, written
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.review.job_state import State, require_out

from .charts import DISTRIBUTIONS, overlaid
from .differences import differing
from .document import FORMAT, gather, told_time
from .figures import MOST_SERIES, histograms
from .gallery import link_to
from .labels import labels
from .page import environment
from .side import Side, side_of
from .side_by_side import Section, sections, worse_by
from .values import Distribution
from .write import refuse_to_replace, write_files

MOST_OUTS = MOST_SERIES


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison says.

    Attributes
    ----------
    made
        When, s since 1970.
    sides
        The OUTs.
    sections
        The rows of its table.
    options, versions
        Those that differ: the value of each OUT.
    """

    made: float
    sides: list[Side]
    sections: list[Section]
    options: dict[str, list[str]]
    versions: dict[str, list[str]]


def write_comparison(outs: Sequence[Path], to: Path) -> Path:
    """Write a page that shows several OUTs side by side, and its numbers beside it, as ``.json``.

    Parameters
    ----------
    outs
        2 to `MOST_OUTS` OUTs, whose jobs may be running, killed, stopped or complete.
    to
        The page.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    UsageError
        There are too many, two are the same, one is no OUT, or the page would replace a file of
        one.
    OSError
        A journal cannot be read, or a file cannot be written.
    """
    _check(outs, to)
    made = time.time()
    # One after another: a report in the making takes more memory than what is kept of it.
    sides = [
        side_of(gather(out, to.absolute().parent, contact_sheet=False), label)
        for out, label in zip(outs, labels(outs), strict=True)
    ]
    found = Comparison(
        made,
        sides,
        sections(sides, size),
        differing([side.options for side in sides]),
        differing([side.versions for side in sides]),
    )
    write_files(to, _page(found, to), _numbers(found))
    return to


def _check(outs: Sequence[Path], to: Path) -> None:
    if len(outs) > MOST_OUTS:
        raise UsageError(f"{len(outs)} OUTs: compare {MOST_OUTS} at a time, or fewer")
    seen: dict[tuple[int, int], Path] = {}
    for out in outs:
        paths = require_out(out)
        found = out.stat()
        place = (found.st_dev, found.st_ino)
        if place in seen:
            names = dict.fromkeys(written(str(one)) for one in (seen[place], out))
            raise UsageError(f"{' and '.join(names)}: the same OUT, given twice; give it once")
        seen[place] = out
        refuse_to_replace(to, (paths.report_html, paths.report_json, paths.run_json))


def _page(found: Comparison, to: Path) -> str:
    return (
        environment()
        .get_template("compare.html.j2")
        .render(
            comparison=found,
            sides=found.sides,
            states=_states(found.sides),
            tone=_tone(found),
            worse=[worse_by(number, found.sections) for number in range(len(found.sides))],
            signs={"more": "▲", "less": "▼", "other": "≠"},
            words={
                "more": "more than most others",
                "less": "less than most others",
                "other": "other than most others",
            },
            distributions=_distributions(found.sides),
            links=[_link(side, to) for side in found.sides],
            numbers_in=to.with_suffix(".json").name,
            commands=[f"ecgmpi report {typed_path(str(side.out))}" for side in found.sides],
        )
    )


def _states(sides: Sequence[Side]) -> str:
    """How many OUTs are in each state, in words."""
    counts = {state: sum(side.state == state for side in sides) for state in State}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count)


def _tone(found: Comparison) -> str:
    """How good it is, for the colour of the headline."""
    if any(side.state in (State.KILLED, State.STOPPED) for side in found.sides):
        return "bad"
    worse = any(row.worse and row.marked for section in found.sections for row in section.rows)
    return "doubtful" if worse else "good"


def _link(side: Side, to: Path) -> str:
    """The report of an OUT, relative to the page; empty where there is none."""
    report = JobPaths(side.out).report_html
    return link_to(report, to.absolute().parent) if report.is_file() else ""


def _distributions(sides: Sequence[Side]) -> list[tuple[str, Markup]]:
    """Draw how recordings of all OUTs are distributed, with titles."""
    found = []
    for title, distribution_of in DISTRIBUTIONS:
        several = [distribution_of(side.tally) if side.tally else None for side in sides]
        some = [one for one in several if one is not None and any(one.counts)]
        if not some:
            continue
        none = Distribution(some[0].unit, some[0].edges, (0,) * len(some[0].counts), None, None)
        edges, counts = overlaid([one or none for one in several])
        # An OUT without any keeps its place, and so its line.
        names = [
            side.label if own.any() else f"{side.label} (none drawn)"
            for side, own in zip(sides, counts, strict=True)
        ]
        about = f"{title}: {'; '.join(map(_told, names, several))}."
        series = list(zip(names, counts, strict=True))
        svg = histograms(edges, series, title.lower(), some[0].unit, about)
        found.append((title, Markup(svg)))
    return found


def _told(name: str, of: Distribution | None) -> str:
    if of is None or of.least is None or of.most is None:
        return name
    return f"{name} from {of.least:,.4g} to {of.most:,.4g} {of.unit}"


def _numbers(found: Comparison) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made": told_time(found.made),
        "outs": [{"label": side.label, **side.numbers} for side in found.sides],
        "differences": {
            "marked": [
                {
                    "about": section.title,
                    "quantity": row.name,
                    "cells": [asdict(cell) for cell in row.cells],
                }
                for section in found.sections
                for row in section.rows
                if row.marked
            ],
            "options": found.options,
            "versions": found.versions,
        },
    }
