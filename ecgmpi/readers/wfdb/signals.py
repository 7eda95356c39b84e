"""The signals that a WFDB header names.

Formats 16 and 212, which nearly all of PhysioNet uses, and those that match a NumPy type (32,
61, 80, 160) are decoded here, by the WFDB Applications Guide, signal(5). That takes a
millisecond, while importing the library wfdb takes half a second per process. It reads the
rarer kinds: other formats, FLAC, skewed signals.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.optional import need
from ecgmpi.readers.validate import check_samples
from ecgmpi.readers.wording import corrupt, printable, truncated

from .files import HEADER, SignalFile, signal_file
from .header import DEFAULT_GAIN, Header, Signal

_TYPES = {16: "<i2", 32: "<i4", 61: ">i2", 80: "u1", 160: "<u2"}
"""Format -> NumPy's name of its stored type."""

_BIAS = {80: 128, 160: 32768}
"""Formats in offset binary -> the offset."""

_MISSING = {16: -32768, 32: -(2**31), 61: -32768, 80: -128, 160: -32768, 212: -2048}
"""Format -> the value of a missing sample."""

_FLAC = (508, 516, 524)

_PACKED = {
    **{8: (1, 1), 80: (1, 1), 16: (1, 2), 61: (1, 2), 160: (1, 2), 24: (1, 3), 32: (1, 4)},
    **{212: (2, 3), 310: (3, 4), 311: (3, 4)},
}
"""Format -> number of samples in a group, and its bytes."""

_BYTES_IN_LIBRARY = 32
"""Bytes that wfdb uses for each sample while it decodes: 64-bit copies."""


def read_signals(path: Path, header: Header, hints: ReadHints) -> tuple[list[Channel], list[str]]:
    """Read the signals that the header at `path` describes, and what there is to tell of them."""
    if not header.signals:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the header lists no signals", "leave the file out"
        )
    here = _signal_files(path, header, hints)
    frames, notes = _frames(header, here)
    notes += [
        f"signal file {printable(name)} taken: the header has another name or folder for it"
        for name in dict.fromkeys(file.path.name for file in here if not file.as_named)
    ]
    per_frame = sum(signal.per_frame for signal in header.signals)
    check_samples(per_frame, frames, 4, hints, "the record")
    if all(signal.format in (*_TYPES, 212) and not signal.skew for signal in header.signals):
        channels = _decoded(header, here, frames)
    else:
        plain = path.suffix == HEADER and path.is_file()
        if not (plain and all(file.as_named and file.content is None for file in here)):
            raise RecordingError(
                FailureKind.NOT_SUPPORTED,
                "the wfdb library reads this kind of WFDB record, but finds no file that is "
                "compressed or that has another name or folder in the header",
                "unpack its files with gunzip, and name them as the header does",
            )
        channels = _by_library(path, header, frames, hints)
    ungained = [
        channel.lead or f"ch{place}"
        for place, channel in enumerate(channels, 1)
        if not channel.unit
    ]
    if ungained and hints.adc_gain is None:
        notes.append(
            f"gain of {', '.join(ungained)} not in the header: "
            f"{DEFAULT_GAIN:g} counts per unit assumed"
        )
    return channels, notes


def _signal_files(path: Path, header: Header, hints: ReadHints) -> list[SignalFile]:
    """The file that holds each signal of the header at `path`."""
    if any(signal.file in ("~", "-") or signal.format == 0 for signal in header.signals):
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            "the header is the layout of a record in segments and holds no samples",
            "name the header of the whole record",
        )
    files: dict[str, SignalFile] = {}
    # The limit is for all inflated files together.
    limit = hints.max_bytes
    for name in dict.fromkeys(signal.file for signal in header.signals):
        files[name] = file = signal_file(path, name, limit)
        limit -= file.size if file.content is not None else 0
    return [files[signal.file] for signal in header.signals]


def _frames(header: Header, here: Sequence[SignalFile]) -> tuple[int, list[str]]:
    """Number of frames: what the header says, or less if a file is shorter."""
    held: int | None = None
    for file in {file.path: file for file in here}.values():
        group = [s for s, own in zip(header.signals, here, strict=True) if own.path == file.path]
        if group[0].format not in _PACKED:
            continue
        samples, in_bytes = _PACKED[group[0].format]
        per_frame = sum(signal.per_frame for signal in group)
        frames = max(0, file.size - group[0].offset) * samples // (in_bytes * per_frame)
        held = frames if held is None else min(held, frames)
    if header.n_frames is None:
        if held is None:
            raise corrupt("the header does not say how long the record is")
        return held, []
    if held is None or held >= header.n_frames:
        return header.n_frames, []
    if held == 0:
        raise truncated(
            f"the header promises {header.n_frames:,} samples, and a signal file holds none"
        )
    return held, [f"the header promises {header.n_frames:,} samples, the file holds {held:,}"]


def _decoded(header: Header, here: Sequence[SignalFile], frames: int) -> list[Channel]:
    """Decode the signals of a record whose formats are all known here."""
    stored: dict[int, npt.NDArray[Any]] = {}
    for file in {file.path: file for file in here}.values():
        rows = [row for row, own in enumerate(here) if own.path == file.path]
        first = header.signals[rows[0]]
        if {header.signals[row].format for row in rows} != {first.format}:
            raise corrupt(f"the signals in {printable(file.path.name)} differ in format")
        per_frame = sum(header.signals[row].per_frame for row in rows)
        values = _values(file, first, per_frame * frames).reshape(frames, per_frame)
        at = 0
        for row in rows:
            own = header.signals[row].per_frame
            stored[row] = values[:, at : at + own].reshape(-1)
            at += own
    return [channel_of(signal, header, stored[row]) for row, signal in enumerate(header.signals)]


def _values(file: SignalFile, signal: Signal, count: int) -> npt.NDArray[Any]:
    """Read and decode `count` samples of a signal file."""
    if signal.format == 212:
        size = -(-count * 3 // 2)
    else:
        size = count * np.dtype(_TYPES[signal.format]).itemsize
    raw = file.read(signal.offset, size)
    if len(raw) < size:
        raise truncated(f"{printable(file.path.name)} ends after {len(raw):,} of {size:,} bytes")
    if signal.format == 212:
        return _twelve_bits(raw, count)
    values = np.frombuffer(raw, _TYPES[signal.format])
    if bias := _BIAS.get(signal.format):
        return values.astype(np.int32) - bias
    return values


def _twelve_bits(raw: bytes, count: int) -> npt.NDArray[np.int16]:
    """Format 212: two samples in three bytes, the high bits of both in the middle one."""
    parts = np.frombuffer(raw + bytes(-len(raw) % 3), np.uint8).reshape(-1, 3)
    middle = parts[:, 1].astype(np.int16)
    values = np.empty(2 * len(parts), np.int16)
    values[0::2] = (middle & 0x0F) << 8 | parts[:, 0]
    values[1::2] = (middle & 0xF0) << 4 | parts[:, 2]
    # Shifting twelve bits to the top and back extends the sign.
    values <<= 4
    values >>= 4
    return values[:count]


def channel_of(signal: Signal, header: Header, samples: npt.NDArray[Any]) -> Channel:
    """Make a channel of stored samples and what the header says of them.

    `samples` has shape (n_samples,) and any real dtype; its unit is counts.
    """
    return Channel(
        name=signal.name,
        samples=samples,
        rate=header.rate * signal.per_frame,
        unit=signal.unit if signal.gain is not None else "",
        gain=signal.gain or DEFAULT_GAIN,
        baseline=signal.baseline,
        # The signals of a layout are of format 0.
        missing=_MISSING.get(signal.format),
    )


def _by_library(path: Path, header: Header, frames: int, hints: ReadHints) -> list[Channel]:
    """Decode with wfdb, after the header has been checked."""
    flac = any(signal.format in _FLAC for signal in header.signals)
    what = "FLAC in a WFDB record" if flac else "this kind of WFDB record"
    library = need("wfdb", "wfdb", what)
    per_frame = sum(signal.per_frame for signal in header.signals)
    if per_frame and hints.max_samples is None:
        check_samples(per_frame, frames, _BYTES_IN_LIBRARY, hints, "the record")
    try:
        with warnings.catch_warnings(action="ignore"):
            record = library.rdrecord(
                str(path.absolute().with_suffix("")), sampto=frames, smooth_frames=False
            )
    except MemoryError:
        raise
    except Exception as error:
        raise corrupt("the header and its signal files do not match") from error
    if not record.n_sig or not record.e_p_signal:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the record holds no samples", "leave the file out"
        )
    # The names that the library returns lack every character that is not ASCII.
    return [
        Channel(
            name=signal.name,
            samples=samples,
            rate=header.rate * signal.per_frame,
            unit=signal.unit if signal.gain is not None else "",
        )
        for signal, samples in zip(header.signals, record.e_p_signal, strict=True)
    ]
