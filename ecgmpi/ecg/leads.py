"""Lead names in one spelling, and the limb leads that follow from I and II.

Einthoven (Pflügers Arch 1913;150:275): III = II - I. Goldberger (Am Heart J 1942;23:483):
aVR = -(I + II)/2, aVL = I - II/2, aVF = II - I/2. Four of the six limb leads carry no
information of their own, so devices store eight leads of twelve (AHA/ACCF/HRS 2007, part I).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError

from .record import STANDARD_LEADS, Record

DERIVED = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}
"""Derived lead -> its factors of I and of II."""

EIGHT_LEADS = frozenset({"I", "II", "V1", "V2", "V3", "V4", "V5", "V6"})
"""The leads from which all standard twelve follow."""

# The lead numbers of SCP-ECG (EN 1064), which DICOM CID 3001 writes 2:N and, before 2013,
# 5.6.3-9-N. Numbers 31 to 59 are derived or calibration leads: they keep their code.
_NUMBERED = {
    **{1: "I", 2: "II", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF", 65: "-aVR"},
    **{number + 2: f"V{number}" for number in range(1, 8)},
    **{number + 8: f"V{number}R" for number in range(2, 8)},
    **{16: "X", 17: "Y", 18: "Z", 66: "V8", 67: "V9", 68: "V8R", 69: "V9R"},
}

# Brazilian and Spanish names, as written: `dI` in ISO 11073 is another lead.
_AS_WRITTEN = {"DI": "I", "DII": "II", "DIII": "III", "D1": "I", "D2": "II", "D3": "III"}

# The leads of Frank, as PTB and ISO 11073 spell them.
_FRANK = {"vx": "X", "vy": "Y", "vz": "Z"}

# MIT-BIH and ambulatory leads, which are like a standard lead but not one: kept apart.
_MODIFIED = {"mli": "MLI", "mlii": "MLII", "mliii": "MLIII", "ml5": "ML5"}

_ISO = re.compile(r"(?:MDC|FDA)_ECG_LEAD_", re.I)
_PREFIX = re.compile(r"^(?:(?:ECG|EKG)[\s_:.]+)?(?:lead[\s_:.]*)?", re.I)
_SUFFIX = re.compile(r"\s*(?:\(Einthoven\)|,\s*augmented voltage,\s*(?:right|left|foot))$", re.I)
_NUMBER = re.compile(r"(?:2:|5\.6\.3-9-)([0-9]{1,3})")
_BIPOLAR = re.compile(r"i{1,3}", re.I)
_AUGMENTED = re.compile(r"(?:-\s?|neg\s?)?a\s?v\s?([rlf])(?:\s?-|\s?neg)?", re.I)
_CHEST = re.compile(r"v[\s_-]?([1-9])(r?)", re.I)
_LIMBS = re.compile(r"(la|ll)\s?-\s?(ra|la)", re.I)
_OF_LIMBS = {("la", "ra"): "I", ("ll", "ra"): "II", ("ll", "la"): "III"}
_DASHES = str.maketrans("\N{EN DASH}\N{MINUS SIGN}_", "-- ")


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """Return the canonical spelling of a lead.

    It knows the names of the AHA (I to III, aVR, aVL, aVF, V1 to V9, V2R to V9R) in any
    case, with ``Lead``, ``ECG`` or ``EKG`` before them; the reference names of ISO/IEEE
    11073-10102 that aECG uses; codes and meanings of DICOM CID 3001, which are those of
    SCP-ECG; -aVR, which is not aVR; and the limb leads as differences of electrodes, such as
    ``LA-RA`` (Einthoven). Anything else stays as it is.

    Parameters
    ----------
    name
        The lead as a file names it.

    Returns
    -------
    str
        The canonical name, without surrounding space; `canonical` does not change it again.

    Examples
    --------
    >>> [canonical(name) for name in ("avr", "MDC_ECG_LEAD_V1", "Lead I (Einthoven)")]
    ['aVR', 'V1', 'I']
    >>> [canonical(name) for name in ("-AVR", "2:61", "MLII", "Lead I (Frank)", " Resp ")]
    ['-aVR', 'III', 'MLII', 'Lead I (Frank)', 'Resp']
    """
    text = " ".join(name.replace("\0", " ").split())
    if number := _NUMBER.fullmatch(text):
        return _NUMBERED.get(int(number[1]), text)
    iso = _ISO.match(text)
    bare = text[iso.end() :] if iso else _PREFIX.sub("", text)
    bare = _SUFFIX.sub("", bare).translate(_DASHES).strip()
    if not iso and bare in _AS_WRITTEN:
        return _AS_WRITTEN[bare]
    if bare in ("X", "Y", "Z"):
        return bare
    if _BIPOLAR.fullmatch(bare):
        return bare.upper()
    if limbs := _LIMBS.fullmatch(bare):
        return _OF_LIMBS.get((limbs[1].lower(), limbs[2].lower()), text)
    if augmented := _AUGMENTED.fullmatch(bare):
        sign = "-" if "-" in bare or "neg" in bare.lower() else ""
        return f"{sign}aV{augmented[1].upper()}"
    if chest := _CHEST.fullmatch(bare):
        return f"V{chest[1]}{chest[2].upper()}"
    return (_FRANK | _MODIFIED).get(bare.lower(), text)


def canonical_leads(names: Iterable[str]) -> tuple[str, ...]:
    """Return the canonical spelling of the leads of a file, each different.

    A repeated name gets a number, ``II_2``; an unnamed lead that is the third is ``ch3``.
    For readers of files that may give two leads one name, which a `Record` cannot have;
    other names become canonical after the file has been read.
    """
    return _canonical_leads(tuple(names))


@lru_cache(maxsize=256)
def _canonical_leads(names: tuple[str, ...]) -> tuple[str, ...]:
    # Most recordings of a corpus have the same leads.
    spelled: list[str] = []
    for place, name in enumerate(names, 1):
        lead = first = canonical(name) or f"ch{place}"
        again = 1
        while lead in spelled:
            again += 1
            lead = f"{first}_{again}"
        spelled.append(lead)
    return tuple(spelled)


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


def canonical_label(label: str) -> str:
    """Return the canonical spelling of a page label: a lead, or ``-`` and an inverted lead.

    Examples
    --------
    >>> canonical_label("avf"), canonical_label("-v1"), canonical_label("-AVR")
    ('aVF', '-V1', '-aVR')
    """
    spelled = canonical(label)
    return f"-{canonical(spelled[1:])}" if spelled.startswith("-") else spelled


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
