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

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.dates import COMPACT, dated
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.optional import need
from ecgmpi.readers.pieces import Piece, joined
from ecgmpi.readers.source import Source
from ecgmpi.readers.units import voltage
from ecgmpi.readers.validate import check_samples
from ecgmpi.readers.wording import corrupt, printable, truncated

from .elements import InvalidElementError, count, items, number, value, within
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

_WAVEFORMS = "1.2.840.10008.5.1.4.1.1.9."
"""What the class of every waveform object begins with, PS3.4 B.5."""

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
    window = Window(source, hints)
    try:
        with warnings.catch_warnings(action="ignore"):
            file = library.dcmread(
                window,
                stop_before_pixels=True,
                force=True,
                specific_tags=_TAGS + _DATES * hints.identify,
            )
            groups = items(file, "WaveformSequence")
            if not groups and _is_waveform(file):
                raise truncated(f"the DICOM file ends at byte {source.size:,}, before its waveform")
            big_endian = file.original_encoding[1] is False
            found = _chosen(groups, big_endian, hints)
            days = [dated(hints, value(file, tag), COMPACT) for tag in _DATES]
    except (RecordingError, MemoryError):
        raise
    except (EOFError, OSError) as error:
        raise truncated(
            f"the DICOM file ends at byte {source.size:,}, before its waveform"
        ) from error
    except InvalidElementError as error:
        raise corrupt(f"the DICOM file is damaged: {error}") from error
    except Exception as error:
        found_at = f"cannot be parsed before byte {window.tell():,} of {source.size:,}"
        raise corrupt(f"the DICOM file is damaged: it {found_at}") from error
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


def _is_waveform(file: Any) -> bool:
    """Whether a file says that it is a waveform."""
    meta = getattr(file, "file_meta", None)
    stated = (value(file, "SOPClassUID"), meta and value(meta, "MediaStorageSOPClassUID"))
    return any(str(one or "").startswith(_WAVEFORMS) for one in stated)


def _chosen(groups: list[Any], big_endian: bool, hints: ReadHints) -> _Found:
    """Choose the groups that are rhythm, and describe their channels."""
    if not groups:
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            "the DICOM file holds no waveform (it may be an image, or a report)",
            "leave the file out",
        )
    # Numbered as in the file, for messages.
    rhythm = [(at, group) for at, group in enumerate(groups, 1) if not _BEAT.search(_label(group))]
    original = [one for one in rhythm if str(value(one[1], "WaveformOriginality")) != "DERIVED"]
    n_rhythm = len(rhythm)
    rhythm = original or rhythm
    if not rhythm:
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            "the DICOM file holds averaged beats only, no rhythm",
            "export it again with its rhythm",
        )
    total = sum(count(group, "NumberOfWaveformChannels") for _, group in rhythm)
    longest = max(count(group, "NumberOfWaveformSamples") for _, group in rhythm)
    check_samples(total, longest, 8, hints, "the recording")
    found = _Found([], [], [])
    if original and len(original) < n_rhythm:
        found.notes.append("channels that were derived from others are left out")
    for at, group in rhythm:
        with within(f"waveform group {at}"):
            found.groups.append(_pieces(group, big_endian, found))
    return found


def _label(group: Any) -> str:
    return str(value(group, "MultiplexGroupLabel") or "")


def _pieces(group: Any, big_endian: bool, found: _Found) -> list[Piece]:
    """Describe the channels of a group, and when each begins."""
    rate = number(group, "SamplingFrequency", math.nan)
    if not rate > 0:
        raise InvalidElementError("SamplingFrequency (003A,001A) is missing or not above 0")
    begins = number(group, "MultiplexGroupTimeOffset", 0.0) / 1e3
    samples, notes = _samples(group, big_endian)
    found.notes.extend(notes)
    missing = _padding(group, samples.dtype)
    listed = items(group, "ChannelDefinitionSequence")
    if len(listed) != len(samples):
        raise InvalidElementError(
            f"ChannelDefinitionSequence (003A,0200) describes {len(listed)} channels, but "
            f"NumberOfWaveformChannels (003A,0005) is {len(samples)}"
        )
    pieces = []
    for at, (row, channel) in enumerate(zip(samples, listed, strict=True), 1):
        with within(f"channel {at}"):
            pieces.append(_piece(row, channel, rate, begins, missing, found))
    return pieces


def _piece(
    row: npt.NDArray[Any],
    channel: Any,
    rate: float,
    begins: float,
    missing: float | None,
    found: _Found,
) -> Piece:
    """Describe one channel of a group that `begins` there, s."""
    scale = number(channel, "ChannelSensitivity", 1.0)
    scale *= number(channel, "ChannelSensitivityCorrectionFactor", 1.0)
    offset = number(channel, "ChannelBaseline", 0.0)
    name = _name(channel)
    if scale == 0:
        raise corrupt(f"the sensitivity of channel {printable(name, 40)} is 0")
    unit = _unit(channel)
    if unit and value(channel, "ChannelSensitivity") in (None, ""):
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
    return Piece(described, begins + _skew(channel, rate, name))


def _skew(channel: Any, rate: float, name: str) -> float:
    """How much later than its group a channel begins, s: C.10.9.1.4.3 of PS3.3.

    It is given in samples or in seconds; a further alignment is added.
    """
    # Checking the tags costs less than asking for each by keyword.
    tags = channel.keys()
    by_samples, by_time, more = (
        number(channel, keyword, 0.0) if tag in tags else 0.0 for tag, keyword in _LATER
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
    n_channels = count(group, "NumberOfWaveformChannels")
    n_samples = count(group, "NumberOfWaveformSamples")
    if n_channels < 1 or n_samples < 1:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the waveform holds no samples", "leave the file out"
        )
    bits = count(group, "WaveformBitsAllocated")
    kind = str(value(group, "WaveformSampleInterpretation") or "")
    if (bits, kind) not in _TYPES:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"samples of {bits} bits interpreted as '{printable(kind, 10)}'",
            "export the waveform as signed 16-bit samples",
        )
    raw = value(group, "WaveformData")
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
    raw = value(group, "WaveformPaddingValue")
    if isinstance(raw, bytes) and len(raw) >= dtype.itemsize:
        return float(np.frombuffer(raw, dtype, 1)[0])
    return float(raw) if isinstance(raw, int) else None


def _name(channel: Any) -> str:
    """The lead, from its code if that is a lead, else from the meaning of the code."""
    source = next(iter(items(channel, "ChannelSourceSequence")), None)
    code, meaning = "", ""
    if source is not None:
        code = str(value(source, "CodeValue") or "")
        meaning = str(value(source, "CodeMeaning") or "")
    lead = canonical(code)
    if lead != " ".join(code.split()):
        return lead
    return meaning or str(value(channel, "ChannelLabel") or "") or code


def _unit(channel: Any) -> str:
    """The unit of a count times its sensitivity: its code or meaning; else empty."""
    item = next(iter(items(channel, "ChannelSensitivityUnitsSequence")), None)
    if item is None:
        return ""
    code = str(value(item, "CodeValue") or "")
    if voltage(code):
        return code
    meaning = str(value(item, "CodeMeaning") or "")
    return meaning if voltage(meaning) else code or meaning
