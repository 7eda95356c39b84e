"""Lead names in one spelling.

Options name leads, too: so this is apart from what computes with samples, and loads no numpy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

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


def canonical_label(label: str) -> str:
    """Return the canonical spelling of a page label: a lead, or ``-`` and an inverted lead.

    Examples
    --------
    >>> canonical_label("avf"), canonical_label("-v1"), canonical_label("-AVR")
    ('aVF', '-V1', '-aVR')
    """
    spelled = canonical(label)
    return f"-{canonical(spelled[1:])}" if spelled.startswith("-") else spelled
