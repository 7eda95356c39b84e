"""Philips Sierra: the XML of PageWriter cardiographs and TraceMaster, root ``restingecgdata``.

The compression, XLI, is documented by the wiki of the sierra-ecg-tools project: each lead is
a chunk of LZW with codes of 10 bits, whose bytes are the high and then the low halves of second
differences; four of the limb leads are stored as residuals after I, II and III are subtracted.
The tests compare with the library of that project. It is not used here: it parses a file byte
by byte without bound, and a small one can grow six hundredfold.

Many of the machines append a calibration pulse to every lead, which is not part of the ECG and
is left out.
"""

from __future__ import annotations

import struct
from xml.etree.ElementTree import Element

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.dates import dated
from ecgmpi.readers.hints import DEFAULT_RATE, ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import MAX_LEADS, check_samples
from ecgmpi.readers.wording import corrupt, printable, truncated

from .base64_samples import decoded
from .tree import child, number, read_tree, stated, text

_CODE_BITS = 10
_LAST_CODE = (1 << _CODE_BITS) - 2

_PULSE_UV = 1000.0
"""Amplitude of the calibration pulse, uV."""

_PULSE_SECONDS = (0.1, 0.5)
"""Its length, s; 0.2 s in all files seen."""

_ACQUIRED = ("STD-12", "10-WIRE")
"""Acquisition types with the standard leads in the order of `STANDARD_LEADS`."""


def load(source: Source, hints: ReadHints) -> Record:
    """Read the waveforms of a Sierra file.

    Parameters
    ----------
    source
        The file.
    hints
        Leads asked for, and the size budget.

    Raises
    ------
    RecordingError
        The XML is damaged or dangerous, or its waveforms use another coding.
    """
    root = read_tree(source, hints)
    waveforms = next(root.iter("parsedwaveforms"), None)
    signal = child(root, "dataacquisition", "signalcharacteristics")
    if waveforms is None or signal is None:
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            "the Sierra file holds no waveforms",
            "export it again with its waveforms",
        )
    coding = waveforms.get("dataencoding", "")
    method = waveforms.get("compressmethod") or waveforms.get("compression") or "Uncompressed"
    if (coding, method) != ("Base64", "XLI"):
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"waveforms coded as {printable(coding, 20)} and {printable(method, 20)}",
            "export the recording with XLI compression, as its devices do",
        )
    rate = stated(text(signal, "samplingrate"), "its sampling rate")
    scale = _scale(signal)
    names = _names(waveforms, signal)
    seconds = number(waveforms.get("durationperchannel"), "its length") / 1e3
    counted_at = hints.rate or DEFAULT_RATE if rate is None else rate
    promised = round(counted_at * seconds) if 0 < counted_at * seconds < 2**40 else 0
    check_samples(len(names), max(1, promised), 4, hints, "the recording")
    leads = _chunks(decoded(waveforms.text or "", "the waveforms"), len(names), promised)
    notes = []
    if len(leads) < len(names):
        notes.append(f"the header announces {len(names)} leads, the file holds {len(leads)}")
    held = max((lead.size for lead in leads), default=0)
    if held < promised:
        notes.append(f"the header promises {promised:,} samples, the file holds {held:,}")
    _restore_limb_leads(dict(zip(names, leads, strict=False)))
    recorded = _recorded([lead[: promised or None] for lead in leads], counted_at, scale)
    if left_out := min(held, promised or held) - recorded:
        notes.append(f"calibration pulse taken off: {left_out:,} samples at the end of all leads")
    channels = [
        Channel(name, samples[:recorded], rate, "uV" if scale else "", scale=scale or 1.0)
        for name, samples in zip(names, leads, strict=False)
    ]
    acquired = child(root, "dataacquisition")
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="sierra",
        notes=notes,
        identity=dated(hints, None if acquired is None else acquired.get("date")),
    )


def _scale(signal: Element) -> float | None:
    """Microvolts per count; None if it is missing, so that the unit is unknown."""
    written = text(signal, "resolution") or text(signal, "signalresolution")
    scale = stated(written, "its resolution")
    if scale == 0:
        raise corrupt("the resolution is 0")
    return scale


def _names(waveforms: Element, signal: Element) -> list[str]:
    """The leads in the order of their chunks."""
    listed = waveforms.get("leadlabels", "").split()
    if listed:
        count = number(waveforms.get("numberofleads") or str(len(listed)), "its number of leads")
    else:
        count = number(text(signal, "numberchannelsallocated"), "its number of channels")
        if text(signal, "acquisitiontype") in _ACQUIRED:
            listed = list(STANDARD_LEADS)
    if not 1 <= count <= MAX_LEADS:
        raise corrupt(f"the file announces {count:g} leads")
    listed += [f"ch{place}" for place in range(len(listed) + 1, int(count) + 1)]
    return listed[: int(count)]


def _chunks(raw: bytes, most: int, promised: int) -> list[npt.NDArray[np.int64]]:
    """Decode one chunk per lead: its size, two unused bytes, the first difference, codes."""
    leads: list[npt.NDArray[np.int64]] = []
    at = 0
    while at < len(raw) and len(leads) < most:
        if len(raw) - at < 8:
            raise truncated("the waveforms end within the header of a lead")
        size, _, first = struct.unpack_from("<iHh", raw, at)
        at += 8
        if not 0 <= size <= len(raw) - at:
            raise truncated(f"a lead claims {size:,} bytes, but only {len(raw) - at:,} are left")
        # Room for leads padded to whole blocks, but not for more.
        halves = _expanded(raw[at : at + size], 4 * promised + 4096)
        leads.append(_integrated(halves, first))
        at += size
    return leads


def _expanded(codes: bytes, most: int) -> bytes:
    """LZW with codes of 10 bits, highest bit first, whose dictionary is filled once."""
    known = [bytes([value]) for value in range(256)]
    parts: list[bytes] = []
    before = b""
    size = waiting = n_waiting = 0
    for byte in codes:
        waiting = waiting << 8 | byte
        n_waiting += 8
        if n_waiting < _CODE_BITS:
            continue
        n_waiting -= _CODE_BITS
        code = waiting >> n_waiting
        waiting &= (1 << n_waiting) - 1
        if code > _LAST_CODE:
            break
        if code < len(known):
            part = known[code]
        elif code == len(known) and before:
            part = before + before[:1]
        else:
            raise corrupt("the compressed waveforms refer to an undefined code")
        if before and len(known) <= _LAST_CODE:
            known.append(before + part[:1])
        size += len(part)
        if size > most:
            raise corrupt("a lead holds more samples than its header promises")
        parts.append(part)
        before = part
    return b"".join(parts)


def _integrated(halves: bytes, first: int) -> npt.NDArray[np.int64]:
    """Samples from their second differences: high bytes, then low bytes, offset by one."""
    halves += bytes(len(halves) % 2)
    count = len(halves) // 2
    if count < 2:
        raise truncated("a lead has fewer than two samples")
    high, low = np.frombuffer(halves, np.uint8).reshape(2, count).astype(np.uint16)
    stored = (high << 8 | low).view(np.int16).astype(np.int64)
    bends = np.empty(count, np.int64)
    bends[:2] = stored[0], stored[1] - stored[0]
    # Each second difference is stored one place early, except the first.
    if count > 2:
        bends[2] = -first
        bends[3:] = 64 - stored[2:-1]
    slopes = np.cumsum(bends[1:])
    samples = np.empty(count, np.int64)
    samples[0] = stored[0]
    samples[1:] = stored[0] + np.cumsum(slopes)
    if np.abs(samples).max() > 1 << 15:
        raise corrupt("a lead grows beyond what 16 bits hold")
    return samples


def _recorded(leads: list[npt.NDArray[np.int64]], rate: float, scale: float | None) -> int:
    """Number of samples before the calibration pulse; all of them if there is none.

    The pulse is the same in all leads: zeros, 1 mV to the nearest count, zeros. If any lead
    differs, nothing is removed.
    """
    size = max((lead.size for lead in leads), default=0)
    if not scale or size == 0 or len(leads) < 2 or any(lead.size != size for lead in leads):
        return size
    every = np.stack(leads)
    idle = (every == 0).all(axis=0)
    top = (np.abs(every * scale - _PULSE_UV) <= scale / 2).all(axis=0)
    after = _run_at_end(idle)
    pulse = _run_at_end(top[: size - after])
    before = _run_at_end(idle[: size - after - pulse])
    shortest, longest = _PULSE_SECONDS
    if not (after and before and shortest * rate <= pulse <= longest * rate):
        return size
    return size - after - pulse - before or size


def _run_at_end(true: npt.NDArray[np.bool_]) -> int:
    """Number of consecutive True values at the end of `true`, shape (n_samples,)."""
    return int(np.argmin(true[::-1])) if not true.all() else true.size


def _restore_limb_leads(leads: dict[str, npt.NDArray[np.int64]]) -> None:
    """Restore III, aVR, aVL and aVF from their residuals, in place."""
    if any(name not in leads for name in STANDARD_LEADS[:6]):
        return
    one, two, three, avr, avl, avf = (leads[name] for name in STANDARD_LEADS[:6])
    if len({lead.size for lead in (one, two, three, avr, avl, avf)}) > 1:
        raise corrupt("the limb leads depend on each other but differ in length")
    three[:] = two - one - three
    avr[:] = -avr - (one + two) // 2
    avl[:] = (one - three) // 2 - avl
    avf[:] = (two + three) // 2 - avf
