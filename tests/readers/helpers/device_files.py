"""What ECG machines write, by small programs of our own: counts in, the bytes of a file out.

Of CardioSoft there is no real file to test with: its writer follows what published programs
that read such files expect. The others stand beside real files.
"""

from __future__ import annotations

import base64
import io
import struct
import warnings
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.readers.array_record import conventional_leads

Counts = npt.NDArray[Any]

Leads = Sequence[str] | None

SCP_NUMBERS = {
    **{"I": 1, "II": 2, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64},
    **{f"V{number}": number + 2 for number in range(1, 7)},
}
"""Lead -> its number in SCP-ECG."""


def dicom(
    counts: Counts,
    leads: Leads = None,
    rate: float = 500.0,
    sensitivity: float = 2.5,
    correction: float = 1.0,
    baseline: float = 0.0,
    unit: str = "uV",
    padding: int | None = None,
    big_endian: bool = False,
    coded: bool = True,
) -> Any:
    """A DICOM data set with one group of waveforms; `group` adds others, `saved` writes it."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian

    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRBigEndian if big_endian else ExplicitVRLittleEndian
    file.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.9.1.1")
    file.SOPInstanceUID = UID("1.2.3.4")
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID
    file.PatientName = "Secret^Name"
    one = group(
        counts, leads, rate, sensitivity, correction, baseline, unit, padding, big_endian, coded
    )
    file.WaveformSequence = [one]
    return file


def group(
    counts: Counts,
    leads: Leads = None,
    rate: float = 500.0,
    sensitivity: float = 2.5,
    correction: float = 1.0,
    baseline: float = 0.0,
    unit: str = "uV",
    padding: int | None = None,
    big_endian: bool = False,
    coded: bool = True,
) -> Any:
    """A multiplex group."""
    from pydicom.dataset import Dataset

    dtype = np.dtype(counts.dtype)
    stored = dtype.newbyteorder(">" if big_endian else "<")
    names = {"i1": "SB", "u1": "UB", "i2": "SS", "u2": "US", "i4": "SL", "u4": "UL"}
    one = Dataset()
    one.WaveformOriginality = "ORIGINAL"
    one.MultiplexGroupLabel = "RHYTHM"
    one.NumberOfWaveformChannels, one.NumberOfWaveformSamples = counts.shape
    one.SamplingFrequency = rate
    one.WaveformBitsAllocated = 8 * dtype.itemsize
    one.WaveformSampleInterpretation = names[dtype.str[1:]]
    if padding is not None:
        one.WaveformPaddingValue = np.array([padding], stored).tobytes().ljust(2, b"\0")
    raw = counts.T.astype(stored).tobytes()
    one.WaveformData = raw + bytes(len(raw) % 2)
    for element in one:
        if element.keyword in ("WaveformData", "WaveformPaddingValue"):
            element.VR = "OB" if dtype.itemsize == 1 else "OW"
    one.ChannelDefinitionSequence = []
    for lead in leads or conventional_leads(len(counts)):
        source, units, channel = Dataset(), Dataset(), Dataset()
        source.CodeValue = f"2:{SCP_NUMBERS[lead]}" if coded and lead in SCP_NUMBERS else "99"
        source.CodingSchemeDesignator = "MDC"
        source.CodeMeaning = f"Lead {lead}"
        units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = unit, "UCUM", unit
        channel.ChannelSourceSequence = [source]
        channel.ChannelSensitivity = sensitivity
        channel.ChannelSensitivityUnitsSequence = [units]
        channel.ChannelSensitivityCorrectionFactor = correction
        channel.ChannelBaseline = baseline
        channel.WaveformBitsStored = 8 * dtype.itemsize
        one.ChannelDefinitionSequence.append(channel)
    return one


def saved(file: Any) -> bytes:
    """The bytes of a DICOM data set."""
    to = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):
        file.save_as(to, enforce_file_format=True)
    return to.getvalue()


def aecg(
    counts: Counts,
    leads: Leads = None,
    rate: float = 500.0,
    scale: str = "2.5",
    unit: str = "uV",
    origin: tuple[str, str] = ("0", "uV"),
    series: str = "RHYTHM",
) -> bytes:
    """An HL7 annotated ECG."""
    return aecg_of([[sequence_set(counts, leads, rate, scale, unit, origin)]], series)


def aecg_of(every: Sequence[Sequence[str]], code: str = "RHYTHM") -> bytes:
    """An HL7 annotated ECG of several series, each of sets as `sequence_set` makes them."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="x">',
    ]
    for sets in every:
        lines += [f'<component><series><code code="{code}"/>', *sets, "</series></component>"]
    return "\n".join([*lines, "</AnnotatedECG>"]).encode()


def sequence_set(
    counts: Counts,
    leads: Leads = None,
    rate: float = 500.0,
    scale: str = "2.5",
    unit: str = "uV",
    origin: tuple[str, str] = ("0", "uV"),
    head: str = 'value="20021122091000"',
) -> str:
    """A set of sequences; a `head` with a unit is a relative time."""
    kind = "TIME_RELATIVE" if "unit" in head else "TIME_ABSOLUTE"
    lines = [
        "<component><sequenceSet>",
        f'<component><sequence><code code="{kind}"/><value xsi:type="GLIST_TS">',
        f'<head {head}/><increment value="{1 / rate:.9g}" unit="s"/>',
        "</value></sequence></component>",
    ]
    for lead, row in zip(leads or conventional_leads(len(counts)), counts, strict=True):
        lines += [
            f'<component><sequence><code code="MDC_ECG_LEAD_{lead}"/><value xsi:type="SLIST_PQ">',
            f'<origin value="{origin[0]}" unit="{origin[1]}"/>',
            f'<scale value="{scale}" unit="{unit}"/>',
            f"<digits>{' '.join(map(str, row.tolist()))}</digits>",
            "</value></sequence></component>",
        ]
    return "\n".join([*lines, "</sequenceSet></component>"])


def muse(
    counts: Counts,
    leads: Leads = None,
    rate: str = "500",
    scale: str = "4.88",
    unit: str = "MICROVOLTS",
    kind: str = "Rhythm",
    exponent: str = "0",
) -> bytes:
    """A MUSE export; it names a DTD, as they all do."""
    lines = [
        '<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE RestingECG SYSTEM "restecg.dtd">',
        f"<RestingECG><Waveform><WaveformType>{kind}</WaveformType>",
        f"<SampleBase>{rate}</SampleBase><SampleExponent>{exponent}</SampleExponent>",
    ]
    for lead, row in zip(leads or conventional_leads(len(counts)), counts, strict=True):
        raw = row.astype("<i2").tobytes()
        coded = base64.encodebytes(raw).decode()
        lines += [
            f"<LeadData><LeadSampleCountTotal>{row.size}</LeadSampleCountTotal>",
            f"<LeadAmplitudeUnitsPerBit>{scale}</LeadAmplitudeUnitsPerBit>",
            f"<LeadAmplitudeUnits>{unit}</LeadAmplitudeUnits><LeadID>{lead}</LeadID>",
            f"<LeadSampleSize>2</LeadSampleSize><LeadDataCRC32>{zlib.crc32(raw)}</LeadDataCRC32>",
            f"<WaveFormData>{coded}</WaveFormData></LeadData>",
        ]
    return "\n".join([*lines, "</Waveform></RestingECG>"]).encode("latin-1")


def cardiosoft(counts: Counts, leads: Leads = None, rate: float = 500.0, scale: str = "5") -> bytes:
    """A CardioSoft export of a resting ECG."""
    lines = [
        '<?xml version="1.0" encoding="ISO-8859-1"?><CardiologyXML>',
        "<PatientInfo><GivenName>Secret</GivenName></PatientInfo>",
        "<RestingECGMeasurements><MedianSamples><SampleRate units='Hz'>500</SampleRate>",
        "<WaveformData lead='I'>1,2,3</WaveformData></MedianSamples></RestingECGMeasurements>",
        f"<StripData><NumberOfLeads>{len(counts)}</NumberOfLeads>",
        f'<SampleRate units="Hz">{rate:g}</SampleRate>',
        f"<ChannelSampleCountTotal>{counts.shape[1]}</ChannelSampleCountTotal>",
        f'<Resolution units="uVperLsb">{scale}</Resolution>',
    ]
    for lead, row in zip(leads or conventional_leads(len(counts)), counts, strict=True):
        lines.append(
            f'<WaveformData lead="{lead}">\n\t{",".join(map(str, row.tolist()))}</WaveformData>'
        )
    return "\n".join([*lines, "</StripData></CardiologyXML>"]).encode("latin-1")


def sierra(counts: Counts, scale: str = "5", method: str = "XLI", codec: str = "utf-8") -> bytes:
    """A Philips Sierra file of the standard leads."""
    rows = dict(zip(STANDARD_LEADS, counts.astype(np.int64), strict=True))
    one, two, three = rows["I"], rows["II"], rows["III"]
    kept = {
        **rows,
        "III": two - one - three,
        "aVR": -rows["aVR"] - (one + two) // 2,
        "aVL": (one - three) // 2 - rows["aVL"],
        "aVF": (two + three) // 2 - rows["aVF"],
    }
    chunks = b"".join(_xli(row) for row in kept.values())
    text = "\n".join(
        [
            f'<?xml version="1.0" encoding="{codec}"?><restingecgdata xmlns="x"><dataacquisition>',
            "<signalcharacteristics><samplingrate>500</samplingrate>",
            f"<signalresolution>{scale}</signalresolution>",
            "<acquisitiontype>STD-12</acquisitiontype>",
            "<numberchannelsallocated>12</numberchannelsallocated></signalcharacteristics>",
            f'</dataacquisition><waveforms><parsedwaveforms compressmethod="{method}" ',
            f'dataencoding="Base64" durationperchannel="{counts.shape[1] * 2}">',
            base64.encodebytes(chunks).decode(),
            "</parsedwaveforms></waveforms></restingecgdata>",
        ]
    )
    return text.encode(codec)


def _xli(row: npt.NDArray[np.int64]) -> bytes:
    """One lead: second differences, high bytes before low bytes, LZW of ten bits."""
    bends = np.diff(row, 2)
    stored = np.zeros(row.size, np.int64)
    stored[:2] = row[:2]
    stored[2:-1] = 64 - bends[1:]
    octets = stored.astype(">i2").view(np.uint8).reshape(-1, 2)
    packed = lzw(octets.T.tobytes())
    first = -int(bends[0]) if bends.size else 0
    return struct.pack("<iHh", len(packed), 1, first) + packed


def lzw(octets: bytes) -> bytes:
    """Codes of ten bits, highest bit first, and a dictionary that is filled once."""
    known = {bytes([value]): value for value in range(256)}
    codes, held = [], b""
    for byte in octets:
        longer = held + bytes([byte])
        if longer in known:
            held = longer
            continue
        codes.append(known[held])
        if len(known) < 1023:
            known[longer] = len(known)
        held = bytes([byte])
    codes.append(known[held])
    bits = "".join(f"{code:010b}" for code in codes)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
