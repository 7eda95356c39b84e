"""The annotation of a worn picture: that of its page, with everything where it is now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecgmpi.drawing.frame import Box
from ecgmpi.drawing.truth.annotation import described
from ecgmpi.wear.worn import WornPicture

from .places import Quad, quads

WORN = "worn"
"""The key of what is told of worn pictures only."""

_SEPARATORS = "separators"


def described_worn(worn: WornPicture, seed: int, masks: Sequence[str] = ()) -> dict[str, Any]:
    """Describe where everything on a worn picture lies, ready for JSON.

    The keys are those of the page's own annotation. Size, boxes and separators are those of the
    worn picture: corners where they are four points, and what encloses these where they are edges.
    Scales, widths of lines, colours, and where rows and columns begin (`x0`, `y0`) are those of the
    page. `WORN` has the rest: which effects, with all that chance decided; the corners of the sheet
    and of each box; the homography and lens of the device alone, and how the map is stored.

    Parameters
    ----------
    worn
        The picture.
    seed
        Of the job.
    masks
        Which masks stand beside it.
    """
    picture = worn.picture
    sheet, frame = picture.sheet, picture.sheet.frame
    said = described(picture, lines=False, masks=masks)
    whole = Box(frame.left, frame.top, frame.right, frame.bottom)
    separators = said.get(_SEPARATORS, ())
    sheet_edges = Box(0.0, 0.0, float(picture.width), float(picture.height))
    # Carried over at once, which takes as long as for one.
    corners, grid, *others = quads(
        worn,
        [
            sheet_edges,
            whole,
            *sheet.pulses,
            *(text.box for text in sheet.texts),
            *(trace.box for trace in sheet.traces),
            *(Box(x, y, x, y) for x, y in separators),
        ],
    )
    n_pulses, n_texts = len(sheet.pulses), len(sheet.texts)
    pulses, texts = others[:n_pulses], others[n_pulses : n_pulses + n_texts]
    n_boxes = n_pulses + n_texts + len(sheet.traces)
    leads, points = others[n_pulses + n_texts : n_boxes], others[n_boxes:]
    names = iter(quad for quad, text in zip(texts, sheet.texts, strict=True) if text.kind == "lead")
    height, width = worn.pixels.shape[:2]
    said |= {
        "width": width,
        "height": height,
        "grid": said["grid"] | {"box": _enclosing(grid)},
        "pulses": [_enclosing(quad) for quad in pulses],
        "texts": [
            text | {"box": _enclosing(quad)}
            for text, quad in zip(said["texts"], texts, strict=True)
        ],
        "leads": [
            lead
            | {"lead_bounding_box": _corners(quad)}
            | ({"text_bounding_box": _corners(next(names))} if "text_bounding_box" in lead else {})
            for lead, quad in zip(said["leads"], leads, strict=True)
        ],
        WORN: {
            "profile": worn.profile.name,
            "level": float(worn.level),
            "seed": seed,
            "copy": worn.copy,
            "effects": dict(worn.drawn),
            "page_width": picture.width,
            "page_height": picture.height,
            "corners": corners,
            "grid_corners": grid,
            "pulse_corners": pulses,
            "text_corners": texts,
            **worn.composed.facts,
        },
    }
    if separators:
        said[_SEPARATORS] = [quad[0] for quad in points]
    return said


def sample_of_worn(said: Mapping[str, Any]) -> dict[str, Any]:
    """Give what `described_worn` says with the same keys and types for every copy of a series.

    Which effects a copy shows differs, and so does what was drawn for each. Loaders that take the
    types of columns from the first samples would refuse, or drop, what comes later. So the effects
    are one text here: that of their JSON.
    """
    effects = json.dumps(said[WORN]["effects"], sort_keys=True, separators=(",", ":"))
    return {**said, WORN: {**said[WORN], "effects": effects}}


def _enclosing(quad: Quad) -> list[float]:
    """Left, top, right, bottom of what encloses four points."""
    x, y = zip(*quad, strict=True)
    return [min(x), min(y), max(x), max(y)]


def _corners(quad: Iterable[list[float]]) -> dict[str, list[float]]:
    """[y, x] of the corners, clockwise from the top left one of the page."""
    return {str(k): [y, x] for k, (x, y) in enumerate(quad)}
