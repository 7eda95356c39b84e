"""The effects of the stage, from the lens to the file."""

from __future__ import annotations

from ecgmpi.wear.effect import Effect
from ecgmpi.wear.states import SensorState

from .black_and_white import Grey, Threshold
from .blur import Blur, Motion
from .contrast import Contrast
from .fax_lines import FaxLines
from .jpeg_quality import JpegQuality
from .noise import Noise
from .resolution import Resolution
from .sharpen import Sharpen

SENSOR: tuple[Effect[SensorState], ...] = (
    Blur(),
    Motion(),
    Grey(),
    Noise(),
    Sharpen(),
    Contrast(),
    FaxLines(),
    Threshold(),
    Resolution(),
    JpegQuality(),
)
"""Grey comes early: what follows then costs a third."""
