"""GE MUSE: the XML that a MUSE archive exports, root ``RestingECG``.

The element names are those of GE's ``restecg.dtd`` in its exports: waveforms of type Median and
Rhythm, each with a rate and with leads in base64, 16 bits, little endian, and a CRC-32 of their
bytes. Usually there are eight leads; the other four follow from I and II.
"""

from __future__ import annotations

import math
import zlib
from xml.etree.ElementTree import Element

import numpy as np

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.dates import dated
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import check_listed, check_samples
from ecgmpi.readers.wording import corrupt, printable

from .base64_samples import decoded
from .tree import children, number, read_tree, stated, text

_RATES = (250.0, 500.0, 1000.0)
"""Rates, Hz, that recorders of this family use for a resting ECG."""

_DAY = "%m-%d-%Y"


def load(source: Source, hints: ReadHints) -> Record:
    """Read the rhythm of a MUSE export.

    Parameters
    ----------
    source
        The file.
    hints
        Leads asked for, and the size budget.

    Raises
    ------
    RecordingError
        The XML is damaged or dangerous, holds no rhythm, or its leads are invalid.
    """
    root = read_tree(source, hints)
    waveforms = list(children(root, "Waveform"))
    rhythm = [w for w in waveforms if text(w, "WaveformType").lower() == "rhythm"]
    if not rhythm:
        kinds = sorted({printable(text(w, "WaveformType"), 20) for w in waveforms})
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            f"the MUSE file holds no rhythm ({', '.join(kinds) or 'no waveform at all'})",
            "export it again with its waveforms",
        )
    waveform = rhythm[0]
    rate = _rate(waveform)
    leads = list(children(waveform, "LeadData"))
    check_listed(leads, "a waveform")
    characters = max((len(text(lead, "WaveFormData")) for lead in leads), default=0)
    check_samples(len(leads), characters * 3 // 8, 4, hints, "the recording")
    notes = []
    if len(rhythm) > 1:
        notes.append(f"the first of {len(rhythm)} rhythms; the others are left out")
    channels = []
    unused: list[str] = []
    for lead in leads:
        channel, found = _channel(lead, rate, unused)
        channels.append(channel)
        notes += found
    if channels and rate:
        notes += _rate_notes(rate, max(channel.samples.size for channel in channels))
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="muse",
        notes=notes,
        identity=dated(hints, text(root, "TestDemographics", "AcquisitionDate"), _DAY),
        unused=dict.fromkeys(unused),
    )


def _rate(waveform: Element) -> float | None:
    """Samples per second, Hz: a base and a power of ten; None if there is no base."""
    base = stated(text(waveform, "SampleBase"), "its sampling rate")
    if base is None:
        return None
    exponent = number(text(waveform, "SampleExponent") or "0", "the exponent of its rate")
    if base <= 0 or abs(exponent) > 6:
        raise corrupt(f"the file states {base:g}e{exponent:g} samples per second")
    return float(base * 10.0**exponent)


def _channel(lead: Element, rate: float | None, unused: list[str]) -> tuple[Channel, list[str]]:
    name = text(lead, "LeadID")
    shown = printable(name, 20)
    notes = []
    size = text(lead, "LeadSampleSize")
    if size and number(size, f"the sample size of {shown}") != 2:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"samples of {printable(size, 10)} bytes in {shown}",
            "export the waveform with 16-bit samples",
        )
    raw = decoded(text(lead, "WaveFormData"), name)
    if len(raw) % 2:
        raise corrupt(f"the samples of {shown} end in the middle of one")
    if stated_count := text(lead, "LeadSampleCountTotal"):
        count = number(stated_count, f"the number of samples of {shown}")
        if count != len(raw) // 2:
            notes.append(f"{shown} should have {count:,g} samples, but has {len(raw) // 2:,}")
    check = text(lead, "LeadDataCRC32")
    if check.isdecimal() and check.isascii() and check != str(zlib.crc32(raw)):
        notes.append(f"the checksum of {shown} does not match its samples")
    if text(lead, "LeadOff").upper() == "TRUE":
        notes.append(f"the file says that the electrode of {shown} was off")
    notes += [
        f"{shown} is not shifted by its {offset}"
        for offset in ("LeadTimeOffset", "LeadOffsetFirstSample")
        if text(lead, offset).strip("0.")
    ]
    unit = text(lead, "LeadAmplitudeUnits")
    scale = stated(text(lead, "LeadAmplitudeUnitsPerBit"), f"the amplitude of {shown}")
    if scale is None and unit:
        unused.append(f"unit {printable(unit, 20)} of leads without units per bit")
        unit = ""
    samples = np.frombuffer(raw, "<i2")
    return Channel(name, samples, rate, unit, scale=1.0 if scale is None else scale), notes


def _rate_notes(rate: float, n_samples: int) -> list[str]:
    """Note a rate that the length contradicts: resting ECGs last whole seconds."""
    if math.isclose(n_samples / rate, round(n_samples / rate), rel_tol=0, abs_tol=1.5 / rate):
        return []
    better = [other for other in _RATES if n_samples % other == 0]
    if not better or rate in _RATES:
        return []
    best = min(better, key=lambda other: abs(math.log(other / rate)))
    return [
        f"rate and length contradict each other: {n_samples:,} samples are "
        f"{n_samples / rate:.2f} s at the {rate:g} Hz that the file says, and "
        f"{n_samples / best:g} s at {best:g} Hz"
    ]
