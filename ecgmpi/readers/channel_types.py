"""Which channels of a file are ECG, by their names and units.

Names seen in PhysioNet's databases, polysomnograms in EDF and exports of devices. Anything
in volts that is not known to be another signal counts as ECG: one trace too many is seen at
once, a missing lead is not.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ecgmpi.ecg.leads import DERIVED
from ecgmpi.ecg.record import STANDARD_LEADS

from .units import voltage

_LEADS = frozenset(STANDARD_LEADS) | frozenset(DERIVED)

_ECG = re.compile(
    r"(?:^|[^a-z])(?:e[ck]g|holter|lead)|^(?:-?av[rlf]|v[1-9]r?|v|mcl\d?|ml(?:i{1,3}|\d)|cm\d|"
    r"cc\d|[xyz]|es|as|ai)$",
    re.I,
)

# Words of other signals: pressure, breathing, oxygen, gases, temperature, motion, muscles, ...
_OTHER_WORD = re.compile(
    r"\b(?:abp|art|bp|nibp|pap|cvp|icp|pa[0-9]?|lap|rap|uap|ra|la|resp\w*|pleth\w*|ppg|"
    r"spo2|sao2|so2|o2|co2|etco2|co|hr|pr|pulse\w*|rate|temp\w*|t[0-9]|st[0-9]?|"
    r"gsr|eda|acc\w*|gyro\w*|imu|flow|airflow|thor\w*|abd\w*|chest|nasal|oral|snor\w*|mic|sound|"
    r"marker|event|status|trigger|annotations?|battery|light|position|pos|body|"
    r"emg\w*|eog\w*|eeg\w*|meg\w*|mcg\w*|icg|bcg|scg|pcg|vcg_mag|gsv|crc)\b",
    re.I,
)

# Electrodes of the international 10-20 system, alone or against another of them.
_SITE = r"(?:fp|af|fc|ft|cp|tp|po|f|c|t|p|o)(?:z|[0-9]{1,2})|nz|iz|a[12]|m[12]|ref|avg|le|gnd"
_TEN_TWENTY = re.compile(rf"(?:{_SITE})(?:[-:/ ]+(?:{_SITE}))*", re.I)


@lru_cache(maxsize=1024)
def is_ecg(lead: str, unit: str) -> bool:
    """Whether a channel is ECG.

    Parameters
    ----------
    lead
        Its name in canonical spelling; empty if the file has none.
    unit
        As the file spells it; empty if it does not state any.

    Examples
    --------
    >>> [is_ecg(*pair) for pair in (("II", "mV"), ("ECG", "uV"), ("sig 0", "mV"), ("V", ""))]
    [True, True, True, True]
    >>> [is_ecg(*pair) for pair in (("ABP", "mmHg"), ("RESP", "mV"), ("Fp1", "uV"), ("II", "NU"))]
    [False, False, False, False]
    """
    if unit and voltage(unit) is None:
        return False
    if is_lead_name(lead):
        return True
    words = re.sub(r"[_.]+", " ", lead)
    return not (_OTHER_WORD.search(words) or _TEN_TWENTY.fullmatch(words.strip()))


def is_lead_name(lead: str) -> bool:
    """Whether a name in canonical spelling is that of an ECG lead, or says that it is one."""
    return lead in _LEADS or bool(_ECG.search(lead))
