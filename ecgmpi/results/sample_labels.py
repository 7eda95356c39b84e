"""Replace the labels in the JSON of a picture, and leave every other byte of it as it is.

The JSON of a sample and that of an annotation are written with sorted keys and without spaces, so
what stands before the labels is read, and what stands behind them, the points of an annotation
above all, is only copied.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .sample import LABELS

_DECODER = json.JSONDecoder()


def with_labels(data: bytes, labels: Mapping[str, Any]) -> bytes:
    """Give the JSON of a picture with other labels: the bytes that it would have been drawn with.

    Parameters
    ----------
    data
        The JSON, as `sample_json` or `annotation` makes it.
    labels
        The labels, as `told_labels` takes them; empty for none.

    Raises
    ------
    ValueError
        It is no such JSON.
    """
    text = data.decode("ascii")
    if not (text.startswith("{") and text.endswith("}")):
        raise ValueError("it is not a JSON object")
    before, behind = _around_labels(text)
    own = ""
    if labels:
        said = json.dumps(dict(labels), sort_keys=True, separators=(",", ":"), allow_nan=False)
        own = f'"{LABELS}":{said}'
    members = filter(None, (text[1:before].rstrip(","), own, text[behind:-1].lstrip(",")))
    return f"{{{','.join(members)}}}".encode("ascii")


def _around_labels(text: str) -> tuple[int, int]:
    """Where what precedes the labels ends, and where what follows them begins."""
    place, end = 1, len(text) - 1
    while place < end:
        key, colon = _DECODER.raw_decode(text, place)
        if not isinstance(key, str):
            raise ValueError("it is not a JSON object")
        if key > LABELS:
            break
        _, after = _DECODER.raw_decode(text, colon + 1)
        if key == LABELS:
            return place, after
        place = after + 1
    return min(place, end), min(place, end)
