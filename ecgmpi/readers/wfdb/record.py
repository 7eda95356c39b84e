"""WFDB records: the header, the signals that it names, and records in segments.

By the WFDB Applications Guide of PhysioNet, header(5), a rate missing from the header is
250 Hz, a missing gain 200 counts per mV; both are then assumptions.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.dates import dated
from ecgmpi.readers.file_names import GZIP
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import check_samples
from ecgmpi.readers.wording import corrupt, printable

from .files import (
    HEADER,
    MAX_HEADER,
    checked_header,
    last_part,
    read_header,
    segment_file,
    signal_path,
)
from .header import Header, parse
from .signals import channel_of, read_signals


def load(source: Source, hints: ReadHints) -> Record:
    """Read a record by its header.

    Parameters
    ----------
    source
        The open header.
    hints
        Its leads are read even if they are not ECG; its ``adc_gain`` and units are for
        signals whose gain the header does not state.

    Raises
    ------
    RecordingError
        The header is invalid, names files that are missing or too short, or states that the
        record is too large.
    """
    header = parse(checked_header(source.at(0, min(source.size, MAX_HEADER + 1))))
    return _read(source.path, source.name, header, hints)


_NAME_BYTES = 256
"""Bytes of a MATLAB file within which the name of its first variable lies."""


def load_beside(source: Source, hints: ReadHints) -> Record | None:
    """Read a signal file through the header of the same name beside it, if that names it."""
    plain = os.path.splitext(source.path)[0] + HEADER  # noqa: PTH122 - hot path
    # A look for a file costs much on a shared filesystem, and packed headers are rare: only
    # where the variable is called as WFDB calls it.
    packed = (plain + GZIP,) if b"val" in source.head[:_NAME_BYTES] else ()
    for path in (plain, *packed):
        if os.path.isfile(path):  # noqa: PTH113
            header = parse(read_header(Path(path)))
            if {last_part(signal.file) for signal in header.signals} == {source.path.name}:
                return _read(Path(plain), source.name, header, hints)
    return None


def named(path: Path) -> list[Path]:
    """List every file except the header that its record is read from, existing or not.

    Raises
    ------
    RecordingError
        The header is invalid.
    """
    header = parse(read_header(path))
    files: list[Path] = []
    headers = [(path, header)]
    for name, _ in header.segments:
        if name == "~":
            continue
        try:
            segment = segment_file(path, name)
        except RecordingError:
            files.append(path.parent / f"{last_part(name)}{HEADER}")
            continue
        files.append(segment)
        headers.append((segment, parse(read_header(segment))))
    for own, described in headers:
        names = dict.fromkeys(signal.file for signal in described.signals)
        files += [
            signal_path(own, name) or own.parent / last_part(name)
            for name in names
            if name not in ("~", "-")
        ]
    return list(dict.fromkeys(files))


def segments(path: Path) -> list[Path]:
    """The headers of the segments of a record, there or not; none if it has no segments.

    Raises
    ------
    RecordingError
        The header is invalid.
    """
    # Opening a named pipe would block forever.
    if not path.is_file():
        return []
    names = [last_part(name) for name, _ in parse(read_header(path)).segments if name != "~"]
    return [path.parent / f"{name}{HEADER}{gzip}" for name in names for gzip in ("", GZIP)]


def _read(path: Path, name: str, header: Header, hints: ReadHints) -> Record:
    notes: list[str] = []
    rate_assumed = False
    if not header.states_rate:
        rate_assumed = hints.rate is None
        header = replace(header, rate=hints.rate or header.rate)
        how = "assumed, the default of WFDB headers" if rate_assumed else "as given"
        notes.append(f"rate {header.rate:g} Hz {how}")
    unused = _unused(header)
    if header.segments:
        channels, found = _segmented(path, header, hints)
    else:
        channels, found = read_signals(path, header, hints)
    return record_from_channels(
        channels,
        hints,
        name=name,
        format="wfdb",
        notes=[*notes, *found],
        identity=dated(hints, header.base_date, "%d/%m/%Y"),
        rate_assumed=rate_assumed,
        unused=unused,
    )


def _unused(header: Header) -> list[str]:
    """Units in the header that are useless because it gives no gain."""
    units = dict.fromkeys(s.unit for s in header.signals if s.gain is None and s.unit)
    return [f"unit {printable(unit, 20)} of a signal without a gain" for unit in units]


def _segmented(path: Path, header: Header, hints: ReadHints) -> tuple[list[Channel], list[str]]:
    """Read a record in segments and join them; a signal that a segment lacks is NaN there.

    Each segment is a header in the same folder or below it. A first segment of length 0 is the
    layout: it lists all signals in order.
    """
    parts: list[tuple[int, int, Sequence[Channel]]] = []
    names: dict[str, Channel] = {}
    notes: list[str] = []
    at = 0
    total = sum(length for _, length in header.segments)
    check_samples(1, total, 8, hints, "the record")
    for name, length in header.segments:
        channels: Sequence[Channel] = ()
        if name != "~":
            segment, file = _segment(path, name, header.rate)
            if length:
                channels, found = read_signals(file, segment, hints)
                notes += [note for note in found if note not in notes]
            else:
                channels = [
                    channel_of(signal, header, np.empty(0, np.int16)) for signal in segment.signals
                ]
        for channel in channels:
            names.setdefault(channel.name, channel)
        check_samples(len(names), total, 8, hints, "the record")
        parts.append((at, length, channels))
        at += length
    joined = []
    for channel in names.values():
        each = round((channel.rate or header.rate) / header.rate)
        check_samples(len(names), total * each, 8, hints, "the record")
        joined.append(_joined(channel, parts, each, total))
    return joined, notes


def _segment(path: Path, name: str, rate: float) -> tuple[Header, Path]:
    file = segment_file(path, name)
    segment = parse(read_header(file))
    called = printable(last_part(name))
    if segment.segments:
        raise corrupt(f"its segment {called} is itself a record in segments")
    if segment.states_rate and not math.isclose(segment.rate, rate, rel_tol=1e-6):
        raise corrupt(f"its segment {called} has {segment.rate:g} Hz, not {rate:g}")
    return replace(segment, rate=rate), file


def _joined(
    like: Channel, parts: Sequence[tuple[int, int, Sequence[Channel]]], each: int, total: int
) -> Channel:
    """One signal over all segments, with `each` samples per frame, float64 in its own unit."""
    own = [(at, n, c) for at, n, part in parts for c in part if n and c.name == like.name]
    # The layout need not state the unit.
    units = {channel.unit for _, _, channel in own} or {like.unit}
    if len(units) > 1 or any(channel.rate != like.rate for _, _, channel in own):
        raise corrupt(f"the segments differ in rate or unit of {like.lead}")
    samples = np.full(total * each, np.nan)
    for at, length, channel in own:
        values = channel.samples[: length * each]
        place = samples[at * each : at * each + len(values)]
        place[:] = (values.astype(np.float64) - channel.baseline) / channel.gain
        if channel.missing is not None:
            place[values == channel.missing] = np.nan
    return Channel(like.name, samples, like.rate, units.pop())
