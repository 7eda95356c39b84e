"""A small page to be worn."""

from __future__ import annotations

from typing import Any

from ecgmpi.drawing import Picture, draw
from ecgmpi.ecg.synthetic import synthesize

DPI = 60.0
"""Low: wear costs time by the pixel."""


def page(**options: Any) -> Picture:
    """Twelve leads of a synthetic recording."""
    record = synthesize(seed=0, index=1)
    given: dict[str, Any] = {"layout": "3x4+1", "dpi": DPI}
    return draw(record, **(given | options))
