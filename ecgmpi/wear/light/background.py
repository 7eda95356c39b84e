"""What lies around the sheet: a desk, the lid of a scanner, the screen that shows the page."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.states import LightState

from .surface_tiles import COLOURS, PLAIN, SIZE, surface_tile
from .surroundings import by_distance, coloured, distances, millimetres, strips, surroundings

_SHADOW = Parameter("shadow_part", "of the light that the sheet keeps off", 0.0, 0.0, 0.55)


def _first(chance: np.random.Generator) -> list[int]:
    return [int(chance.integers(SIZE)), int(chance.integers(SIZE))]


class Desk:
    """A desk of wood, laminate, cloth or plain colour, on which the sheet throws a shadow."""

    name = "desk"
    about = "the desk under the sheet, with the sheet's shadow"
    parameters: tuple[Parameter, ...] = (
        _SHADOW,
        Parameter("shadow_mm", "width of the sheet's shadow", 5.0, 1.0, 25.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the material, its colour and place, and the side of the shadow."""
        material = list(COLOURS)[int(chance.integers(len(COLOURS)))]
        colours = COLOURS[material]
        lighter = int(chance.integers(-14, 15))
        return {
            **amounts,
            "material": material,
            "colour": [part + lighter for part in colours[int(chance.integers(len(colours)))]],
            "turned": int(chance.integers(2)),
            "first_px": _first(chance),
            "shadow_deg": 360.0 * chance.random(),
        }

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Make the desk, and the shadow on it."""
        tile = surface_tile(drawn["material"])
        blue, green, red = drawn["colour"]
        desk = coloured(tile.T if drawn["turned"] else tile, (blue, green, red))
        sine, cosine = sine_cosine(drawn["shadow_deg"])
        wide, part = drawn["shadow_mm"], drawn["shadow_part"]
        shift = (0.6 * wide * cosine, 0.6 * wide * sine)
        state.background = surroundings(state, desk, drawn["first_px"], shift, part, wide)


class Platen:
    """The lid of a scanner: white that has aged, with a thin shadow along the sheet."""

    name = "platen"
    about = "the lid of the scanner around the sheet"
    parameters: tuple[Parameter, ...] = (
        Parameter("grey_levels", "grey levels below white", 0.0, 0.0, 235.0),
        _SHADOW,
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the place of its dust, and the side of the shadow: that away from the lamp."""
        side = 90.0 * int(chance.integers(4))
        return {**amounts, "first_px": _first(chance), "shadow_deg": side}

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Make the lid, and the shadow on it."""
        white = int(255.0 - drawn["grey_levels"])
        lid = coloured(surface_tile(PLAIN), (white, white, white), 0.6)
        sine, cosine = sine_cosine(drawn["shadow_deg"])
        part, shift = drawn["shadow_part"], (0.9 * cosine, 0.9 * sine)
        state.background = surroundings(state, lid, drawn["first_px"], shift, part, 1.8)


class Monitor:
    """A screen around the page: the window that shows it, then the frame, nearly black."""

    name = "monitor"
    about = "the screen around the page, and its dark frame"
    parameters: tuple[Parameter, ...] = (
        Parameter("window_mm", "of the program's window around the page", 4.0, 0.0, 25.0),
        Parameter("frame_levels", "grey of the frame", 0.0, 0.0, 60.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the colour of the window: light, grey or dark."""
        shade = (140, 122, 84, 40, 26)[int(chance.integers(5))]
        return {**amounts, "window_levels": shade, "bluer_levels": int(chance.integers(0, 7))}

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Make the window and the frame."""
        mm = millimetres()
        inside = mm < drawn["window_mm"]
        # The edge of the frame catches a little light.
        lit = (mm < drawn["window_mm"] + 1.2) & ~inside
        frame = drawn["frame_levels"] + np.where(lit, 14.0, 0.0)
        shade, bluer = drawn["window_levels"], drawn["bluer_levels"]
        colours = np.stack([np.where(inside, shade + more, frame) for more in (bluer, 0, 0)], -1)
        state.background = np.full((state.height, state.width, 3), shade, np.uint8)
        for strip in strips(state):
            far = distances(state, strip, square=True)
            strip.of(state.background)[:] = by_distance(state, far, strip, colours)
