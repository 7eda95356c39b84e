"""DICOM waveforms: 12-lead, general and ambulatory ECG, parsed by `pydicom`, decoded here.

By DICOM PS3.3, C.10.9 (waveform module) and A.34 (waveform objects): groups of channels that
share a rate, each channel with its source, sensitivity and baseline. Groups may begin at
different times, and channels of a group may be skewed: all are placed on one time axis.
Median beats, which are separate groups, are left out.
"""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.leads import canonical
from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channels import Channel, record_from_channels
from ecgmpi.readers.dates import COMPACT, dated
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.optional import need
from ecgmpi.readers.pieces import Piece, joined
from ecgmpi.readers.source import Source
from ecgmpi.readers.units import voltage
from ecgmpi.readers.validate import check_samples
from ecgmpi.readers.wording import corrupt, printable, truncated

from .file import Window

_TYPES = {
    (8, "SB"): "i1",
    (8, "UB"): "u1",
    (16, "SS"): "i2",
    (16, "US"): "u2",
    (32, "SL"): "i4",
    (32, "UL"): "u4",
    (64, "SV"): "i8",
    (64, "UV"): "u8",
}
"""Bits and interpretation of a sample, C.10.9.1.5 -> NumPy's type; mu-law and A-law are sound."""

_BEAT = re.compile(r"median|average|template|beat", re.I)

_TAGS = ["WaveformSequence", "SOPClassUID", "SpecificCharacterSet"]
"""All that is kept of a file; patient-identifying elements are not."""

_LATER = (
    (0x003A0215, "ChannelSampleSkew"),
    (0x003A0214, "ChannelTimeSkew"),
    (0x003A0218, "ChannelOffset"),
)
"""Elements that state how much later than its group a channel begins: samples, seconds twice."""

_DATES = ["AcquisitionDateTime", "AcquisitionDate"]
"""Elements that state when it was recorded, kept only on request."""


def load(source: Source, hints: ReadHints) -> Record:
    """Read the ECG of a DICOM waveform object.

    Parameters
    ----------
    source
        The file.
    hints
        Leads asked for, and the size budget.

    Raises
    ------
    RecordingError
        The file is damaged, is not a waveform, or uses an unsupported encoding.
    """
    library = need("pydicom", "dicom", "a DICOM file")
    try:
        with warnings.catch_warnings(action="ignore"):
            file = library.dcmread(
                Window(source, hints),
                stop_before_pixels=True,
                force=True,
                specific_tags=_TAGS + _DATES * hints.identify,
            )
            groups = list(file.get("WaveformSequence") or [])
            big_endian = file.original_encoding[1] is False
            found = _chosen(groups, big_endian, hints)
            days = [dated(hints, file.get(tag), COMPACT) for tag in _DATES]
    except (RecordingError, MemoryError):
        raise
    except (EOFError, OSError) as error:
        raise truncated("the DICOM file ends before its waveform") from error
    except Exception as error:
        raise corrupt("the DICOM file is invalid") from error
    channels, notes = joined(found.groups, hints)
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="dicom",
        notes=[*found.notes, *notes],
        identity=next(filter(None, days), ()),
        unused=dict.fromkeys(found.unused),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """The channels of each group, notes, and statements not used."""

    groups: list[list[Piece]]
    notes: list[str]
    unused: list[str]


def _chosen(groups: list[Any], big_endian: bool, hints: ReadHints) -> _Found:
    """Choose the groups that are rhythm, and describe their channels."""
    if not groups:
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            "the DICOM file holds no waveform (it may be an image, or a report)",
            "leave the file out",
        )
    rhythm = [group for group in groups if not _BEAT.search(_label(group))]
    original = [g for g in rhythm if str(g.get("WaveformOriginality", "")) != "DERIVED"]
    n_rhythm = len(rhythm)
    rhythm = original or rhythm
    if not rhythm:
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            "the DICOM file holds averaged beats only, no rhythm",
            "export it again with its rhythm",
        )
    total = sum(int(g.get("NumberOfWaveformChannels") or 0) for g in rhythm)
    longest = max(int(g.get("NumberOfWaveformSamples") or 0) for g in rhythm)
    check_samples(total, longest, 8, hints, "the recording")
    found = _Found([], [], [])
    if original and len(original) < n_rhythm:
        found.notes.append("channels that were derived from others are left out")
    for group in rhythm:
        found.groups.append(_pieces(group, big_endian, found))
    return found


def _label(group: Any) -> str:
    return str(group.get("MultiplexGroupLabel") or "")


def _pieces(group: Any, big_endian: bool, found: _Found) -> list[Piece]:
    """Describe the channels of a group, and when each begins."""
    rate = _number(group, "SamplingFrequency", math.nan)
    if not rate > 0:
        raise corrupt("the DICOM file does not say its sampling frequency")
    begins = _number(group, "MultiplexGroupTimeOffset", 0.0) / 1e3
    samples, notes = _samples(group, big_endian)
    found.notes.extend(notes)
    missing = _padding(group, samples.dtype)
    listed = list(group.get("ChannelDefinitionSequence") or [])
    if len(listed) != len(samples):
        raise corrupt(f"the file holds {len(samples)} channels but describes {len(listed)}")
    pieces = []
    for row, channel in zip(samples, listed, strict=True):
        scale = _number(channel, "ChannelSensitivity", 1.0)
        scale *= _number(channel, "ChannelSensitivityCorrectionFactor", 1.0)
        offset = _number(channel, "ChannelBaseline", 0.0)
        name = _name(channel)
        if scale == 0:
            raise corrupt(f"the sensitivity of channel {printable(name, 40)} is 0")
        unit = _unit(channel)
        if unit and channel.get("ChannelSensitivity") in (None, ""):
            found.unused.append(f"unit {printable(unit, 20)} of channels without a sensitivity")
            unit = ""
        own = missing
        # A lead is at 0 mV most of the time, so that value cannot mark a gap.
        if missing is not None and missing * scale + offset == 0:
            own = None
        described = Channel(
            name=name,
            samples=row,
            rate=rate,
            unit=unit,
            scale=scale,
            baseline=-offset / scale,
            missing=own,
        )
        pieces.append(Piece(described, begins + _skew(channel, rate, name)))
    return pieces


def _skew(channel: Any, rate: float, name: str) -> float:
    """How much later than its group a channel begins, s: C.10.9.1.4.3 of PS3.3.

    It is given in samples or in seconds; a further alignment is added.
    """
    # Checking the tags costs less than asking for each by keyword.
    tags = channel.keys()
    by_samples, by_time, more = (
        _number(channel, keyword, 0.0) if tag in tags else 0.0 for tag, keyword in _LATER
    )
    by_samples /= rate
    if by_samples and by_time and abs(by_samples - by_time) * rate > 0.5:
        raise RecordingError(
            FailureKind.CONTRADICTORY,
            f"channel {printable(name, 40)} begins {by_samples:g} s after its group by its "
            f"sample skew, and {by_time:g} s by its time skew",
            "export the recording with only one of the two",
        )
    return (by_samples or by_time) + more


def _samples(group: Any, big_endian: bool) -> tuple[npt.NDArray[Any], list[str]]:
    """The counts of a group, shape (n_channels, n_samples), and notes."""
    n_channels = int(group.get("NumberOfWaveformChannels") or 0)
    n_samples = int(group.get("NumberOfWaveformSamples") or 0)
    if n_channels < 1 or n_samples < 1:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the waveform holds no samples", "leave the file out"
        )
    bits = int(group.get("WaveformBitsAllocated") or 0)
    kind = str(group.get("WaveformSampleInterpretation") or "")
    if (bits, kind) not in _TYPES:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"samples of {bits} bits interpreted as '{printable(kind, 10)}'",
            "export the waveform as signed 16-bit samples",
        )
    raw = group.get("WaveformData")
    dtype = np.dtype(_TYPES[bits, kind]).newbyteorder(">" if big_endian else "<")
    whole = len(raw or b"") // (dtype.itemsize * n_channels)
    if not isinstance(raw, bytes) or whole == 0:
        raise truncated("the DICOM file ends before its samples")
    notes = []
    if whole < n_samples:
        notes.append(f"the header promises {n_samples:,} samples, the file holds {whole:,}")
    n_samples = min(whole, n_samples)
    values = np.frombuffer(raw, dtype, n_channels * n_samples)
    return values.reshape(n_samples, n_channels).T, notes


def _padding(group: Any, dtype: np.dtype[Any]) -> float | None:
    """The count that marks a missing sample, as a sample of the same type."""
    raw = group.get("WaveformPaddingValue")
    if isinstance(raw, bytes) and len(raw) >= dtype.itemsize:
        return float(np.frombuffer(raw, dtype, 1)[0])
    return float(raw) if isinstance(raw, int) else None


def _number(item: Any, keyword: str, absent: float) -> float:
    value = item.get(keyword)
    if value is None or value == "":
        return absent
    number = float(value)
    if not math.isfinite(number):
        raise corrupt(f"{keyword} is {number}")
    return number


def _name(channel: Any) -> str:
    """The lead, from its code if that is a lead, else from the meaning of the code."""
    source = next(iter(channel.get("ChannelSourceSequence") or []), None)
    code, meaning = "", ""
    if source is not None:
        code = str(source.get("CodeValue") or "")
        meaning = str(source.get("CodeMeaning") or "")
    lead = canonical(code)
    if lead != " ".join(code.split()):
        return lead
    return meaning or str(channel.get("ChannelLabel") or "") or code


def _unit(channel: Any) -> str:
    """The unit of a count times its sensitivity: its code or meaning; else empty."""
    item = next(iter(channel.get("ChannelSensitivityUnitsSequence") or []), None)
    if item is None:
        return ""
    code = str(item.get("CodeValue") or "")
    if voltage(code):
        return code
    meaning = str(item.get("CodeMeaning") or "")
    return meaning if voltage(meaning) else code or meaning
