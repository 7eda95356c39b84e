"""The names under which programs save rate, unit and lead names beside an array of samples.

One table for all readers of arrays: attributes and datasets of HDF5, variables and members
of structs of MATLAB, arrays of an ``.npz``. `stated.settle` reconciles them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from .validate import MAX_LISTED
from .wording import printable

MOST_BYTES = 65536
"""Largest value of a statement, bytes: anything larger is not a statement."""

MOST_NAMES = 1000
"""Number of attributes, datasets or members that are searched for statements."""


class Fact(StrEnum):
    """The subject of a statement."""

    RATE = "rate"
    PERIOD = "period"
    TIME = "time"
    UNIT = "unit"
    NAMES = "names"
    GAIN = "gain"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Word:
    """The meaning of a name.

    Attributes
    ----------
    fact
        What the value is.
    vague
        Whether programs also use the name for other things.
    least
        Lowest value that counts as a rate, Hz.
    scale
        For a period, seconds per unit of the value.
    """

    fact: Fact
    vague: bool = False
    least: float = 0.0
    scale: float = 1.0


LEAST_NAMED_RATE, LEAST_NAMED_FREQUENCY = 250.0, 100.0
"""A value called only ``rate`` is believed from the first, one called only ``frequency`` from the
second, Hz: below, it may be that of the heart or of the mains."""

WORDS: tuple[tuple[Word, str], ...] = (
    (
        Word(Fact.RATE),
        "fs sr srate sfreq fsamp sps sampling_rate sample_rate samp_rate sampling_frequency "
        "sample_frequency sampling_freq sample_freq samp_freq samples_per_second",
    ),
    # Heart rates and the mains frequency also have these names.
    (Word(Fact.RATE, vague=True, least=LEAST_NAMED_RATE), "rate"),
    (Word(Fact.RATE, vague=True, least=LEAST_NAMED_FREQUENCY), "freq frequency"),
    (
        Word(Fact.PERIOD),
        "dt delta_t sampling_interval sample_interval sampling_period sample_period",
    ),
    (Word(Fact.TIME), "time times tm t time_s time_ms timestamp timestamps"),
    (
        Word(Fact.UNIT),
        "unit units sig_unit sig_units signal_unit signal_units physical_unit physical_units "
        "amplitude_unit amplitude_units physical_dimension",
    ),
    (
        Word(Fact.NAMES),
        "lead leads lead_name lead_names lead_label lead_labels lead_order sig_name sig_names "
        "signal_name signal_names signal_label signal_labels channel channels channel_name "
        "channel_names channel_label channel_labels ch_name ch_names ch_label ch_labels "
        "chan_name chan_names chan_label chan_labels",
    ),
    # Diagnoses may be labels, and patients have names.
    (Word(Fact.NAMES, vague=True), "label labels names columns column_names"),
    (Word(Fact.GAIN), "adc_gain adc_gains"),
    (Word(Fact.GAIN, vague=True), "gain gains scale scale_factor resolution lsb"),
    (Word(Fact.ZERO), "baseline baselines adc_zero"),
)
"""Meaning -> its names; case, separators and a surrounding ``ecg`` do not matter."""

_PER_SECOND = {"": 1.0, "s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6}
"""Suffix of the name of a period -> seconds."""


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _table() -> dict[str, Word]:
    table: dict[str, Word] = {}
    for word, names in WORDS:
        for name in map(_folded, names.split()):
            if word.fact is Fact.PERIOD:
                for ending, scale in _PER_SECOND.items():
                    table[name + ending] = Word(word.fact, scale=scale)
            elif word.fact is Fact.RATE:
                table[name] = table[name + "hz"] = word
            else:
                table[name] = word
    return table


_WORD_OF = _table()


@lru_cache(maxsize=4096)
def word_of(name: str) -> Word | None:
    """The meaning of a name; None if it is not a statement.

    Examples
    --------
    >>> [str(word_of(name).fact) for name in ("Fs", "ECG_sampling-rate (Hz)", "dt_ms", "Units")]
    ['rate', 'rate', 'period', 'unit']
    >>> word_of("diagnosis") is None
    True
    """
    if len(name) > 64:
        return None
    folded = _folded(name)
    for bare in (folded, folded.removeprefix("ecg"), folded.removesuffix("ecg")):
        if bare in _WORD_OF:
            return _WORD_OF[bare]
    return None


@dataclass(frozen=True, slots=True)
class Statement:
    """A value beside the samples, with a known name.

    Attributes
    ----------
    word
        What its name means.
    where
        Its description, such as ``attribute 'fs'``.
    numbers, texts
        Its values, one or the other; neither if they cannot be used.
    why
        Why they cannot; empty if they can.
    """

    word: Word
    where: str
    numbers: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    why: str = ""

    @property
    def shown(self) -> str:
        """Its description and value, without arbitrary text of the file."""
        return f"{self.where} ({self.value})"

    @property
    def value(self) -> str:
        """Its value in words."""
        if self.why:
            return self.why
        count = len(self.numbers) or len(self.texts)
        if count == 0:
            return "empty"
        if count > 1 and len({*self.numbers, *self.texts}) > 1:
            return f"{count} values"
        if self.numbers:
            unit = {Fact.RATE: " Hz", Fact.PERIOD: " s"}.get(self.word.fact, "")
            return f"{self.numbers[0] * self.word.scale:g}{unit}"
        text = self.texts[0]
        return printable(text) if len(text) <= 12 and text.strip() else "text"


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that a reader cannot use, and why."""

    why: str


UNKNOWN = Unread("no number or text")
"""The type or size does not suit a statement."""

MANY = Unread(f"more than {MAX_LISTED} numbers")
"""An array that is named like a statement, but may hold samples."""

DAMAGED = Unread("damaged")
"""Damage to a statement is not damage to the recording."""

Value = npt.NDArray[Any] | Sequence[str] | Unread
"""A decoded value: numbers or texts in an array, texts, or nothing."""


def statement(name: str, where: str, value: Value) -> Statement:
    """Make a `Statement` of a value.

    Parameters
    ----------
    name
        Its name in the file: one that `word_of` knows.
    where
        What it is in words, such as ``attribute 'fs'``.
    value
        Numbers, or texts as str or bytes, of any shape.
    """
    word = word_of(name)
    assert word is not None
    if isinstance(value, np.ndarray):
        numeric = value.dtype.kind in "fiu"
        if value.size > MAX_LISTED:
            return Statement(word, where, why=(MANY if numeric else UNKNOWN).why)
        if numeric:
            return Statement(word, where, numbers=tuple(map(float, value.reshape(-1))))
        value = value.reshape(-1).tolist()
    if isinstance(value, Unread):
        return Statement(word, where, why=value.why)
    texts = tuple(text for text in map(_text, value) if text is not None)
    if len(texts) != len(value) or len(texts) > MAX_LISTED:
        return Statement(word, where, why=UNKNOWN.why)
    return Statement(word, where, texts=texts)


def _text(value: object) -> str | None:
    """Decode a text of a file: bytes are UTF-8, else Latin-1."""
    if isinstance(value, str):
        # h5py returns bytes that are not UTF-8 as lone surrogates.
        value = value.encode(errors="surrogateescape")
    if not isinstance(value, bytes):
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return text.strip("\0 \t\r\n")
