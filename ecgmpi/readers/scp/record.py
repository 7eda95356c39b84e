"""SCP-ECG: the binary file of EN 1064 (ISO 11073-91064), versions 1.x to 2.x.

It reads the pointers (section 0), Huffman tables (2), leads (3) and rhythm (6), as the
standard lays them out. Section 1, which identifies the patient, is read only for the date, and
only on request. If the lengths in section 6 do not match its checked bytes, because a writer
counted a sample too many or the leads are too long for 16 bits, the leads are read as far as
they go. Files of high compression, which store the rhythm without a typical beat and thinned
out, are refused: they no longer contain the signal to draw.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.dates import dated
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import check_bytes, check_samples
from ecgmpi.readers.wording import corrupt, truncated

from . import huffman
from .crc import ccitt

_HEADER = 16
"""Bytes that every section begins with: checksum, number, length, versions, reserve."""

_POINTER = 10

_DATE, _LAST_TAG = 25, 255
"""Fields of section 1: the date of acquisition, and the end."""

_DIFFERENCES = 2
"""The highest order of differences that is coded."""


def load(source: Source, hints: ReadHints) -> Record:
    """Read the rhythm of an SCP-ECG file.

    Parameters
    ----------
    source
        The file.
    hints
        Leads asked for, and the size budget.

    Raises
    ------
    RecordingError
        The file is damaged, holds no rhythm, or stores it with high compression.
    """
    places = _places(source)
    if 3 not in places or 6 not in places:
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            "the SCP-ECG file holds no rhythm (no section 6, or no leads for it)",
            "export it again with its rhythm",
        )
    leads, subtracted = _leads(_section(source, places, 3, hints))
    rhythm = _section(source, places, 6, hints)
    if len(rhythm) < 6:
        raise truncated("section 6 ends within its own header")
    nanovolts, microseconds, differences, bimodal = struct.unpack_from("<HHBB", rhythm)
    if bimodal or subtracted:
        how = "thinned out between the beats" if bimodal else "kept without its typical beat"
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"the rhythm is {how} (high compression of SCP-ECG)",
            "export it as SCP-ECG without reference beat subtraction, or in another format",
        )
    if differences > _DIFFERENCES:
        raise corrupt(f"the rhythm is coded as differences of order {differences}")
    if not nanovolts or not microseconds:
        raise corrupt(f"the file gives {nanovolts} nV per count and {microseconds} us per sample")
    first = min(lead.first for lead in leads)
    check_samples(len(leads), max(lead.last for lead in leads) - first + 1, 8, hints, "the rhythm")
    tables = huffman.tables(_section(source, places, 2, hints)) if 2 in places else []
    counts = [lead.last - lead.first + 1 for lead in leads]
    coded, notes = _coded(rhythm, counts, tables)
    scale, rate = float(nanovolts), round(1e6 / microseconds, 6)
    channels = []
    for lead, numbers in zip(leads, coded, strict=True):
        samples = _summed(numbers, differences)
        if late := lead.first - first:
            samples = np.concatenate((np.full(late, np.nan), samples))
        # Named as DICOM writes the same numbers.
        channels.append(Channel(f"2:{lead.number}", samples, rate, "nV", scale=scale))
    if not _checksum_holds(source, hints):
        notes.append("the checksum of the file does not match, those of its samples do")
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="scp",
        notes=notes,
        identity=_day(source, places, hints) if hints.identify else (),
    )


def _day(
    source: Source, places: dict[int, tuple[int, int]], hints: ReadHints
) -> tuple[tuple[str, str], ...]:
    """The identity that field 25 of section 1, the date of acquisition, makes."""
    try:
        section = _section(source, places, 1, hints)
    except (KeyError, RecordingError):
        # The picture does not depend on it, and programs that blank out names damage it.
        return ()
    at = 0
    while at + 3 <= len(section):
        tag, length = struct.unpack_from("<BH", section, at)
        at += 3
        if tag == _DATE and length >= 4 and at + 4 <= len(section):
            year, month, day = struct.unpack_from("<HBB", section, at)
            return dated(hints, f"{year:04}-{month:02}-{day:02}")
        if tag == _LAST_TAG:
            break
        at += length
    return ()


@dataclass(frozen=True, slots=True)
class _Lead:
    """A lead of section 3: first and last sample, from 1, and its number in the standard."""

    first: int
    last: int
    number: int


def _places(source: Source) -> dict[int, tuple[int, int]]:
    """Section -> where it begins and how long it is, by the pointers of section 0."""
    (length,) = struct.unpack_from("<I", source.at(10, 4).ljust(4, b"\0"))
    listed = source.at(6 + _HEADER, min(length, 0xFFFF) - _HEADER)
    places: dict[int, tuple[int, int]] = {}
    for at in range(0, len(listed) - _POINTER + 1, _POINTER):
        number, size, index = struct.unpack_from("<HII", listed, at)
        if size > _HEADER and index:
            # Counted from 1.
            places.setdefault(number, (index - 1, size))
    return places


def _section(
    source: Source, places: dict[int, tuple[int, int]], number: int, hints: ReadHints
) -> bytes:
    """The content of a section, after a check of its checksum, number and length."""
    at, size = places[number]
    if at + size > source.size:
        raise truncated(
            f"section {number} ends at byte {at + size:,}, but the file has {source.size:,}"
        )
    check_bytes(size, hints, f"section {number}")
    raw = source.at(at, size)
    checksum, own, length = struct.unpack_from("<HHI", raw)
    if (own, length) != (number, size):
        raise corrupt(f"section {number} is not where the file says")
    if checksum != ccitt(raw[2:]):
        raise corrupt(f"the checksum of section {number} does not match its bytes")
    return raw[_HEADER:]


def _checksum_holds(source: Source, hints: ReadHints) -> bool:
    """Whether the checksum of the file matches: programs that blank out names forget it."""
    checksum, length = struct.unpack_from("<HI", source.head)
    if not 2 <= length <= min(source.size, hints.max_bytes):
        return False
    return bool(checksum == ccitt(source.at(2, length - 2)))


def _leads(section: bytes) -> tuple[list[_Lead], bool]:
    """The leads of section 3, and whether typical beats were subtracted from the rhythm."""
    if len(section) < 2 or len(section) < 2 + 9 * section[0]:
        raise truncated("section 3 ends within its list of leads")
    count, flags = section[0], section[1]
    leads = [_Lead(*struct.unpack_from("<IIB", section, 2 + 9 * row)) for row in range(count)]
    if not leads:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the SCP-ECG file lists no lead", "leave the file out"
        )
    if any(lead.last < lead.first for lead in leads):
        raise corrupt("a lead ends before it begins")
    return leads, bool(flags & 1)


def _coded(
    rhythm: bytes, counts: list[int], tables: list[huffman.Table]
) -> tuple[list[npt.NDArray[np.int64]], list[str]]:
    """The coded numbers of each lead, as far as they go, and notes."""
    at = 6 + 2 * len(counts)
    if len(rhythm) < at:
        raise truncated("section 6 ends within the lengths of its leads")
    lengths = list(struct.unpack_from(f"<{len(counts)}H", rhythm, 6))
    over = at + sum(lengths) - len(rhythm)
    # Each length is two bytes too large; if used, it would displace all leads but the first.
    if not tables and over == 2 * len(counts) and lengths == [2 * count for count in counts]:
        lengths = [length - 2 for length in lengths]
    # How often lengths overflowed 16 bits, all leads together.
    runs_over = max(0, -over >> 16)
    left = runs_over
    coded = []
    for length, count in zip(lengths, counts, strict=True):
        if tables:
            numbers, used = huffman.decode(rhythm[at : at + length + (left << 16)], count, tables)
            own = max(0, used - length + 0xFFFF) >> 16
        else:
            own = min(left, max(0, 2 * count - length + 0x8000) >> 16)
            raw = rhythm[at : at + min(length + (own << 16), 2 * count)]
            numbers = np.frombuffer(raw, "<i2", len(raw) // 2).astype(np.int64)
        if not numbers.size:
            raise truncated(f"section 6 holds nothing of the {count:,} samples of a lead")
        coded.append(numbers)
        left -= own
        at += length + (own << 16)
    notes = []
    if runs_over > left:
        notes.append("lengths of leads in section 6 overflow 16 bits: taken from its size")
    short = {(count, held.size) for count, held in zip(counts, coded, strict=True)}
    notes += [
        f"the header promises {count:,} samples, the file holds {held:,}"
        for count, held in sorted(short)
        if held < count
    ]
    return coded, notes


def _summed(coded: npt.NDArray[np.int64], differences: int) -> npt.NDArray[np.float64]:
    """Samples of a lead, counts: the coded numbers, summed once per order of differences."""
    # The first sample is stored as it is; for second differences, the first two.
    if differences == 2 and coded.size > 1:
        coded[1] -= coded[0]
        coded[1:] = np.cumsum(coded[1:])
    if differences:
        coded = np.cumsum(coded)
    return coded.astype(np.float64)
