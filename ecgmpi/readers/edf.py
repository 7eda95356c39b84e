"""EDF, EDF+, BDF and BDF+: polysomnograms and Holters, decoded by `edfio`.

What is checked here before it decodes: that there are signals beside the annotations, that
one of them is ECG, that they are not too large, and that nothing is missing in between.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.record import Record

from .base import ReadHints, Source, corrupt, printable, truncated
from .channels import Channel, choose_channels, record_from_channels
from .checks import check_samples
from .dates import dated
from .extras import need

_HEADER = 256
"""Bytes of the part of the header that every file has."""


def load(source: Source, hints: ReadHints) -> Record:
    """Read the ECG channels of an EDF or BDF file.

    Parameters
    ----------
    source
        The file, which the library opens for itself.
    hints
        Its leads are read even where they are not ECG.

    Raises
    ------
    RecordingError
        The file is damaged, has no ECG, or has gaps that it does not fill (EDF+D).
    """
    library = need("edfio", "edf", "an EDF file")
    if source.size <= _HEADER:
        raise truncated(f"the file ends after {source.size} bytes, within its own header")
    bdf = source.head.startswith(b"\xff")
    if bdf:
        # The library reads all of a BDF file, whichever signals are wanted.
        check_samples(1, source.size // 3, 4, hints, "the file")
    try:
        with warnings.catch_warnings(action="ignore"):
            if bdf:
                file = library.read_bdf(source.path, header_encoding="latin-1")
            else:
                file = library.read_edf(source.path, True, header_encoding="latin-1")
            signals = file.signals
            described = [_channel(signal, None) for signal in signals]
            if not described:
                raise RecordingError(
                    FailureKind.NO_SAMPLES,
                    "the file holds annotations only and no signal",
                    "leave the file out",
                )
            # First by their names, so that nothing is decoded of a file without ECG.
            kept = choose_channels(described, hints).kept
            records = int(file.num_data_records)
            longest = max(signals[described.index(c)].samples_per_data_record for c in kept)
            if not records:
                raise truncated("the file ends with its header: no samples follow")
            check_samples(len(kept), records * longest, 4, hints, "the recording")
            if "+D" in file.reserved and not file.is_continuous:
                raise RecordingError(
                    FailureKind.NOT_SUPPORTED,
                    "the recording has gaps in time (EDF+D)",
                    "export its parts as files of their own",
                )
            channels = [
                _channel(signal, signal.digital) if channel in kept else channel
                for signal, channel in zip(signals, described, strict=True)
            ]
    except (RecordingError, MemoryError):
        raise
    except Exception as error:
        raise corrupt("the header of the EDF file makes no sense") from error
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="bdf" if bdf else "edf",
        notes=_told_of_length(source.head, records),
        identity=_day(source.head, hints),
    )


def _day(head: bytes, hints: ReadHints) -> tuple[tuple[str, str], ...]:
    """The identity that the start date makes; of EDF+, where it is not said to be unknown."""
    recording, begins = head[88:168].decode("latin-1"), head[168:176].decode("latin-1")
    return (
        () if recording.startswith("Startdate X") else dated(hints, _in_century(begins), "%d.%m.%Y")
    )


def _in_century(written: str) -> str:
    """``dd.mm.yy`` with its century: by the specification, 85 and later is of the last one."""
    days, _, year = written.strip().rpartition(".")
    return f"{days}.{'19' if year >= '85' else '20'}{year}"


def _channel(signal: Any, digital: Any) -> Channel:
    """Describe a signal; without samples where they are not wanted yet."""
    name = _text(signal.label)
    low, high = signal.digital_range
    least, most = signal.physical_range
    if low == high or least == most or not np.isfinite([least, most]).all():
        raise corrupt(f"the calibration of channel {printable(name)} makes no sense")
    scale = (most - least) / (high - low)
    return Channel(
        name=name,
        samples=np.empty(0, np.int16) if digital is None else digital,
        # A quotient of what the header writes in eight characters.
        rate=round(float(signal.sampling_frequency), 6),
        unit=_text(signal.physical_dimension),
        scale=scale,
        baseline=high - most / scale,
    )


def _text(field: str) -> str:
    """A field of the header, which should be ASCII and is often Latin-1 or UTF-8."""
    try:
        return field.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return field


def _told_of_length(head: bytes, records: int) -> list[str]:
    """Tell of a file that is shorter or longer than its header says; -1 is not known."""
    declared = head[236:244].decode("latin-1").strip()
    if declared in ("-1", str(records)):
        return []
    return [f"the header promises {printable(declared)} data records, the file holds {records}"]
