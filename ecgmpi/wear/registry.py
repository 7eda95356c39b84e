"""Every effect, in the order of physics: what is done to the sheet before what is done to light.

A new one is a module in the folder of its stage, and a line there.
"""

from __future__ import annotations

from typing import Any

from .device.stage import DEVICE
from .effect import Effect
from .light.stage import LIGHT, SCREEN
from .marks.stage import MARKS
from .print.stage import PRINT
from .sensor.stage import SENSOR
from .shape.stage import SHAPE

EFFECTS: tuple[Effect[Any], ...] = (
    *PRINT,
    *MARKS,
    *SCREEN,
    *SHAPE,
    *DEVICE,
    *LIGHT,
    *SENSOR,
)
"""Ink and preprinted paper; pen, stamps, stains, holes; what a screen
makes of a page; how the sheet lies; what looks at it; the
light on it, and what lies around; what the sensor and the file make of it."""

__all__ = ["DEVICE", "EFFECTS", "LIGHT", "MARKS", "PRINT", "SCREEN", "SENSOR", "SHAPE"]
