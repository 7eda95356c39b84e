"""GE CardioSoft and CASE: the XML that they export, root ``CardiologyXML``.

The element names are those of exports and of published programs that read them: ``StripData``
has the rhythm, with one rate and one resolution for all leads, each a comma-separated list of
counts. Median beats and the full disclosure of exercise tests are left out.
"""

from __future__ import annotations

import re
import warnings
from xml.etree.ElementTree import Element

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.dates import dated
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import check_listed
from ecgmpi.readers.wording import corrupt, printable

from .tree import child, children, number, read_tree, stated, text

_RESOLUTION = re.compile(r"\s*(\w+?)\s*per\s*lsb\s*", re.I)

_LIST = re.compile(r"[0-9eE+.,;\s-]*")


def load(source: Source, hints: ReadHints) -> Record:
    """Read the rhythm strip of a CardioSoft export.

    Parameters
    ----------
    source
        The file.
    hints
        Leads asked for, and the size budget.

    Raises
    ------
    RecordingError
        The XML is damaged or dangerous, holds no strip, or its lists are invalid.
    """
    root = read_tree(source, hints)
    strip = child(root, "StripData")
    if strip is None:
        full = child(root, "FullDisclosure") is not None
        held = "the full disclosure of an exercise test" if full else "no waveform"
        raise RecordingError(
            FailureKind.NOT_SUPPORTED if full else FailureKind.NO_SAMPLES,
            f"the CardioSoft file holds no rhythm strip (StripData), but {held}",
            "export its resting ECG",
        )
    unused: list[str] = []
    rate = _rate(child(strip, "SampleRate"), unused)
    scale = stated(text(strip, "Resolution"), "its resolution")
    unit = _unit(child(strip, "Resolution"))
    if scale is None:
        if unit:
            unused.append(f"unit {printable(unit, 20)}, without a resolution")
        scale, unit = 1.0, ""
    leads = list(children(strip, "WaveformData"))
    check_listed(leads, "a strip")
    channels = [
        Channel(lead.get("lead", ""), _counts(lead), rate, unit, scale=scale) for lead in leads
    ]
    notes = _length_notes(strip, channels)
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="cardiosoft",
        notes=notes,
        identity=dated(hints, _day(child(root, "ObservationDateTime"))),
        unused=unused,
    )


def _rate(said: Element | None, unused: list[str]) -> float | None:
    """Samples per second, Hz; None if the file does not state it, or in another unit."""
    rate = stated(None if said is None else said.text, "its sampling rate")
    unit = "" if said is None else said.get("units", "")
    if rate is None or unit.strip().lower() in ("", "hz"):
        return rate
    unused.append(f"sampling rate of {rate:g} {printable(unit, 20)}")
    return None


def _day(taken: Element | None) -> str:
    """The day of the recording in ISO 8601 format."""
    return "-".join(text(taken, part).zfill(2) for part in ("Year", "Month", "Day"))


def _unit(resolution: Element | None) -> str:
    """The unit of one count, from ``uVperLsb``; empty if it is not stated."""
    written = "" if resolution is None else resolution.get("units", "")
    found = _RESOLUTION.fullmatch(written)
    return found[1] if found else written


def _counts(lead: Element) -> npt.NDArray[np.float64]:
    written = lead.text or ""
    shown = printable(lead.get("lead", ""), 20)
    if not _LIST.fullmatch(written):
        raise corrupt(f"the samples of {shown} are not all numbers")
    written = written.replace(",", " ").replace(";", " ")
    if not written.strip():
        return np.empty(0)
    try:
        with warnings.catch_warnings(action="error"):
            return np.fromstring(written, np.float64, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        raise corrupt(f"the samples of {shown} are not all numbers") from error


def _length_notes(strip: Element, channels: list[Channel]) -> list[str]:
    written = text(strip, "ChannelSampleCountTotal")
    if not written or not channels:
        return []
    promised = number(written, "its number of samples")
    held = max(channel.samples.size for channel in channels)
    if promised == held:
        return []
    return [f"the header promises {promised:,g} samples, the file holds {held:,}"]
