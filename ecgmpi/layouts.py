"""Which lead goes where on a page: plain data, one declaration per layout.

Nothing here draws, and only the standard library is imported: the command line takes the
names of the layouts from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from .ecg.lead_names import canonical_label
from .errors import UsageError

LIMB = ("I", "II", "III")
AUGMENTED = ("aVR", "aVL", "aVF")
CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")

STRIP = "strip"
"""The layout that is not a page: one picture per lead."""

PAPERS = {"a4": (297.0, 210.0), "letter": (279.4, 215.9)}
"""Width and height of each sheet in landscape orientation, mm."""
FIT = "fit"
"""The paper that is exactly as large as the traces need."""

SUCCESSIVE, SAME = "successive", "same"
"""Each column continues the one before it, or all columns show the same seconds."""

FIRST, ALL = "first", "all"
"""One page per recording, or as many as it needs."""

AUTO: Literal["auto"] = "auto"
"""The gain that a page chooses for itself."""
Gain = float | Literal["auto"]
"""Amplitude scale: a number of mm/mV, or `AUTO`."""

MOST_COLUMNS, MOST_ROWS, MOST_SECONDS = 24, 64, 3600.0
"""The most that a layout may have: more would be illegible on any sheet."""


@dataclass(frozen=True, slots=True)
class PageSpec:
    """What stands where on a page.

    Attributes
    ----------
    name
        As ``--layout`` knows it.
    columns
        The leads of each column, from top to bottom, by canonical name; ``-aVR`` is aVR
        upside down.
    rhythm
        Leads below them, each over the full width of a row.
    seconds
        Length of a row, s, divided among the columns.
    any_lead
        Whether to show the first lead of a recording that has none of these.

    Raises
    ------
    UsageError
        It has no lead, or more columns, rows or seconds than a page can show.
    """

    name: str
    columns: tuple[tuple[str, ...], ...]
    rhythm: tuple[str, ...] = ()
    seconds: float = 10.0
    any_lead: bool = False

    def __post_init__(self) -> None:
        # Equal layouts must compare equal, whatever types they were given as.
        object.__setattr__(self, "columns", tuple(map(_labels, _series(self.columns))))
        object.__setattr__(self, "rhythm", _labels(self.rhythm))
        if not 1 <= len(self.columns) <= MOST_COLUMNS:
            raise UsageError(
                f"layout {self.name} has {len(self.columns)} columns: give 1 to {MOST_COLUMNS}"
            )
        if not self.leads:
            raise UsageError(f"layout {self.name} names no lead: name at least one")
        if self.n_rows > MOST_ROWS:
            raise UsageError(
                f"layout {self.name} has {self.n_rows} rows: give at most {MOST_ROWS}, "
                "rhythm strips included"
            )
        number = isinstance(self.seconds, (int, float)) and not isinstance(self.seconds, bool)
        if not (number and 0 < self.seconds <= MOST_SECONDS):
            raise UsageError(
                f"layout {self.name} has rows of {self.seconds!r} s: give a number above 0, "
                f"up to {MOST_SECONDS:g}"
            )
        object.__setattr__(self, "seconds", float(self.seconds))

    @property
    def n_rows(self) -> int:
        """Rows of traces, rhythm strips included."""
        return max(len(column) for column in self.columns) + len(self.rhythm)

    @property
    def leads(self) -> tuple[str, ...]:
        """Every lead on it, once, column by column."""
        return _leads_on(self.columns, self.rhythm)


@lru_cache(maxsize=64)
def _leads_on(columns: tuple[tuple[str, ...], ...], rhythm: tuple[str, ...]) -> tuple[str, ...]:
    named = [lead for column in columns for lead in column] + list(rhythm)
    return tuple(dict.fromkeys(named))


def _series(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UsageError(f'{value!r} is not a list of lead names: give for example ["I", "II"]')
    return tuple(value)


def _labels(value: Any) -> tuple[str, ...]:
    labels = _series(value)
    if not all(isinstance(label, str) for label in labels):
        raise UsageError(f'{value!r} is not a list of lead names: give for example ["I", "II"]')
    return tuple(map(str, labels))


THREE_BY_FOUR = (LIMB, AUGMENTED, CHEST[:3], CHEST[3:])
SIX_BY_TWO = (LIMB + AUGMENTED, CHEST)

PAGES = {
    page.name: page
    for page in (
        PageSpec("3x4", THREE_BY_FOUR),
        PageSpec("3x4+1", THREE_BY_FOUR, rhythm=("II",)),
        PageSpec("3x4+3", THREE_BY_FOUR, rhythm=("V1", "II", "V5")),
        PageSpec("6x2", SIX_BY_TWO),
        PageSpec("6x2+1", SIX_BY_TWO, rhythm=("II",)),
        PageSpec("12x1", (LIMB + AUGMENTED + CHEST,)),
        PageSpec("4x3", ((*LIMB, "aVR"), ("aVL", "aVF", *CHEST[:2]), CHEST[2:])),
        PageSpec("1", (("II",),), any_lead=True),
    )
}
"""Every page by its name: rows by columns, and rhythm strips."""

NAMES = (STRIP, *PAGES)
"""Everything that ``--layout`` takes."""

_CABRERA = dict(
    zip(LIMB + AUGMENTED, ("aVL", "I", "-aVR", "II", "aVF", "III"), strict=True),
)


def cabrera(page: PageSpec) -> PageSpec:
    """Put the limb leads of a page in the order of Cabrera: aVL I -aVR II aVF III.

    Rhythm strips do not change.

    Examples
    --------
    >>> cabrera(PAGES["3x4"]).columns[:2]
    (('aVL', 'I', '-aVR'), ('II', 'aVF', 'III'))
    """
    columns = tuple(tuple(_CABRERA.get(lead, lead) for lead in column) for column in page.columns)
    # A page that shows one lead shows that lead.
    return page if len(page.leads) == 1 else replace(page, columns=columns)


def with_leads(page: PageSpec, leads: tuple[str, ...]) -> PageSpec:
    """Fill the places of a page with other leads, column by column, until they run out.

    A rhythm strip stays only if its lead is among them.

    Raises
    ------
    UsageError
        There are more leads than places.

    Examples
    --------
    >>> with_leads(PAGES["3x4"], ("V1", "V2", "II", "V5")).columns
    (('V1', 'V2', 'II'), ('V5',), (), ())
    """
    places = sum(map(len, page.columns))
    if len(leads) > places:
        raise UsageError(
            f"--leads {','.join(leads)}: layout {page.name} has {places} places, not {len(leads)}"
        )
    columns, taken = [], 0
    for column in page.columns:
        columns.append(leads[taken : taken + len(column)])
        taken += len(column)
    rhythm = tuple(lead for lead in page.rhythm if lead in leads)
    return replace(page, columns=tuple(columns), rhythm=rhythm, any_lead=False)


def canonical_page(page: PageSpec) -> PageSpec:
    """Give all leads of a layout their canonical spelling.

    Raises
    ------
    UsageError
        A name is empty.
    """
    if not all(label.strip(" -") for label in page.leads):
        raise UsageError(f"layout {page.name} has a lead without a name: name it, or leave it out")
    columns = tuple(tuple(map(canonical_label, column)) for column in page.columns)
    return replace(page, columns=columns, rhythm=tuple(map(canonical_label, page.rhythm)))
