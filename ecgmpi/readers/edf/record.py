"""EDF, EDF+, BDF and BDF+: polysomnograms and Holters, decoded by `edfio`.

Before it decodes, this module checks that there are signals beside the annotations, that
one of them is ECG, and that they are not too large. If the data records state that time
passed between them (EDF+D), there is a gap.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import choose_channels, record_from_channels
from ecgmpi.readers.dates import dated
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.optional import need
from ecgmpi.readers.pieces import place
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import check_samples
from ecgmpi.readers.wording import corrupt, printable, truncated

from .times import Runs, Stamps, denied_gaps, divided

_HEADER = 256
"""Bytes of the part of the header that every file has."""


def load(source: Source, hints: ReadHints) -> Record:
    """Read the ECG channels of an EDF or BDF file.

    Parameters
    ----------
    source
        The file, which the library opens itself.
    hints
        Its leads are read even if they are not ECG.

    Raises
    ------
    RecordingError
        The file is damaged, has no ECG, or contradicts itself on the times of its records.
    """
    library = need("edfio", "edf", "an EDF file")
    # One part for the file and one for each signal; the sniff has found a number.
    header = _HEADER * (1 + int(source.head[252:_HEADER] or 0))
    if source.size < header:
        raise truncated(
            f"the file ends after {source.size:,} of the {header:,} bytes of its header"
        )
    bdf = source.head.startswith(b"\xff")
    if bdf or source.in_memory:
        # The library decodes all of such a file, whichever signals are wanted.
        check_samples(1, source.size // (3 if bdf else 2), 4, hints, "the file")
    try:
        with warnings.catch_warnings(action="ignore"):
            if bdf:
                file = library.read_bdf(source.for_library, header_encoding="latin-1")
            else:
                lazily = not source.in_memory
                file = library.read_edf(source.for_library, lazily, header_encoding="latin-1")
            signals = file.signals
            described = _described(signals)
            # By their names first, so that a file without ECG is not decoded.
            kept = choose_channels(described, hints).kept
            records = int(file.num_data_records)
            longest = max(signals[described.index(c)].samples_per_data_record for c in kept)
            if not records:
                raise truncated("the file ends with its header: no samples follow")
            runs, found, unused = _runs(source, file.reserved, records, longest)
            length = runs.samples[-1] + (records - runs.records[-1]) * longest
            itemsize = 4 if len(runs.records) == 1 else 8
            check_samples(len(kept), length, itemsize, hints, "the recording")
            channels = [
                _placed(_channel(signal, signal.digital), runs, longest)
                if channel in kept
                else channel
                for signal, channel in zip(signals, described, strict=True)
            ]
    except (RecordingError, MemoryError):
        raise
    except Exception as error:
        raise corrupt("the header of the EDF file is invalid") from error
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="bdf" if bdf else "edf",
        notes=_length_notes(source.head, records) + found,
        identity=_day(source.head, hints),
        unused=unused,
    )


def _described(signals: Sequence[Any]) -> list[Channel]:
    """The signals of a file as its header describes them, without samples."""
    if not signals:
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            "the file holds annotations only and no signal",
            "leave the file out",
        )
    return [_channel(signal, None) for signal in signals]


def _runs(
    source: Source, reserved: str, n_records: int, per_record: int
) -> tuple[Runs, list[str], list[str]]:
    """Divide the data records at gaps in time; also notes, and statements not used."""
    whole = Runs([0], [0], rounded=False)
    if "+D" in reserved:
        stamps = Stamps(source)
        runs = divided(stamps.onsets(n_records), stamps.seconds, per_record)
        gaps = len(runs.records) - 1
        notes = [f"gaps between data records: {gaps}"] if gaps else []
        if runs.rounded:
            notes.append("records begin between two samples: placed at the nearer")
        return runs, notes, []
    if "+C" in reserved and (found := denied_gaps(Stamps(source), n_records, per_record)):
        return whole, [], [found]
    return whole, [], []


def _placed(channel: Channel, runs: Runs, per_record: int) -> Channel:
    """The channel with each run of data records at its time, NaN between them."""
    if len(runs.records) == 1:
        return channel
    ends = [record * per_record for record in runs.records[1:]]
    parts = np.split(channel.samples, ends)
    return place(
        [
            (start, replace(channel, samples=part))
            for start, part in zip(runs.samples, parts, strict=True)
        ],
        channel.rate or 1.0,
    )


def _day(head: bytes, hints: ReadHints) -> tuple[tuple[str, str], ...]:
    """The identity made of the start date, unless EDF+ states that it is unknown."""
    recording, begins = head[88:168].decode("latin-1"), head[168:176].decode("latin-1")
    return (
        () if recording.startswith("Startdate X") else dated(hints, _in_century(begins), "%d.%m.%Y")
    )


def _in_century(written: str) -> str:
    """``dd.mm.yy`` with its century: by the specification, years from 85 on are 19xx."""
    days, _, year = written.strip().rpartition(".")
    return f"{days}.{'19' if year >= '85' else '20'}{year}"


def _channel(signal: Any, digital: Any) -> Channel:
    """Describe a signal; without samples if they are not needed yet."""
    name = _text(signal.label)
    low, high = signal.digital_range
    least, most = signal.physical_range
    if low == high or least == most or not np.isfinite([least, most]).all():
        raise corrupt(f"the calibration of channel {printable(name)} is invalid")
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


def _length_notes(head: bytes, records: int) -> list[str]:
    """Note that a file is shorter or longer than its header says; -1 means unknown."""
    declared = head[236:244].decode("latin-1").strip()
    if declared in ("-1", str(records)):
        return []
    return [f"the header promises {printable(declared)} data records, the file holds {records}"]
