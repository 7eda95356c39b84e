"""The limb leads that follow from I and II.

Einthoven (Pflügers Arch 1913;150:275): III = II - I. Goldberger (Am Heart J 1942;23:483):
aVR = -(I + II)/2, aVL = I - II/2, aVF = II - I/2. Four of the six limb leads carry no
information of their own, so devices store eight leads of twelve (AHA/ACCF/HRS 2007, part I).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError

from .lead_names import canonical_leads
from .record import STANDARD_LEADS, Record

DERIVED = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}
"""Derived lead -> its factors of I and of II."""

EIGHT_LEADS = frozenset({"I", "II", "V1", "V2", "V3", "V4", "V5", "V6"})
"""The leads from which all standard twelve follow."""


def with_canonical_leads(record: Record) -> Record:
    """Return `record` with canonical lead names; `record` itself if it has them."""
    leads = canonical_leads(record.leads)
    return record if leads == record.leads else replace(record, leads=leads)


def derived(
    lead: str, one: npt.NDArray[np.floating], two: npt.NDArray[np.floating]
) -> npt.NDArray[np.floating]:
    """Make a lead of `DERIVED` from samples of I and II.

    Both arrays have shape (n_samples,), one floating dtype and one unit; so has the
    result. It is NaN where either is NaN.
    """
    of_one, of_two = DERIVED[lead]
    # The factors are 1 or a half and lose nothing: one rounding a sample.
    samples: npt.NDArray[np.floating] = one * one.dtype.type(of_one) + two * two.dtype.type(of_two)
    return samples


def derive(record: Record, wanted: Iterable[str] = tuple(DERIVED)) -> Record:
    """Add missing limb leads that follow from I and II.

    Parameters
    ----------
    record
        A recording.
    wanted
        Leads to add; those that exist, or do not follow from I and II, are ignored.

    Returns
    -------
    Record
        The new leads follow the others, in the order of `wanted`, and a note names them;
        `record` itself if there is nothing to add.

    Raises
    ------
    RecordingError
        A sample would be beyond the range of float32.
    """
    if "I" not in record.leads or "II" not in record.leads:
        return record
    new = tuple(lead for lead in wanted if lead in DERIVED and lead not in record.leads)
    if not new:
        return record
    rows = np.stack([from_limbs(record, lead) for lead in new])
    return replace(
        record,
        signal=np.concatenate([record.signal, rows]),
        leads=record.leads + new,
        made=record.made + new,
        notes=(*record.notes, f"{' '.join(new)} derived from I and II"),
    )


def from_limbs(record: Record, lead: str) -> npt.NDArray[np.float32]:
    """Make a lead of `DERIVED` from I and II of `record`: float32, shape (n_samples,), mV.

    Raises
    ------
    RecordingError
        A sample would be beyond the range of float32.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        samples = derived(lead, record["I"], record["II"]).astype(np.float32, copy=False)
    if np.isinf(samples).any():
        raise RecordingError(
            FailureKind.INFINITE,
            f"{lead} cannot be made from I and II: it is beyond the range of float32",
            "check the unit of the file (--units)",
        )
    return samples


def complete(record: Record, wanted: tuple[str, ...] | None = None) -> Record:
    """Add the limb leads that a picture needs and the file does not have.

    Parameters
    ----------
    record
        A recording.
    wanted
        The leads to draw; those that follow from I and II are derived. If None, a recording
        of I, II and V1 to V6 is completed to the standard twelve, followed by its other
        leads. Any other recording does not change, nor does one that has all twelve (-aVR
        counts as aVR).

    Returns
    -------
    Record
        With a note of the derived leads; `record` itself if there are none.

    Raises
    ------
    RecordingError
        A sample would be beyond the range of float32.
    """
    if wanted is not None:
        return derive(record, wanted)
    there = {"aVR" if lead == "-aVR" else lead for lead in record.leads}
    lacking = [lead for lead in DERIVED if lead not in there]
    if not lacking or not there >= EIGHT_LEADS:
        return record
    whole = derive(record, lacking)
    others = [lead for lead in record.leads if lead not in STANDARD_LEADS]
    twelve = [lead for lead in STANDARD_LEADS if lead in whole.leads]
    return whole.select((*twelve, *others))
