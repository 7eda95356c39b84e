"""The effects of the stage, in the order in which a page meets them."""

from __future__ import annotations

from ecgmpi.wear.effect import Effect
from ecgmpi.wear.states import MarksState

from .circles import Circles
from .covers import Labels, Whitener
from .fold_wear import FoldWear
from .highlighter import Highlighter
from .holes import Holes
from .mould import Mould
from .notes import Notes
from .pen import Pen
from .stains import Stains
from .stamps import Stamps
from .tape import Tape
from .tears import Tears
from .ticks import Ticks

MARKS: tuple[Effect[MarksState], ...] = (
    Whitener(),
    Stamps(),
    Highlighter(),
    Pen(),
    Circles(),
    Ticks(),
    Notes(),
    Labels(),
    Stains(),
    Mould(),
    FoldWear(),
    Tape(),
    Holes(),
    Tears(),
)
"""What is written lies below what is stuck on and spilled; holes go through all of it."""
