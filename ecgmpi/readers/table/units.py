"""Units and names as the header cells of tables spell them."""

from __future__ import annotations

import re

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.readers.channel_types import is_lead_name
from ecgmpi.readers.units import voltage

_SECONDS = {
    1.0: ("s", "sec", "secs", "second", "seconds", "sek", "sekunden"),
    1e-3: ("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"),
    1e-6: ("us", "usec", "usecs", "micros", "microsecond", "microseconds", "µs", "μs"),
    1e-9: ("ns", "nsec", "nsecs", "nanos", "nanosecond", "nanoseconds"),
    60.0: ("min", "minute", "minutes"),
    3600.0: ("h", "hour", "hours"),
}
SECONDS = {word: seconds for seconds, words in _SECONDS.items() for word in words}
"""Unit of time in lower case -> seconds."""

OF_SECONDS = {1.0: "s", 1e-3: "ms", 1e-6: "us", 1e-9: "ns", 60.0: "min", 3600.0: "h"}
"""Seconds -> the unit as messages have it."""

COUNTS = frozenset(
    (
        *("count", "counts", "adc", "adu", "raw", "lsb", "digit", "digits", "nu", "none", "n/a"),
        *("no_units", "no units", "unitless", "a.u.", "au", "-", ""),
    )
)
"""Words in lower case, in place of a unit, for counts or an unknown unit."""

_COUNT_WORDS = frozenset(("counts", "count", "adc", "adu", "lsb", "raw"))
_OTHER = frozenset(
    (
        *("mmhg", "bpm", "%", "°c", "c", "ohm", "ohms", "kohm", "g", "m/s^2", "m/s2", "deg/s"),
        *("hz", "l/min", "cmh2o", "mg", "lpm", "breaths/min", "bool", "boolean"),
    )
)
_CLOCK_PATTERN = re.compile(r"[\[(]?(?:[hmsHMSdyDY]{1,4}[:./ -]?){2,8}[\])]?")

TIME_WORDS = frozenset(
    (
        *("time", "times", "timestamp", "timestamps", "elapsed", "timer", "datetime", "clock"),
        *("zeit", "tiempo", "temps", "tempo"),
    )
)
"""A column with such a word in its name is time."""

_INDEX = re.compile(
    r"|#|n|no\.?|nr\.?|idx|index|row|rows|id|frame|frames|n?seq|sequence|counter|count|packet|"
    r"samples?|(?:samples?|frame|sequence|packet|row)[\s_]*(?:#|no\.?|nr\.?|number|index|id|count)|"
    r"unnamed: ?[0-9]+(?:_level_[0-9]+)?",
    re.I,
)
_LABEL = re.compile(
    r"(?:(?:ecg|ekg)[\s_.-]*)?"
    r"(?:labels?|annotations?|ann|events?|markers?|triggers?|class(?:es)?|target|beats?|qrs|"
    r"(?:[pqrst]_?)?(?:peaks?|onsets?|offsets?)|phase\w*|rate|quality|"
    r"flags?|status|sync|battery|valid|artifacts?|artefacts?|"
    r"subject(?:_?id)?|patient(?:_?id)?|record(?:_?id)?|segment|split|fold|heart_?rate|hr|lead_?off)",
    re.I,
)
_RECORDING = re.compile(
    r"(?:subject|patient|record|recording)(?:[\s_-]*(?:id|name|no\.?|number))?|"
    r"(?:ecg|file)[\s_-]*(?:id|name|no\.?|number)",
    re.I,
)
_PERSON = re.compile(
    r"(?:(?:patient|subject|proband|participant|first|last|family|given|full)[\s_'s-]*)?"
    r"(?:names?|surname|id|patient|subject|proband|participant|mrn|dob|birth[\s_-]*date|"
    r"date[\s_]of[\s_]birth|born|sex|gender|age|address|operator|physician|doctor|"
    r"vorname|nachname|geburtsdatum|nom|pr[eé]nom|nombre|apellidos?|cognome)",
    re.I,
)
_SHIMMER = re.compile(
    r"shimmer_[0-9a-z]+_(?:ecg_)?(?P<name>.+?)(?:_[0-9]+bit)?_(?:cal|raw|uncal)", re.I
)
_BRACKET = re.compile(r"(?P<name>[^(\[]*)[(\[](?P<unit>[^()\[\]]*)[)\]]")

LONGEST_NAME = 200
"""Characters of a column name that are searched for a unit."""


def words_of(name: str) -> list[str]:
    """Words of a name in lower case: ``elapsedTime_ms`` is three."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W\d_]+", spaced.lower())


def is_time_name(name: str) -> bool:
    """Whether a column is time by its name.

    Examples
    --------
    >>> [is_time_name(name) for name in ("Elapsed time", "t", "ms", "t[us]", "Timestamp_Unix_CAL")]
    [True, True, True, True, True]
    >>> [is_time_name(name) for name in ("I", "V1", "date of birth", "ecg")]
    [False, False, False, False]
    """
    words = words_of(name)
    if TIME_WORDS & set(words):
        return True
    return bool(words) and words != ["h"] and all(word == "t" or word in SECONDS for word in words)


def is_index_name(name: str) -> bool:
    """Whether a column numbers samples by its name."""
    return bool(_INDEX.fullmatch(name.strip()))


def is_label_name(name: str) -> bool:
    """Whether a column describes the samples instead of holding them, by its name."""
    return bool(_LABEL.fullmatch(name.strip()))


def is_recording_name(name: str) -> bool:
    """Whether a column says which recording a line belongs to, by its name."""
    return bool(_RECORDING.fullmatch(name.strip()))


def is_person_key(cell: str) -> bool:
    """Whether what stands behind a cell may say who a recording is of, or who made it."""
    return bool(_PERSON.fullmatch(cell[:LONGEST_NAME].strip()))


def is_unit(cell: str) -> bool:
    """Whether a cell of a second line of names is a unit, in brackets or not."""
    word = cell.strip("()[] ").lower()
    if voltage(word) or word in SECONDS or word in _OTHER or word in COUNTS:
        return True
    return bool(_CLOCK_PATTERN.fullmatch(cell)) and ":" in cell


def time_unit(name: str, unit: str) -> float | None:
    """Seconds of the unit of a column of time; None if neither name nor unit states it.

    Examples
    --------
    >>> time_unit("timestamp [ms]", ""), time_unit("time_us", ""), time_unit("time", "seconds")
    (0.001, 1e-06, 1.0)
    """
    word = unit.strip("()[]. ").lower()
    if word in SECONDS:
        return SECONDS[word]
    words = words_of(name)
    for word in reversed(words):
        if word in SECONDS and (len(word) > 1 or word == words[-1]):
            return SECONDS[word]
    return None


def split_unit(name: str) -> tuple[str, str]:
    """Divide a header cell into the name of a lead and its unit, empty if it has none.

    Examples
    --------
    >>> [split_unit(cell) for cell in ("II (uV)", "I_mV", "ecg [uV]", "V1/mV", "Lead V")]
    [('II', 'uV'), ('I', 'mV'), ('ecg', 'uV'), ('V1', 'mV'), ('Lead V', '')]
    >>> [split_unit(cell) for cell in ("Lead I (Einthoven)", "aVR uV", "ABP (mmHg)")]
    [('Lead I (Einthoven)', ''), ('aVR', 'uV'), ('ABP', 'mmHg')]
    """
    if found := _SHIMMER.fullmatch(name):
        return found["name"], ""
    if found := _BRACKET.fullmatch(name):
        first, unit = found["name"].strip(), found["unit"].strip()
        # All of `Lead I (Einthoven)` is a name.
        return (first, unit) if is_unit(unit) or not is_lead_name(canonical(name)) else (name, "")
    for mark in ("_", " ", "/", ","):
        first, _, last = name.rpartition(mark)
        # `V` alone is the name of a lead more often than a unit.
        if first.strip() and last.strip().lower() != "v" and voltage(last):
            return first.strip(), last.strip()
        if first.strip() and last.strip().lower() in _COUNT_WORDS:
            return first.strip(), "counts"
    return name, ""
