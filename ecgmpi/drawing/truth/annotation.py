"""The annotation of a picture: the place of everything on it, as JSON, for training and checks.

``annotation.schema.json`` beside this module says what each key means. Keys shared with the
JSON of ecg-image-kit have the same names and meanings there (``leads``, ``lead_name``,
``start_sample``, ``lead_bounding_box``, ``plotted_pixels`` ...), so its readers can read
these files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np

from ecgmpi.drawing.frame import Box
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.stroke_plan import Floats
from ecgmpi.drawing.scene import TextPlace, TracePlace
from ecgmpi.geometry import BOLD_MM
from ecgmpi.picture_formats import BITS_MASK

from .bits_mask import mask_bits
from .mask import mask_indices
from .points import sample_points

VERSION = 1
"""Version of the schema; it changes if a reader would have to."""
BOXES, LINES = "boxes", "lines"

NO_FACTS: Mapping[str, Any] = MappingProxyType({})

_DIGITS = 2
"""Decimals of a pixel in boxes and lines."""


def schema() -> dict[str, Any]:
    """Give the JSON Schema that every annotation follows."""
    text = resources.files(__package__).joinpath("annotation.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def annotation(
    picture: Picture,
    lines: bool,
    facts: Mapping[str, Any] = NO_FACTS,
    masks: Sequence[str] = (),
) -> bytes:
    """Describe where everything on a picture lies, as JSON.

    Parameters
    ----------
    picture
        The picture.
    lines
        Whether to include the line of each trace, one point per sample.
    facts
        What else it tells: the ``labels`` of the recording, if there are any.
    masks
        Which of `ecgmpi.picture_formats.MASKS` stand beside the picture.

    Returns
    -------
    bytes
        JSON, ASCII, keys sorted: the same bytes for the same picture. Coordinates are px, as
        in `ecgmpi.geometry`.
    """
    said = {**described(picture, lines, masks), **facts}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")


def described(picture: Picture, lines: bool, masks: Sequence[str] = ()) -> dict[str, Any]:
    """Describe where everything on a picture lies: what `annotation` writes, ready for JSON."""
    sheet, style, scale = picture.sheet, picture.sheet.style, picture.scale
    frame = sheet.frame
    of_trace = _names(sheet.texts, len(sheet.traces))
    indices = mask_indices(sheet.traces)
    bits = mask_bits(sheet.traces) if BITS_MASK in masks else {}
    said: dict[str, Any] = {
        "version": VERSION,
        "record": picture.record,
        "layout": sheet.layout,
        "width": frame.width,
        "height": frame.height,
        "resolution": scale.dpi,
        "sampling_frequency": picture.rate,
        "x_grid": BOLD_MM * scale.px_per_mm,
        "y_grid": BOLD_MM * scale.px_per_mm,
        "speed": scale.speed,
        "gain": scale.gain,
        "px_per_mm": scale.px_per_mm,
        "px_per_s": scale.px_per_s,
        "px_per_mv": scale.px_per_mv,
        "baseline": sheet.baseline,
        "theme": style.name,
        "colours": {
            "paper": style.paper,
            "minor": style.minor,
            "bold": style.bold,
            "text": style.text,
            "trace": style.trace,
        },
        "trace_width": style.trace_mm * scale.px_per_mm,
        "grid": {
            "box": _edges(Box(frame.left, frame.top, frame.right, frame.bottom)),
            "x0": frame.x0,
            "y0": frame.y0,
        },
        "pulses": [_edges(box) for box in sheet.pulses],
        "texts": [
            {"kind": text.kind, "text": text.text, "box": _edges(text.box)} for text in sheet.texts
        ],
        "leads": [
            _lead(picture, trace, name, line if lines else None, indices[trace.lead])
            | ({"mask_bit": bits[trace.lead]} if bits else {})
            for trace, name, line in zip(sheet.traces, of_trace, picture.lines, strict=True)
        ],
        "notes": picture.notes,
    }
    return said | sheet.facts | ({"masks": list(masks)} if masks else {})


def _names(texts: tuple[TextPlace, ...], traces: int) -> list[TextPlace | None]:
    """The lead name beside each trace; a strip has none."""
    names = [text for text in texts if text.kind == "lead"]
    return [*names] or [None] * traces


def _lead(
    picture: Picture, trace: TracePlace, name: TextPlace | None, line: Floats | None, index: int
) -> dict[str, object]:
    # Counted from the beginning of the recording, even if only a part is drawn.
    before = round(picture.start * picture.rate)
    said: dict[str, object] = {
        "lead_name": trace.label,
        "lead": trace.lead,
        "sign": trace.sign,
        "row": trace.row,
        "column": trace.column,
        "start_sample": before + trace.first,
        "end_sample": before + trace.last,
        "start_second": (before + trace.first) / picture.rate,
        "x0": trace.x0,
        "y0": trace.y0,
        "offset_mv": trace.offset,
        "lead_bounding_box": _corners(trace.box),
        "mask_index": index,
    }
    if name is not None:
        said["text_bounding_box"] = _corners(name.box)
    if line is not None:
        said["plotted_pixels"] = _points(picture, trace, line)
    return said


def _points(picture: Picture, trace: TracePlace, line: Floats) -> list[list[float | None]]:
    """[y, x] of each sample; y is None in a gap, since JSON has no NaN."""
    places = sample_points(picture, trace, line)[:, ::-1]
    points: list[list[float | None]] = np.round(places, _DIGITS).tolist()
    for k in np.flatnonzero(np.isnan(line)).tolist():
        points[k][0] = None
    return points


def _corners(box: Box) -> dict[str, list[float]]:
    """[y, x] of the corners, clockwise from the top left one."""
    left, top, right, bottom = _edges(box)
    corners = ([top, left], [top, right], [bottom, right], [bottom, left])
    return {str(k): corner for k, corner in enumerate(corners)}


def _edges(box: Box) -> list[float]:
    return [round(float(edge), _DIGITS) for edge in (box.left, box.top, box.right, box.bottom)]
