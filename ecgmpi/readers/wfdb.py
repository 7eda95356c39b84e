"""WFDB records: the header, the signals that it names, and records in segments.

By the WFDB Applications Guide of PhysioNet, header(5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.record import Record

from .base import ReadHints, Source, corrupt, printable
from .channels import Channel, record_from_channels
from .checks import check_samples
from .dates import dated
from .wfdb_header import MAX_HEADER, Header, parse
from .wfdb_signals import channel_of, read_signals


def load(source: Source, hints: ReadHints) -> Record:
    """Read a record by its header.

    Parameters
    ----------
    source
        The open header.
    hints
        Its leads are read even where they are not ECG; its ``adc_gain`` and units are for
        signals whose gain the header does not give.

    Raises
    ------
    RecordingError
        The header makes no sense, names files that are not there or too short, or says
        that the record is too large.
    """
    return _read(source.path, source.name, _header(source.path), hints)


def load_beside(source: Source, hints: ReadHints) -> Record | None:
    """Read a signal file through the header of the same name beside it, if that names it."""
    path = source.path.with_suffix(".hea")
    if not path.is_file():
        return None
    header = _header(path)
    if {signal.file for signal in header.signals} != {source.path.name}:
        return None
    return _read(path, source.name, header, hints)


def named(path: Path) -> list[Path]:
    """Every file that the record of a header is read from, but the header: there or not.

    Raises
    ------
    RecordingError
        The header makes no sense.
    """
    header = _header(path)
    segments = [path.parent / f"{name}.hea" for name, _ in header.segments if name != "~"]
    signals = [signal.file for signal in header.signals]
    for segment in segments:
        if segment.is_file():
            signals += [signal.file for signal in _header(segment).signals]
    files = [*segments, *(path.parent / file for file in signals if file not in ("~", "-"))]
    return list(dict.fromkeys(files))


def parts(path: Path) -> list[Path]:
    """The headers of the segments of a record; none where it has no segments.

    Raises
    ------
    RecordingError
        The header makes no sense.
    """
    # Opening a named pipe would wait for ever.
    if not path.is_file():
        return []
    return [path.parent / f"{name}.hea" for name, _ in _header(path).segments if name != "~"]


def _header(path: Path) -> Header:
    with path.open("rb") as file:
        content = file.read(MAX_HEADER + 1)
    if len(content) > MAX_HEADER:
        raise corrupt(f"the header is longer than {MAX_HEADER:,} bytes")
    return parse(content)


def _read(path: Path, name: str, header: Header, hints: ReadHints) -> Record:
    if header.segments:
        channels, notes = _segmented(path, header, hints)
    else:
        channels, notes = read_signals(path, header, hints)
    return record_from_channels(
        channels,
        hints,
        name=name,
        format="wfdb",
        notes=notes,
        identity=dated(hints, header.base_date, "%d/%m/%Y"),
    )


def _segmented(path: Path, header: Header, hints: ReadHints) -> tuple[list[Channel], list[str]]:
    """Read a record in segments and join them; where one lacks a signal, that is NaN.

    Each is a header in the same folder. A first segment of no length is the layout: it
    lists all signals, in their order.
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
                channels, told = read_signals(file, segment, hints)
                notes += [note for note in told if note not in notes]
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
    file = path.parent / f"{name}.hea"
    if not file.is_file():
        raise RecordingError(
            FailureKind.UNREADABLE,
            f"its segment {printable(name)} is not there",
            "copy the segments beside the header",
        )
    segment = _header(file)
    if segment.segments:
        raise corrupt(f"its segment {printable(name)} is a record in segments again")
    if not math.isclose(segment.rate, rate, rel_tol=1e-6):
        raise corrupt(f"its segment {printable(name)} has {segment.rate:g} Hz, not {rate:g}")
    return replace(segment, rate=rate), file


def _joined(
    like: Channel, parts: Sequence[tuple[int, int, Sequence[Channel]]], each: int, total: int
) -> Channel:
    """One signal over all segments, with `each` samples a frame, float64 in its own unit."""
    own = [(at, n, c) for at, n, part in parts for c in part if n and c.name == like.name]
    # The layout need not know the unit.
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
