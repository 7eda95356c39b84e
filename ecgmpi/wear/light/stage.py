"""The effects of the stage: what shines first, then what lies around, then the light on both."""

from __future__ import annotations

from ecgmpi.wear.effect import Effect
from ecgmpi.wear.states import LightState, MarksState

from .auto_exposure import AutoExposure
from .background import Desk, Monitor, Platen
from .flare import Flare
from .glare import Glare, Reflection
from .lamp import Lamp
from .moire import Flicker, Moire
from .paper_texture import PaperTexture
from .pixel_grid import PixelGrid
from .shading import Shading
from .shadow import Shadow
from .vignette import Vignette
from .white_balance import WhiteBalance

SCREEN: tuple[Effect[MarksState], ...] = (PixelGrid(),)
"""What a screen makes of a page: applied after the marks, before anything is seen of it."""

LIGHT: tuple[Effect[LightState], ...] = (
    Desk(),
    Platen(),
    Monitor(),
    Shading(),
    Lamp(),
    Shadow(),
    Glare(),
    Reflection(),
    PaperTexture(),
    Moire(),
    Flicker(),
    Vignette(),
    WhiteBalance(),
    AutoExposure(),
    Flare(),
)
"""A camera's exposure sees what all others left of the light, and its lens scatters that."""
