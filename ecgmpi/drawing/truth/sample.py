"""The JSON of a sample in a shard: facts of a picture, and its annotation.

Whatever reads a shard takes the types of its columns from the first samples. So every sample of a
job has the same keys with the same types: nothing is null, and a number that may be a fraction
always has a point.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ecgmpi.picture_formats import ANNOTATION_KEY

_WHOLE = {
    "version", "width", "height", "sign", "row", "column", "start_sample", "end_sample",
    "mask_index", "mask_bit", "paper", "minor", "bold", "text", "trace",
    # Of a worn picture:
    "seed", "copy", "page_width", "page_height", "surface", "device", "rows", "columns", "cell",
    "unit",
}  # fmt: skip
"""Keys of the annotation whose numbers are whole in every picture."""


def sample_json(facts: Mapping[str, Any], annotation: Mapping[str, Any] | None) -> bytes:
    """Make the JSON of a sample.

    Parameters
    ----------
    facts
        Of the picture and its recording, each of the same type in every sample of the job.
    annotation
        What `ecgmpi.drawing.truth.annotation.described` gives, without lines; None for none.
        Its notes are left out, as they are among the facts.

    Returns
    -------
    bytes
        JSON, ASCII, keys sorted: the same bytes for the same picture.
    """
    said = dict(facts)
    if annotation is not None:
        places = {key: _steady(key, value) for key, value in annotation.items() if key != "notes"}
        said[ANNOTATION_KEY] = places
    return json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _steady(key: str, value: Any) -> Any:
    """A value of the annotation with the types that it has in every picture."""
    if isinstance(value, dict):
        return {name: _steady(name, one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_steady(key, one) for one in value]
    if isinstance(value, (bool, str)):
        return value
    return int(value) if key in _WHOLE else float(value)
