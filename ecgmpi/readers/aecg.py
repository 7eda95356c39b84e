"""HL7 annotated ECG (aECG): the XML that trials hand to the FDA, and some devices export.

By the HL7 aECG Implementation Guide of 21 March 2005 and the schema PORT_MT020001 of
December 2003: a series holds sets of sequences, one of them the time and the others leads,
each a list of digits with an origin and a scale. Series that were derived from others, such
as a median beat, are left out.
"""

from __future__ import annotations

import warnings
from xml.etree.ElementTree import Element

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.record import Record

from .base import UNITS, ReadHints, Source, corrupt, printable, voltage
from .channels import Channel, record_from_channels
from .checks import check_listed
from .dates import COMPACT, dated
from .xml_tree import child, children, number, read_tree

_SECONDS = {"s": 1.0, "ms": 1e3, "us": 1e6}
"""Unit of time -> how many of them make a second."""

_RHYTHM = "RHYTHM"


def load(source: Source, hints: ReadHints) -> Record:
    """Read the first rhythm series of an annotated ECG.

    Parameters
    ----------
    source
        The file.
    hints
        Leads asked for, and the size budget.

    Raises
    ------
    RecordingError
        The XML is damaged or dangerous, holds no series, or its lists make no sense.
    """
    root = read_tree(source, hints)
    every = list(children(root, "component", "series"))
    rhythm = [series for series in every if _code(series) in (_RHYTHM, "")]
    if not rhythm:
        held = ", ".join(sorted({printable(_code(series), 30) for series in every}))
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            f"the annotated ECG holds no rhythm series ({held or 'no series at all'})",
            "export it anew with its waveforms",
        )
    notes = []
    if len(rhythm) > 1:
        notes.append(f"the first of {len(rhythm)} rhythm series; the others are left out")
    sets = list(children(rhythm[0], "component", "sequenceSet"))
    channels: list[Channel] = []
    begins: str | None = None
    left_out = 0
    for one in sets:
        begin, found = _sequences(one)
        names = {channel.name for channel in channels}
        # Sets that go on where another ended would need a gap of known length between.
        if channels and (begin != begins or names & {channel.name for channel in found}):
            left_out += 1
            continue
        begins = begin
        channels += found
    if left_out:
        notes.append(f"the first of {left_out + 1} stretches of time; the others are left out")
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="aecg",
        notes=notes,
        identity=dated(hints, _begin(rhythm[0]) or _begin(root), COMPACT),
    )


def _begin(element: Element) -> str:
    """When what an element tells of began, or took place, as written."""
    times = (child(element, "effectiveTime", which) for which in ("low", "center"))
    return next((time.get("value", "") for time in times if time is not None), "")


def _code(element: Element) -> str:
    found = child(element, "code")
    return "" if found is None else found.get("code", "")


def _sequences(one: Element) -> tuple[str, list[Channel]]:
    """When a set of sequences begins, as written, and its leads."""
    rate: float | None = None
    begin = ""
    leads = []
    for sequence in children(one, "component", "sequence"):
        name, value = _code(sequence), child(sequence, "value")
        if name.startswith("TIME_"):
            head = child(value, "head")
            begin = "" if head is None else head.get("value", "")
            rate = _rate(child(value, "increment"))
        elif value is not None and child(value, "digits") is not None:
            leads.append((name, value))
    if leads and rate is None:
        raise corrupt("a set of leads has no sequence of time, so that its rate is not known")
    check_listed(leads, "a set")
    return begin, [_channel(name, value, rate) for name, value in leads]


def _rate(increment: Element | None) -> float:
    """Samples per second, Hz, from the time between two of them."""
    unit = "" if increment is None else increment.get("unit", "s")
    each = number(None if increment is None else increment.get("value"), "the time step")
    if unit not in _SECONDS or each <= 0:
        raise corrupt(f"the time step is {each:g} {printable(unit, 20)}")
    # A quotient of what is written in a few digits: 1 / 0.002 is 500.
    return round(_SECONDS[unit] / each, 6)


def _channel(name: str, value: Element, rate: float | None) -> Channel:
    scale, unit = _quantity(child(value, "scale"), 1.0, f"the scale of {printable(name, 40)}")
    origin, of_origin = _quantity(
        child(value, "origin"), 0.0, f"the origin of {printable(name, 40)}"
    )
    if scale == 0:
        raise corrupt(f"the scale of {printable(name, 40)} is 0")
    if origin and of_origin != unit:
        known = voltage(of_origin), voltage(unit)
        if known[0] is None or known[1] is None:
            raise corrupt(f"origin and scale of {printable(name, 40)} differ in unit")
        to_mv, of_mv = UNITS[known[0]]
        from_mv, by_mv = UNITS[known[1]]
        origin = origin * to_mv / of_mv / from_mv * by_mv
    digits = child(value, "digits")
    samples = _digits((digits.text if digits is not None else None) or "", name)
    return Channel(
        name=name, samples=samples, rate=rate, unit=unit, scale=scale, baseline=-origin / scale
    )


def _quantity(element: Element | None, absent: float, what: str) -> tuple[float, str]:
    if element is None:
        return absent, ""
    return number(element.get("value"), what), element.get("unit", "")


def _digits(written: str, name: str) -> npt.NDArray[np.float64]:
    """Numbers between spaces; float64, for they need not be whole."""
    if not written.strip():
        return np.empty(0)
    try:
        with warnings.catch_warnings(action="error"):
            return np.fromstring(written, np.float64, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        raise corrupt(f"the digits of {printable(name, 40)} are not all numbers") from error
