"""ISHNE Holter: hours of 16-bit samples behind a fixed header.

By F. Badilini, The ISHNE Holter standard output file format, Ann Noninvasive Electrocardiol
1998;3:263: a magic number, a checksum, a header of 512 bytes, text of any length, then the
leads sample by sample, little endian, each with its resolution in nV.
"""

from __future__ import annotations

import struct

import numpy as np

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError

from .channel import Channel
from .channels import record_from_channels
from .dates import dated
from .hints import ReadHints
from .scp.crc import ccitt
from .source import Source
from .validate import check_samples
from .wording import corrupt, truncated

_FIXED = 522
"""Bytes before the text: magic number, checksum, header."""

_MOST_LEADS = 12

_MISSING = -32768
"""The count that recorders write for a missing sample; no converter produces it."""

_LEADS = {
    **{2: "X", 3: "Y", 4: "Z", 5: "I", 6: "II", 7: "III", 8: "aVR", 9: "aVL", 10: "aVF"},
    **{number + 10: f"V{number}" for number in range(1, 7)},
    **{17: "ES", 18: "AS", 19: "AI"},
}
"""Number of a lead -> its name; 0 is unknown and 1 is any bipolar lead."""


def load(source: Source, hints: ReadHints) -> Record:
    """Read an ISHNE Holter recording.

    Parameters
    ----------
    source
        The file.
    hints
        Leads asked for, and the size budget.

    Raises
    ------
    RecordingError
        The header is invalid, or the recording is too large.
    """
    header = source.at(0, _FIXED)
    if len(header) < _FIXED:
        raise truncated(f"the file ends after {len(header)} bytes, within its own header")
    per_lead, _, begins = struct.unpack_from("<iii", header, 14)
    day, month, year = struct.unpack_from("<3h", header, 138)
    (n_leads,) = struct.unpack_from("<h", header, 156)
    numbers = struct.unpack_from("<12h", header, 158)
    resolutions = struct.unpack_from("<12h", header, 206)
    (rate,) = struct.unpack_from("<h", header, 272)
    if not 1 <= n_leads <= _MOST_LEADS:
        raise corrupt(f"the header states {n_leads} leads; 1 to {_MOST_LEADS} are allowed")
    if rate <= 0:
        raise corrupt(f"the header states {rate} samples per second")
    if begins < _FIXED:
        raise corrupt(f"the samples begin at byte {begins:,}, within the header")
    if any(resolution <= 0 for resolution in resolutions[:n_leads]):
        raise corrupt("the resolution of a lead is not a number of nanovolts")
    held = max(0, source.size - begins) // (2 * n_leads)
    if held == 0:
        raise truncated("the file ends before its samples")
    if per_lead <= 0:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the header says that no samples follow", "leave the file out"
        )
    # Some recorders count the samples of all leads together.
    if per_lead == held * n_leads:
        per_lead = held
    samples = min(per_lead, held)
    check_samples(n_leads, samples, 4, hints, "the recording")
    notes = []
    if held < per_lead:
        notes.append(f"the header promises {per_lead:,} samples, the file holds {held:,}")
    if not _checksum_holds(source, header, begins):
        notes.append("the checksum of the header does not match")
    raw = source.at(begins, samples * n_leads * 2)
    if len(raw) < samples * n_leads * 2:
        raise truncated("the file ends before its last sample")
    counts = np.frombuffer(raw, "<i2").reshape(samples, n_leads)
    channels = [
        Channel(
            name=_LEADS.get(number, f"lead {place}"),
            samples=counts[:, place - 1],
            rate=float(rate),
            unit="nV",
            scale=float(resolution),
            missing=_MISSING,
        )
        for place, (number, resolution) in enumerate(
            zip(numbers[:n_leads], resolutions[:n_leads], strict=True), 1
        )
    ]
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="ishne",
        notes=notes,
        identity=dated(hints, f"{year:04}-{month:02}-{day:02}"),
    )


def _checksum_holds(source: Source, header: bytes, begins: int) -> bool:
    """Whether the header and the text behind it are those that the checksum was made of."""
    (checksum,) = struct.unpack_from("<H", header, 8)
    return begins <= 1 << 20 and checksum == ccitt(source.at(10, begins - 10))
