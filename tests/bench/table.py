"""Tables in Markdown: all figures of a run, and the few of them that stand in the README."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.bench.document import Document, figures_of
from tests.bench.figures import number

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
COMMITTED = Path(__file__).with_name("figures.json")
"""The run whose figures are in the README."""

BEGIN = "<!-- benchmark: begin, written by python -m tests.bench --readme -->"
END = "<!-- benchmark: end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the README's table.

    Attributes
    ----------
    what
        What is measured.
    told
        The figures, each as ``{name:format}``.
    """

    what: str
    told: str


ROWS = (
    Row(
        "12 strips of a recording",
        "{strip.ms:.1f} ms, **{strip.ratio:.0f} times as fast** as a reused matplotlib figure "
        "({strip.script_ms:,.0f} ms), {strip.floors:.2f} times the floor: the same pixels copied, "
        "deflated, written",
    ),
    Row(
        "a page, `3x4+1` at 200 dpi",
        "{page.ms:.1f} ms, **{page.ratio:.0f} times as fast** as a matplotlib figure per page "
        "({page.matplotlib_ms:,.0f} ms), {page.floors:.2f} times the floor",
    ),
    Row(
        "to start: `ecgmpi --version`; to the first picture, of `mpirun -n 2`",
        "{startup.version_cpu_s:.2f} s; {startup.first_picture_s:.1f}, "
        "{startup.ranks2_first_picture_s:.1f} s by the clock",
    ),
    Row(
        "2 workers; 2 ranks of 1 worker",
        "{workers.gain:.2f}; {workers.ranks_gain:.2f} times the rate of 1 worker (2 processes "
        "without a job: {workers.machine_gain:.2f} times that of 1)",
    ),
    Row(
        "memory of a worker",
        "{memory.worker0_few_mb:.0f} MB for {memory.few:,.0f} recordings, "
        "{memory.worker0_many_mb:.0f} MB for {memory.many:,.0f}",
    ),
)

_PLACE = re.compile(r"\{([\w.]+)(:[^}]*)?\}")


def all_figures(document: Document) -> str:
    """A row for each figure, below a line that says what they were measured with."""
    machine = document["machine"]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']:g} GB, load "
        f"{machine['load']:g} before; "
        + ", ".join(f"{name} {version}" for name, version in document["versions"].items()),
        "",
        "| figure | value | quartiles | rounds | gate | what it is |",
        "|---|--:|---|--:|---|---|",
    ]
    for one in figures_of(document):
        value = f"{number(one.value)} {one.unit}".strip()
        cells = (f"`{one.name}`", value, one.spread, str(one.rounds), one.gate, one.about)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def for_readme(document: Document) -> str:
    """The table of the README, with its marks.

    Raises
    ------
    KeyError
        The run lacks a figure that the table needs.
    """
    machine = document["machine"]
    lines = [
        BEGIN,
        f"| 12 leads, 10 s, 500 Hz, read and written, on a core of {machine['cpu']} | CPU time |",
        "|---|---|",
        *(f"| {row.what} | {_filled(row.told, document)} |" for row in ROWS),
        END,
    ]
    return "\n".join(lines) + "\n"


def lacking(document: Document) -> list[str]:
    """Figures that the README's table needs and the run lacks."""
    needed = [name for row in ROWS for name, _ in _PLACE.findall(row.told)]
    return [name for name in needed if name not in document]


def in_text(text: str, table: str) -> str:
    """`text` with `table` in the place of the one between the marks.

    Raises
    ------
    ValueError
        The marks are not there, or not once each.
    """
    pattern = re.compile(rf"^{re.escape(BEGIN)}\n.*?^{re.escape(END)}\n", re.S | re.M)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"expected one table between the lines {BEGIN!r} and {END!r}")
    return pattern.sub(lambda _: table, text)


def _filled(told: str, document: Document) -> str:
    return _PLACE.sub(lambda found: format(document[found[1]], (found[2] or ":")[1:]), told)
