"""The effects of the stage, in the order in which paper meets them."""

from __future__ import annotations

from ecgmpi.wear.effect import Effect
from ecgmpi.wear.states import PrintState

from .head_dropouts import HeadDropouts
from .paper import Paper
from .stroke_weight import StrokeWeight
from .toner import Toner

PRINT: tuple[Effect[PrintState], ...] = (StrokeWeight(), HeadDropouts(), Toner(), Paper())
"""The head prints, the ink fades, and at last the paper turns yellow with all that is on it."""
