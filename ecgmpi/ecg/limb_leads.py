"""Whether the limb leads of a recording agree with each other.

Six limb leads hold two leads' worth of signal (see `ecgmpi.ecg.leads`), so a file can be
checked against itself. Measured on real files: PTB-XL, PTB and Georgia hold the relations
to 1.5 uV, one or two steps of 1 uV; MUSE and the First China competition have steps of
4.88 uV; its first release, with aVR upside down, misses them by 0.4 to 2.3 mV.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arm_reversal import arms_swapped
from .leads import DERIVED, derived
from .record import Record
from .residuals import Samples, centred, largest_size, within

TOLERANCE_MV = 0.02
"""Leads that agree to this are consistent: rounding each lead to steps of q leaves up to
1.5 q, cutting it off up to 2 q, and this is 2 q for the coarsest step in use (10 uV)."""

TOLERANCE_PART = 0.02
"""Or to this part of the larger of I and II, whatever the unit: a calibration is accurate to
a few per cent (IEC 60601-2-25 asks for 5), and every fault here is as large as a lead."""

FLAT_MV = 0.05
"""Limb leads that all stay within a band this wide agree even if they are wrong."""

GAIN_PART = 0.03
"""Two leads that give gains of I against II within this tolerance give the same gain."""

CONSISTENT = "consistent"
NOT_CHECKED = "not checked"
SWAPPED = "right and left arm swapped (likely)"
BY_OFFSETS = "inconsistent by offsets"
BY_GAINS = "inconsistent by gains"
INCONSISTENT = "inconsistent"

_Rows = dict[str, Samples]


@dataclass(frozen=True, slots=True)
class LimbCheck:
    """Whether the limb leads agree with each other.

    Attributes
    ----------
    verdict
        In words: one of those above, or what is wrong with which lead, such as
        ``aVR inverted, aVL wrong``.
    residual_mv
        The 99th-percentile residual, mV, of the worst of III, aVR, aVL and aVF against
        the lead computed from I and II; None if nothing could be compared.
    offset_free_mv
        The same after removing the median of each difference: the residual without constant
        offsets, mV. None if the verdict did not need it.
    wrong
        The leads to recompute from I and II, in the order of `DERIVED`; empty also if I or
        II is in doubt.
    order
        Another order of the rows in which the limb leads agree; empty if none is known.
    """

    verdict: str
    residual_mv: float | None = None
    offset_free_mv: float | None = None
    wrong: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.residual_mv is None:
            return self.verdict
        return f"{self.verdict} (residual {self.residual_mv:.3f} mV)"

    @property
    def good(self) -> bool:
        """Whether no fault of the leads is known."""
        return self.verdict in (CONSISTENT, NOT_CHECKED)

    @property
    def remedy(self) -> str:
        """The option that corrects the fault; empty if none does."""
        if self.order:
            return f"set --lead-names {','.join(self.order)}"
        return f"--repair-limb recomputes {' '.join(self.wrong)}" if self.wrong else ""


def check_limb(record: Record) -> LimbCheck:
    """Compare III, aVR, aVL and aVF with the leads computed from I and II.

    Parameters
    ----------
    record
        A recording; I, II and at least one of the four are needed. -aVR counts as aVR.

    Returns
    -------
    LimbCheck
    """
    rows = _limb_rows(record)
    if rows is None:
        return LimbCheck(NOT_CHECKED)
    with np.errstate(over="ignore", invalid="ignore"):
        residuals = {lead: np.abs(d) for lead, d in _differences(rows).items()}
        residual = largest_size(residuals.values())
        if not np.isfinite(residual):
            return LimbCheck(NOT_CHECKED)
        if residual > TOLERANCE_MV:
            tolerance = _Tolerance(rows["I"], rows["II"])
            if tolerance.below(residual):
                return _explain(rows, residuals, residual, tolerance)
        if all(float(np.ptp(row)) < FLAT_MV for row in rows.values()):
            return LimbCheck(NOT_CHECKED, residual)
        return LimbCheck(SWAPPED if arms_swapped(record) else CONSISTENT, residual)


class _Tolerance:
    """What leads must agree to, mV: `TOLERANCE_MV`, or `TOLERANCE_PART` of I or II.

    Most residuals are far below or far above it, so it is found only for those that are not.

    Parameters
    ----------
    one, two
        Samples of I and II, float32, mV.
    """

    def __init__(self, one: Samples, two: Samples) -> None:
        self._leads = (one, two)
        self._ranges = [(float(row.min()), float(row.max())) for row in self._leads]
        # No sample is farther from the median than from all others.
        widest = max(high - low for low, high in self._ranges)
        self._most = max(TOLERANCE_MV, TOLERANCE_PART * widest)

    @property
    def largest(self) -> float:
        """The largest magnitude of I and II, mV."""
        return max(max(-low, high) for low, high in self._ranges)

    def holds(self, magnitudes: Samples) -> bool:
        """Whether leads with this residual agree."""
        return within(magnitudes, self._most) and (
            within(magnitudes, TOLERANCE_MV) or within(magnitudes, self._exact)
        )

    def below(self, size: float) -> bool:
        """Whether a residual of that size exceeds it, mV."""
        return size > self._most or (size > TOLERANCE_MV and size > self._exact)

    @cached_property
    def _exact(self) -> float:
        size = largest_size(centred(row.astype(np.float64)) for row in self._leads)
        return max(TOLERANCE_MV, TOLERANCE_PART * size)


def _limb_rows(record: Record) -> _Rows | None:
    """I, II and those of the four that exist, at samples that all have; None if too few."""
    leads = record.leads
    if "I" not in leads or "II" not in leads or not record.n_samples:
        return None
    rows: _Rows = {"I": record["I"], "II": record["II"]}
    for lead in DERIVED:
        if lead in leads:
            rows[lead] = record[lead]
        elif f"-{lead}" in leads:
            rows[lead] = -record[f"-{lead}"]
    # One pass shows whether there is a gap; only then are samples selected.
    if np.isnan(record.signal.min()):
        empty = [lead for lead, row in rows.items() if np.isnan(row).all()]
        if "I" in empty or "II" in empty:
            return None
        rows = {lead: row for lead, row in rows.items() if lead not in empty}
        there = ~np.isnan(np.stack(list(rows.values()))).any(axis=0)
        rows = {lead: row[there] for lead, row in rows.items()}
    return rows if len(rows) > 2 and rows["I"].size else None


def _differences(rows: _Rows) -> _Rows:
    """The difference of each of the four from the lead computed from I and II."""
    return {lead: rows[lead] - _made(rows, lead) for lead in DERIVED if lead in rows}


def _exact(rows: _Rows, leads: Iterable[str] | None = None) -> _Rows:
    return {lead: rows[lead].astype(np.float64) for lead in leads or rows}


def _explain(rows: _Rows, residuals: _Rows, residual: float, tolerance: _Tolerance) -> LimbCheck:
    """Explain what is wrong with leads that do not agree.

    `residuals` are the magnitudes of the differences in float32, `residual` is the largest of
    their sizes, mV.
    """
    near = _near(residuals, tolerance)
    far = [lead for lead in residuals if lead not in near]
    wrong = tuple(lead for lead in far if not tolerance.holds(residuals[lead]))
    exact = _exact(rows, ("I", "II", *far))
    free = {lead: centred(exact[lead] - _made(exact, lead)) for lead in far}
    bad = [lead for lead, one in free.items() if not tolerance.holds(one)]
    if not bad:
        exact = _exact(rows)
        free |= {lead: centred(exact[lead] - _made(exact, lead)) for lead in near}
        return LimbCheck(BY_OFFSETS, residual, largest_size(free.values()), wrong)
    offset_free = largest_size(free[lead] for lead in bad)
    held = len(residuals) - len(bad)
    # A single fault of I or II that explains everything is preferred to several others.
    if held == 0 and (fault := _fault_of_i_or_ii(_exact(rows), tolerance)):
        return LimbCheck(fault, residual, offset_free)
    words = {lead: _fault(exact, lead, tolerance) for lead in bad}
    # Leads that agree, even inverted, confirm I and II: two of them, or one of two.
    vouching = held + sum(word == "inverted" for word in words.values())
    if vouching >= 2 or (vouching == 1 and len(residuals) <= 2):
        said = [f"{lead} {word}" for lead, word in words.items()]
        if len(wrong) > len(bad):
            said.append("others by offsets")
        return LimbCheck(", ".join(said), residual, offset_free, wrong)
    ratio = _gain_ratio(_exact(rows), tolerance)
    if ratio is not None:
        alike = abs(ratio - 1.0) <= GAIN_PART
        return LimbCheck(BY_GAINS, residual, offset_free, wrong if alike else ())
    return LimbCheck(INCONSISTENT, residual, offset_free, wrong)


def _near(residuals: _Rows, tolerance: _Tolerance) -> list[str]:
    """The leads that agree whatever their offset: half the tolerance bounds it, too.

    `residuals` are in float32, and what their rounding may add is less than the slack here.
    """
    slack = 1e-6 * (1.0 + 2.0 * tolerance.largest)
    return [lead for lead, one in residuals.items() if within(one, TOLERANCE_MV / 2 - slack)]


def _made(rows: _Rows, lead: str) -> Samples:
    return derived(lead, rows["I"], rows["II"])


def _fault(rows: _Rows, lead: str, tolerance: _Tolerance) -> str:
    mirrored = rows[lead] + _made(rows, lead)
    # If half the tolerance bounds it, it bounds the offset, too.
    small = within(np.abs(mirrored), TOLERANCE_MV / 2)
    return "inverted" if small or tolerance.holds(centred(mirrored)) else "wrong"


def _fault_of_i_or_ii(rows: _Rows, tolerance: _Tolerance) -> str:
    """Name the one lead whose correction makes all others agree; empty if there is none."""
    others = [lead for lead in DERIVED if lead in rows]
    one, two = rows["I"], rows["II"]
    guesses: dict[str, _Rows] = {}
    if len(others) >= 2:
        guesses = {
            "I inverted": {"I": -one},
            "II inverted": {"II": -two},
            "I and II inverted": {"I": -one, "II": -two},
        }
    if len(others) >= 3 and "III" in rows:
        guesses["I wrong"] = {"I": two - rows["III"]}
        guesses["II wrong"] = {"II": one + rows["III"]}
    for words, instead in guesses.items():
        differences = _differences(rows | instead).values()
        if all(tolerance.holds(centred(difference)) for difference in differences):
            return words
    return ""


def _gain_ratio(rows: _Rows, tolerance: _Tolerance) -> float | None:
    """The factor by which I is too small relative to II, if one gain per lead explains all.

    Each of the four is fitted as a sum of I and II. Gains can explain any two factors, but
    the ratio of I to II that they imply must be the same for each lead.
    """
    one, two = (rows[lead] - rows[lead].mean() for lead in ("I", "II"))
    # Sums and not dot products: BLAS differs from one machine to the next.
    square_one, square_two, across = (one * one).sum(), (two * two).sum(), (one * two).sum()
    determinant = square_one * square_two - across * across
    if determinant <= 1e-6 * square_one * square_two:
        return None
    ratios = []
    for lead, (of_one, of_two) in DERIVED.items():
        if lead not in rows:
            continue
        row = rows[lead] - rows[lead].mean()
        with_one, with_two = (row * one).sum(), (row * two).sum()
        first = (with_one * square_two - with_two * across) / determinant
        second = (with_two * square_one - with_one * across) / determinant
        if not tolerance.holds(np.abs(row - first * one - second * two)):
            return None
        if min(first / of_one, second / of_two) <= 0.0:
            return None
        ratios.append(float(first / of_one) / float(second / of_two))
    if len(ratios) < 2 or max(ratios) > min(ratios) * (1.0 + GAIN_PART):
        return None
    return sum(ratios) / len(ratios)
