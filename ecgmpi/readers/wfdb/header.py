"""WFDB headers: what a ``.hea`` says of its signals, before any is read.

By the WFDB Applications Guide of PhysioNet, header(5): a record line, then a line for each
signal, or for each segment of a record in several; ``#`` begins a comment. Comments, which
may hold age, sex and diagnosis, are not kept.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecgmpi.readers.wording import corrupt, printable

from .files import last_part

DEFAULT_RATE = 250.0
"""Frames per second (Hz) of a record that does not state them, by header(5)."""

DEFAULT_GAIN = 200.0
"""Counts per unit of a signal whose gain is 0 or not given, by header(5)."""

MAX_SIGNALS = 10_000
"""Signals, or segments, that a header may list."""

# Possessive: a line of ten thousand digits and an x must not backtrack through every split.
_NUMBER = r"[-+]?+(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?+"
_RECORD = re.compile(
    rf"(?P<name>\S+?)(?:/(?P<segments>[0-9]++))?\s+(?P<signals>[0-9]+)"
    rf"(?:\s+(?P<rate>{_NUMBER})(?:/\S*)?(?:\s+(?P<length>[0-9]+)(?:\s+(?P<base>.*))?)?)?"
)
_SIGNAL = re.compile(
    r"(?P<file>\S+)\s+(?P<format>[0-9]+)(?:x(?P<per_frame>[0-9]+))?(?::(?P<skew>[0-9]+))?"
    r"(?:\+(?P<offset>[0-9]+))?"
    rf"(?:\s+(?P<gain>{_NUMBER})(?:\((?P<baseline>[-+]?[0-9]+)\))?(?:/(?P<unit>\S+))?"
    r"(?:\s+(?P<resolution>[0-9]+)(?:\s+(?P<zero>[-+]?[0-9]+)(?:\s+(?P<initial>[-+]?[0-9]+)"
    r"(?:\s+(?P<checksum>[-+]?[0-9]+)(?:\s+(?P<block>[0-9]+)(?:\s+(?P<name>.*))?)?)?)?)?)?)?"
)
_DAY = re.compile(r"(?<![0-9/])[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}(?![0-9/])")
_SEGMENT = re.compile(r"(?P<name>\S+)\s+(?P<length>[0-9]+)")


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal as its line describes it.

    Attributes
    ----------
    file
        Name of the file that holds it, as written: `wfdb_files` finds it.
    format
        Number of the storage format, signal(5).
    per_frame
        Samples in each frame; the record's rate is that of frames.
    skew
        Frames by which it lags.
    offset
        Bytes before the first sample of the file.
    gain
        Counts per unit; None if the header gives none.
    baseline
        Count at 0 units.
    unit, name
        As written; an absent unit is mV where there is a gain, and empty if there is none.
    """

    file: str
    format: int
    per_frame: int
    skew: int
    offset: int
    gain: float | None
    baseline: int
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class Header:
    """A header as a whole.

    Attributes
    ----------
    rate
        Frames per second, Hz; `DEFAULT_RATE` if the header does not state them.
    n_frames
        Frames of the record; None if the header does not state it.
    signals
        Its signals; empty for a record in segments.
    segments
        Name and number of frames of each segment; a name ``~`` is a gap.
    base_date
        The day on which it began, ``DD/MM/YYYY`` as written; empty if the header does not state it.
    states_rate
        Whether the header states `rate`.
    """

    rate: float
    n_frames: int | None
    signals: tuple[Signal, ...]
    segments: tuple[tuple[str, int], ...] = ()
    base_date: str = ""
    states_rate: bool = True


def parse(content: bytes) -> Header:
    """Read a header.

    Raises
    ------
    RecordingError
        It does not follow header(5).
    """
    lines = _lines(content)
    record = _RECORD.fullmatch(lines[0]) if lines else None
    if record is None:
        raise corrupt("the header does not begin with a record line")
    # An unknown length or rate is written as 0.
    stated = float(record["rate"] or 0.0)
    rate = stated or DEFAULT_RATE
    length = _whole(record["length"] or "0")
    if not (math.isfinite(rate) and rate > 0):
        raise corrupt(f"the header states {printable(record['rate'])} frames per second")
    several = _is_in_segments(record, lines[1:])
    count = _whole(record["segments"] if several else record["signals"])
    if count > MAX_SIGNALS:
        raise corrupt(f"the header announces {count:,} lines; the limit is {MAX_SIGNALS:,}")
    if len(lines) - 1 < count:
        kind = "segments" if several else "signals"
        raise corrupt(f"the header announces {count} {kind} but lists {len(lines) - 1}")
    listed = lines[1 : 1 + count]
    day = _DAY.search(record["base"] or "")
    base_date = day[0] if day else ""
    if several:
        segments = tuple(_segment(line) for line in listed)
        n_frames = length or sum(n for _, n in segments)
        return Header(rate, n_frames, (), segments, base_date, stated != 0)
    signals = tuple(_signal(line) for line in listed)
    return Header(rate, length or None, signals, (), base_date, stated != 0)


def _lines(content: bytes) -> list[str]:
    """The lines of a header except comments, each decoded as UTF-8, else Latin-1."""
    lines = re.split(rb"[\r\n]+", content.removeprefix(codecs.BOM_UTF8))
    lines = [line.strip() for line in lines]
    return [_text(line) for line in lines if line and not line.startswith(b"#")]


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        # A micro sign, or a description in a language of Western Europe.
        return line.decode("latin-1")


def _is_in_segments(record: re.Match[str], below: Sequence[str]) -> bool:
    """Whether a record line is of a record in segments, NAME/SEGMENTS.

    It may be FOLDER/NAME with a name of digits, contrary to header(5): then the lines below
    are signal lines, not segment lines.
    """
    if record["segments"] is None:
        return False
    signals = below[: _whole(record["signals"])]
    segments = below[: _whole(record["segments"])]
    return not (
        signals
        and all(_SIGNAL.fullmatch(line) for line in signals)
        and not all(_SEGMENT.fullmatch(line) for line in segments)
    )


def _signal(line: str) -> Signal:
    found = _SIGNAL.fullmatch(line)
    if found is None:
        raise corrupt("a signal line of the header is invalid")
    gain = float(found["gain"] or 0.0)
    if not math.isfinite(gain):
        raise corrupt("the gain of a signal is not a number")
    return Signal(
        file=_named(found["file"]),
        format=_whole(found["format"]),
        per_frame=_whole(found["per_frame"] or "1") or 1,
        skew=_whole(found["skew"] or "0"),
        offset=_whole(found["offset"] or "0"),
        gain=gain or None,
        baseline=_whole(found["baseline"] or found["zero"] or "0"),
        unit=found["unit"] or ("mV" if gain else ""),
        name=(found["name"] or "").strip(),
    )


def _segment(line: str) -> tuple[str, int]:
    found = _SEGMENT.fullmatch(line)
    if found is None:
        raise corrupt("a segment line of the header is invalid")
    return _named(found["name"]), _whole(found["length"])


def _whole(text: str) -> int:
    """Parse a whole number of plausible size."""
    if len(text) > 18:
        raise corrupt(f"the header holds the number {printable(text, 30)}")
    return int(text)


def _named(name: str) -> str:
    """`name`, which must be that of a file."""
    last_part(name)
    return name
