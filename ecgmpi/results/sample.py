"""The facts of a recording and its picture as the JSON of a sample tells them.

They are columns of the manifest, under the same names. Each has one type in every sample: text, a
whole number or a number with a point. A column that may be without a value is text here, ``nan``
where it has none, so that ``float`` reads it either way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .columns import PICTURE_COLUMNS, RECORDING_COLUMNS, Column, Row

OF_RECORDING = (
    "name",
    "source",
    "format",
    "leads",
    "rate_hz",
    "samples",
    "assumed",
    "baseline",
    "limb_residual_mv",
    "limb_leads",
    "problems",
    "notes",
)
"""Columns of the recording that a sample tells."""

OF_PICTURE = (
    "key",
    "lead",
    "start_s",
    "width_px",
    "height_px",
    "px_per_s",
    "px_per_mv",
    "x0_px",
    "y0_px",
    "min_mv",
    "max_mv",
    "nan_samples",
)
"""Columns of the picture that a sample tells."""

AS_TEXT = ("limb_residual_mv", "min_mv", "max_mv")
"""Those of them that may be without a value."""


LABELS = "labels"
"""Where the labels of the recording stand, if the job has any."""


def sample_facts(
    recording: Row, picture: Row, labels: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give what the JSON of a sample tells of its recording and picture.

    Parameters
    ----------
    recording, picture
        Rows of the manifest, with at least the columns that are told.
    labels
        Those of the recording, each of the same type in every sample.
    """
    told: dict[str, Any] = {
        column.name: _steady(column, row[column.name])
        for columns, wanted, row in (
            (RECORDING_COLUMNS, OF_RECORDING, recording),
            (PICTURE_COLUMNS, OF_PICTURE, picture),
        )
        for column in columns
        if column.name in wanted
    }
    return told | told_labels(labels)


def told_labels(labels: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give what any JSON tells of the labels of a recording: nothing where there are none."""
    return {LABELS: dict(labels)} if labels else {}


def _steady(column: Column, value: Any) -> Any:
    if column.name in AS_TEXT:
        return f"{math.nan if value is None else value:.9g}"
    if column.dtype == "text":
        return str(value)
    return float(value) if column.dtype.startswith("f") else int(value)
