"""What the lines above a table state of its rate, unit and leads.

Comments (``# Sampling Rate (Hz):= 1000.00``), lines of a key and a value
(``Sample Rate,512 hertz``) and the JSON header of OpenSignals. Other lines are not kept, and
no line is ever quoted: it may name a patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.ecg.record import LEAST_RATE, MOST_RATE, RATES_IN_WORDS
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel_types import is_lead_name
from ecgmpi.readers.statements import LEAST_NAMED_FREQUENCY, LEAST_NAMED_RATE
from ecgmpi.readers.text_dialect import COMMENTS, unquoted
from ecgmpi.readers.units import voltage

LONGEST_LINE = 2000
"""Number of characters of a line above the samples that are parsed, except JSON."""

_RATE_KEY = re.compile(
    r"(?:ecg|ekg|signal|data)?[\s_-]*"
    r"(?:(?:sampl\w*|acquisition|recording|digiti[sz]\w*)[\s_-]*(?:rate|freq\w*)|"
    r"fs|sfreq|srate|sr|rate|freq|frequency|samples?[\s_]*per[\s_]*s(?:ec(?:ond)?)?|sps|hz|"
    r"abtastrate|abtastfrequenz|fr[eé]quence[\s_]*d'[eé]chantillonnage|"
    r"frecuencia[\s_]*de[\s_]*muestreo|frequenza[\s_]*di[\s_]*campionamento)",
    re.I,
)
_PERIOD_KEY = re.compile(
    r"interval|(?:sampl\w*)[\s_-]*(?:interval|period|time|step)|dt|delta[\s_]*[tx]|time[\s_]*step",
    re.I,
)
_UNIT_KEY = re.compile(
    r"(?:(?:ecg|signal|data|sample|y|physical)[\s_-]*)?"
    r"(?:units?(?:[\s_-]*(?:label|name))?|einheit)",
    re.I,
)
_NAMES_KEY = re.compile(
    r"(?:lead|channel|column|signal|sig|label|sensor)[\s_-]*(?:s|names?|labels?|titles?)?|"
    r"ableitung(?:en)?|sig_name",
    re.I,
)
_SCALE_KEY = re.compile(
    r".*\b(?:resolution|gain|adc\w*|lsb|baseline|offset|zero|scale|scaling|bits?|vref|range)\b.*",
    re.I,
)
_OTHER_HZ = re.compile(r"filter|notch|pass|band|cut|mains|noise|hum|corner|heart|pulse", re.I)
_OF_SAMPLES = re.compile(r"sampl|record|digiti[sz]|rate|freq", re.I)
_HZ = r"(?P<prefix>k?)(?:hz|hertz|sps|samples?\s*(?:/|per)\s*s(?:ec(?:ond)?)?)"
_NUMBER = r"(?P<number>[0-9]{1,9}(?:[.,][0-9]{1,9})?)"
_RATE_VALUE = re.compile(rf"{_NUMBER}\s*(?:{_HZ})?", re.I)
_WITH_HZ = re.compile(rf"(?<![\w.,-]){_NUMBER}\s*{_HZ}\b", re.I)
_PERIOD_VALUE = re.compile(rf"{_NUMBER}\s*(?P<unit>s|ms|us|µs|sec|seconds?|milliseconds?)?", re.I)
_KEY_VALUE = re.compile(r"(?P<key>[^:=,;\t]{1,80}?)\s*(?P<mark>:=|[:=,;\t])\s*(?P<value>.*)")
_KEY_UNIT = re.compile(r"(?P<key>[^(\[]*)[(\[](?P<unit>[^()\[\]]*)[)\]]")


@dataclass(frozen=True, slots=True)
class Stated:
    """A rate (Hz), a unit or names that a line states; or a scale, which is never used."""

    what: str
    where: str
    rate: float = 0.0
    unit: str = ""
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class Preamble:
    """All that the lines above a table state.

    Attributes
    ----------
    rates, units, names, unused
        In the order of the file. `unused` are statements that no reader could use.
    columns
        Names of all columns, by a JSON header.
    aside
        Those of `columns` that are not signals, such as counters and digital lines.
    skipped
        Numbers of the lines that are neither understood nor comments.
    """

    rates: list[Stated] = field(default_factory=list)
    units: list[Stated] = field(default_factory=list)
    names: list[Stated] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    aside: frozenset[str] = frozenset()
    skipped: list[int] = field(default_factory=list)

    def add(self, statements: Iterable[Stated]) -> bool:
        """Sort statements by kind; return whether there was one."""
        found = False
        for one in statements:
            found = True
            if one.what == "rate":
                self.rates.append(one)
            elif one.what == "unit":
                self.units.append(one)
            elif one.what == "names":
                self.names.append(one)
            else:
                self.unused.append(f"{one.what} in {one.where}")
        return found

    @property
    def rate(self) -> Stated | None:
        """The rate that is stated.

        Raises
        ------
        RecordingError
            Two lines state different rates.
        """
        return _only(self.rates, lambda one: f"{one.rate:g} Hz", "rate")

    @property
    def unit(self) -> Stated | None:
        """The unit that is stated of all columns.

        Raises
        ------
        RecordingError
            Two lines state different units.
        """
        return _only(self.units, lambda one: voltage(one.unit) or "", "unit")


def _only(found: Sequence[Stated], shown: Any, what: str) -> Stated | None:
    for one in found[1:]:
        if shown(one) != shown(found[0]):
            raise RecordingError(
                FailureKind.CONTRADICTORY,
                f"{found[0].where} states a {what} of {shown(found[0])}, "
                f"and {one.where} one of {shown(one)}",
                "correct the line that is wrong",
            )
    return found[0] if found else None


def statements(text: str, number: int, key_value: bool) -> Iterator[Stated]:
    """Find what a line above the samples states.

    Parameters
    ----------
    text
        The line, without the mark of a comment.
    number
        Its number in the file, from 1.
    key_value
        Whether a comma may separate a key from its value: not in prose.
    """
    where = f"line {number}"
    line = text[:LONGEST_LINE].strip()
    found = _KEY_VALUE.fullmatch(line)
    if found and (key_value or found["mark"] in (":=", ":", "=")):
        key, value = unquoted(found["key"]), unquoted(found["value"])
        got = list(of_pair(key, value.strip(",;\t "), where))
        if got:
            yield from got
            return
    yield from _of_prose(line, where)


def of_pair(key: str, value: str, where: str) -> Iterator[Stated]:
    """Find what a key and its value state, both within the limit of a line."""
    if value and len(set(value.split("\t"))) == 1:
        # Repeated for each channel.
        value = value.split("\t")[0]
    unit = ""
    if within := _KEY_UNIT.fullmatch(key):
        key, unit = within["key"].strip(), within["unit"].strip().lower()
    rate = _RATE_VALUE.fullmatch(value)
    if _RATE_KEY.fullmatch(key) and rate and unit in ("", "hz", "khz", "hertz", "sps", "1/s"):
        kilo = 1000 if "k" in ((rate["prefix"] or "") + unit[:1]).lower() else 1
        hertz = float(rate["number"].replace(",", ".")) * kilo
        doubt = _may_be_other(key.lower(), hertz, bool(unit or rate["prefix"] is not None))
        yield Stated(f"{key.lower()} {doubt}", where) if doubt else _rate(hertz, where)
    elif rate and rate["prefix"] is not None and not _OTHER_HZ.search(key):
        # A rate in another language: no other frequency occurs on its own.
        kilo = 1000 if rate["prefix"].lower() == "k" else 1
        yield _rate(float(rate["number"].replace(",", ".")) * kilo, where)
    elif _PERIOD_KEY.fullmatch(key) and (period := _PERIOD_VALUE.fullmatch(value)):
        of = {"m": 1e-3, "u": 1e-6, "µ": 1e-6}.get((period["unit"] or unit or "s")[0].lower(), 1.0)
        seconds = float(period["number"].replace(",", ".")) * of
        if seconds > 0:
            yield _rate(float(f"{1 / seconds:.9g}"), where)
    elif _UNIT_KEY.fullmatch(key) or (voltage(value) and value.lower() != "v"):
        if voltage(value):
            yield Stated("unit", where, unit=value)
        elif value:
            yield Stated("unit that is no voltage", where)
    elif _NAMES_KEY.fullmatch(key) and not value.isdecimal():
        names = _names(key, value)
        if names:
            yield Stated("names", where, names=names)
    elif _SCALE_KEY.fullmatch(key.replace("_", " ")) and value:
        yield Stated("resolution or scale", where)


def is_rate_key(name: str) -> bool:
    """Whether a name is one of a rate of samples, such as that of a column that repeats it."""
    bare = name[:LONGEST_LINE].strip()
    # ECG_Rate of NeuroKit is the heart's.
    return bool(_RATE_KEY.fullmatch(bare)) and not re.search(r"(?<!sr)(?:rate|freq)", bare, re.I)


def _may_be_other(key: str, number: float, in_hertz: bool) -> str:
    """Say what else a number may be that is called rate or frequency and no more; else empty."""
    key = re.sub(r"^(?:ecg|ekg)[\s_-]*", "", key)
    if key == "rate" and not in_hertz and number < LEAST_NAMED_RATE:
        return f"{number:g}, which may be that of the heart,"
    if key in ("freq", "frequency") and number < LEAST_NAMED_FREQUENCY:
        return f"{number:g}, which may be that of the mains,"
    return ""


def _rate(rate: float, where: str) -> Stated:
    if LEAST_RATE <= rate <= MOST_RATE:
        return Stated("rate", where, rate=rate)
    return Stated(f"rate of {rate:g} Hz, which is outside {RATES_IN_WORDS},", where)


def _names(key: str, value: str) -> tuple[str, ...]:
    """Names in a value such as ``Lead I`` or ``I, II, III``."""
    if is_lead_name(canonical(value)):
        return (value,)
    if value.startswith(key):
        # The same word in another language.
        return (value[len(key) :].strip(),)
    parts = [part.strip(" '\"[]()") for part in re.split(r"[,;\t|]", value)]
    if len(parts) == 1:
        parts = value.split()
    return tuple(part for part in parts if part)


def _of_prose(line: str, where: str) -> Iterator[Stated]:
    """A rate in words, such as ``recorded at 360 Hz``."""
    if _OTHER_HZ.search(line):
        # ``sampled at 250 Hz, notch 50 Hz`` says both.
        parts = re.split(r"[,;]\s", line)
        line = ", ".join(part for part in parts if not _OTHER_HZ.search(part))
    found = _WITH_HZ.search(line)
    if found is None:
        return
    rate = float(found["number"].replace(",", ".")) * (1000 if found["prefix"] else 1)
    alone = len(_WITH_HZ.findall(line)) == 1
    if alone and (found.span() == (0, len(line)) or _OF_SAMPLES.search(line)):
        yield _rate(rate, where)
    else:
        yield Stated("number of hertz", where)


def without_mark(line: str) -> str:
    """A comment line without its mark."""
    return line.strip().lstrip("".join(COMMENTS)).strip()
