"""What to do about inconsistent limb leads: another lead order, or a repair.

If a file does not name its rows, their order is an assumption. If the limb leads agree in
another common order, the order is wrong and not the signal: a repair would then overwrite
chest leads.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .leads import DERIVED, complete, derived, from_limbs
from .limb_leads import CONSISTENT, TOLERANCE_MV, TOLERANCE_PART, LimbCheck, check_limb
from .record import STANDARD_LEADS, Assumption, Record
from .residuals import Samples

_CHEST = STANDARD_LEADS[6:]

OTHER_ORDERS = (
    ("I", "II", *_CHEST, "III", "aVR", "aVL", "aVF"),
    ("I", "II", "III", "aVL", "aVR", "aVF", *_CHEST),
    ("aVL", "I", "-aVR", "II", "aVF", "III", *_CHEST),
    (*_CHEST, "I", "II", "III", "aVR", "aVL", "aVF"),
    (*_CHEST, "I", "II", "III", "aVL", "aVR", "aVF"),
)
"""Other orders of twelve unnamed rows in use than `STANDARD_LEADS`: that of HL7 aECG, SCP-ECG
and eight-lead devices, with the derived leads last; two that exports use; that of Cabrera;
and chest leads first."""


_STRIDE = 16
"""One sample in this many is enough to rule out an order."""


def check_leads(record: Record) -> LimbCheck:
    """Check the limb leads; if their order was assumed, search for one in which they agree.

    Parameters
    ----------
    record
        A recording, see `ecgmpi.limb.check_limb`.

    Returns
    -------
    LimbCheck
        `LimbCheck.order` is set if the leads agree only in an order other than the assumed
        one. Nothing needs repair then.
    """
    check = check_limb(record)
    assumed = Assumption.LEADS in record.assumed and record.leads == STANDARD_LEADS
    if check.good or not assumed:
        return check
    few = np.ascontiguousarray(record.signal[:, ::_STRIDE])
    for order in _with_iii(few):
        if not _may_agree(few, order):
            continue
        other = check_limb(replace(record, leads=order))
        if other.verdict == CONSISTENT:
            verdict = f"consistent only in the order {' '.join(order)}"
            return LimbCheck(verdict, check.residual_mv, order=order)
    return check


_PLACES = np.array([[order.index(lead) for lead in ("I", "II", "III")] for order in OTHER_ORDERS]).T
"""Rows of I, II and III in each of `OTHER_ORDERS`."""

_BUT_III = tuple(lead for lead in DERIVED if lead != "III")


def _with_iii(few: Samples) -> list[tuple[str, ...]]:
    """The orders in which III follows from I and II in most of a few samples of all leads.

    A recording in another order than all of these is ruled out in one step.
    """
    one, two, three = (few[places] for places in _PLACES)
    with np.errstate(over="ignore", invalid="ignore"):
        held = _held("III", three, one, two, _tolerance(one, two)).sum(axis=1)
    return [order for order, n in zip(OTHER_ORDERS, held, strict=True) if 2 * n > few.shape[1]]


def _may_agree(few: Samples, order: tuple[str, ...]) -> bool:
    """Whether all that follows from I and II does, in most of a few samples.

    But for III: see `_with_iii`.
    """
    rows = dict(zip(order, few, strict=True))
    one, two = rows["I"], rows["II"]
    with np.errstate(over="ignore", invalid="ignore"):
        tolerance = _tolerance(one, two)
        for lead in _BUT_III:
            row = rows[lead] if lead in rows else -rows[f"-{lead}"]
            held = _held(lead, row, one, two, tolerance)
            if 2 * np.count_nonzero(held) <= held.size:
                return False
    return True


def _tolerance(one: Samples, two: Samples) -> Samples:
    """What each sample of a lead that follows from I and II may miss by, mV."""
    size = np.maximum(np.abs(one), np.abs(two))
    return np.maximum(TOLERANCE_MV, TOLERANCE_PART * size)


def _held(
    lead: str, row: Samples, one: Samples, two: Samples, tolerance: Samples
) -> npt.NDArray[np.bool_]:
    """Where samples of a lead follow from those of I and II."""
    held: npt.NDArray[np.bool_] = np.abs(row - derived(lead, one, two)) <= tolerance
    return held


def check_and_repair(
    record: Record, wanted: tuple[str, ...] | None = None, repair: bool = False
) -> tuple[Record, LimbCheck]:
    """Check the limb leads, repair them on request, and add those that follow from I and II.

    Parameters
    ----------
    record
        The whole recording, as it was read.
    wanted
        Leads to draw, see `ecgmpi.leads.complete`.
    repair
        Whether to recompute leads that are wrong.

    Returns
    -------
    tuple
        The recording, with a note of every change, and the check of the recorded leads
        after the repair.

    Raises
    ------
    RecordingError
        A computed lead would be beyond the range of float32.
    """
    check = check_leads(record)
    if repair and not check.good:
        record, check = repair_limb(record, check)
    return complete(record, wanted), check


def repair_limb(record: Record, check: LimbCheck) -> tuple[Record, LimbCheck]:
    """Recompute the leads that `check` found wrong from I and II.

    Parameters
    ----------
    record
        A recording.
    check
        The result of `check_limb` for it.

    Returns
    -------
    tuple
        The recording with a note of what was repaired, or why not; and its check.

    Raises
    ------
    RecordingError
        A sample would be beyond the range of float32.
    """
    if not check.wrong:
        note = f"limb leads not recomputed: {check}"
        return replace(record, notes=(*record.notes, note)), check
    signal = record.signal.copy()
    for lead in check.wrong:
        if lead in record.leads:
            signal[record.leads.index(lead)] = from_limbs(record, lead)
        else:
            signal[record.leads.index(f"-{lead}")] = -from_limbs(record, lead)
    note = f"{' '.join(check.wrong)} recomputed from I and II; limb leads had been {check}"
    record = replace(
        record, signal=signal, made=record.made + check.wrong, notes=(*record.notes, note)
    )
    return record, check_limb(record)
