"""HL7 annotated ECG (aECG): the XML that trials submit to the FDA and some devices export.

By the HL7 aECG Implementation Guide of 21 March 2005 and the schema PORT_MT020001 of
December 2003: a series holds sets of sequences, one of them the time and the others leads,
each a list of digits with an origin and a scale. Sets that begin at different times are placed
on one time axis. Derived series, such as a median beat, are left out.
"""

from __future__ import annotations

import warnings
from xml.etree.ElementTree import Element

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.dates import COMPACT, dated
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.pieces import joined
from ecgmpi.readers.source import Source
from ecgmpi.readers.units import UNITS, voltage
from ecgmpi.readers.validate import check_listed
from ecgmpi.readers.wording import corrupt, printable

from .aecg_time import SequenceSet, on_one_axis, timestamp
from .tree import child, children, number, read_tree

_SECONDS = {"s": 1.0, "ms": 1e3, "us": 1e6}
"""Unit of time -> number per second."""

_RHYTHM = "RHYTHM"


def load(source: Source, hints: ReadHints) -> Record:
    """Read the rhythm of an annotated ECG.

    Parameters
    ----------
    source
        The file.
    hints
        Leads asked for, and the size budget.

    Raises
    ------
    RecordingError
        The XML is damaged or dangerous, holds no series, or its lists are invalid.
    """
    root = read_tree(source, hints)
    every = list(children(root, "component", "series"))
    rhythm = [series for series in every if _code(series) in (_RHYTHM, "")]
    if not rhythm:
        held = ", ".join(sorted({printable(_code(series), 30) for series in every}))
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            f"the annotated ECG holds no rhythm series ({held or 'no series at all'})",
            "export it again with its waveforms",
        )
    unused: list[str] = []
    groups, notes = on_one_axis(
        [
            [_sequences(one, unused) for one in children(series, "component", "sequenceSet")]
            for series in rhythm
        ]
    )
    channels, found = joined(groups, hints)
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="aecg",
        notes=[*notes, *found],
        identity=dated(hints, _begin(rhythm[0]) or _begin(root), COMPACT),
        unused=dict.fromkeys(unused),
    )


def _begin(element: Element) -> str:
    """When the event of an element began, or took place, as written."""
    times = (child(element, "effectiveTime", which) for which in ("low", "center"))
    return next((time.get("value", "") for time in times if time is not None), "")


def _code(element: Element) -> str:
    found = child(element, "code")
    return "" if found is None else found.get("code", "")


def _sequences(one: Element, unused: list[str]) -> SequenceSet:
    """Read a set of sequences; statements that are not used go to `unused`."""
    rate: float | None = None
    timed = False
    head = ""
    absolute = relative = None
    leads = []
    for sequence in children(one, "component", "sequence"):
        name, value = _code(sequence), child(sequence, "value")
        if name.startswith("TIME_"):
            timed = True
            begins = child(value, "head")
            head = "" if begins is None else begins.get("value", "")
            if name == "TIME_RELATIVE":
                relative = _seconds(begins)
            else:
                absolute = timestamp(head)
            rate = _rate(child(value, "increment"), unused)
        elif value is not None and child(value, "digits") is not None:
            leads.append((name, value))
    if leads and not timed:
        raise corrupt("a set of leads has no sequence of time, so that its rate is not known")
    check_listed(leads, "a set")
    channels = [_channel(name, value, rate, unused) for name, value in leads]
    return SequenceSet(channels, head, absolute, relative)


def _seconds(head: Element | None) -> float | None:
    """A relative time in seconds; None if it is missing or in another unit."""
    if head is None or head.get("unit") not in _SECONDS:
        return None
    return number(head.get("value"), "the beginning of a set") / _SECONDS[head.get("unit", "")]


def _rate(increment: Element | None, unused: list[str]) -> float | None:
    """Samples per second, Hz, from the time between two of them; None without a unit."""
    written = None if increment is None else increment.get("value")
    each = number(written, "the time step")
    unit = increment.get("unit") if increment is not None else None
    if unit is None and each > 0:
        unused.append(f"time step of {each:g}, without a unit")
        return None
    if unit not in _SECONDS or each <= 0:
        raise corrupt(f"the time step is {each:g} {printable(unit or '', 20)}")
    # The time step has only a few digits: 1 / 0.002 means 500.
    return round(_SECONDS[unit] / each, 6)


def _channel(name: str, value: Element, rate: float | None, unused: list[str]) -> Channel:
    shown = printable(name, 40)
    scale, unit = _quantity(child(value, "scale"), 1.0, f"the scale of {shown}")
    origin, of_origin = _quantity(child(value, "origin"), 0.0, f"the origin of {shown}")
    if scale == 0:
        raise corrupt(f"the scale of {shown} is 0")
    if origin and of_origin != unit:
        known = voltage(of_origin), voltage(unit)
        if known[0] is None or known[1] is None:
            raise corrupt(f"origin and scale of {shown} differ in unit")
        to_mv, of_mv = UNITS[known[0]]
        from_mv, by_mv = UNITS[known[1]]
        origin = origin * to_mv / of_mv / from_mv * by_mv
    elif of_origin and not unit:
        unused.append(f"unit {printable(of_origin, 20)} of origins whose scale has none")
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
    """Parse numbers separated by spaces: float64, as they need not be whole."""
    if not written.strip():
        return np.empty(0)
    try:
        with warnings.catch_warnings(action="error"):
            return np.fromstring(written, np.float64, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        raise corrupt(f"the digits of {printable(name, 40)} are not all numbers") from error
