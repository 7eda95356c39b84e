"""One worn copy of a picture: draw the chances, then run the stages in the order of physics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecgmpi.drawing.picture import Picture
from ecgmpi.themes import FULL, LEVELS, PAPER

from .draws import draw_effects
from .effect import Drawn, Effect, PageFacts
from .expand import expanded
from .light.exposure import expose
from .lost_ink import burnt_out, of_one_level
from .mapping.compose import Composed, compose
from .mapping.control_grid import ControlGrid
from .mapping.dense import nearest_pixels
from .mapping.parts import dense_part, part_seeing_page, parts_seeing
from .mapping.projection import Projection
from .mapping.surface import Surface
from .opencv import opencv
from .registry import DEVICE, EFFECTS, LIGHT, MARKS, PRINT, SCREEN, SENSOR, SHAPE
from .sensor.black_and_white import Threshold
from .sensor.contrast import Contrast, contrast_table
from .states import Bytes, Floats, Hiding, LightState, MarksState, Part, PrintState, SensorState
from .wear_profile import Profile

_LONG = 2
"""A page this many times as wide as it is tall gets a picture that is taller than itself."""


@dataclass(frozen=True, slots=True, eq=False)
class WornPicture:
    """A worn copy.

    Attributes
    ----------
    picture
        The clean picture.
    profile, level, copy
        What wore it, how much, and the number of the copy.
    drawn
        All that chance decided, by name of the effect, ready for JSON.
    pixels
        uint8, shape (height, width, 3): blue, green, red; or (height, width): grey.
    quality
        Of its JPEG.
    composed
        Where everything on the page is now.
    hidden, gone
        uint8, shape (height, width) of the page: 255 where ink cannot be seen any more, and where
        there is no paper; None where there is no such place.
    lost
        uint8, shape (height, width) of the picture: 255 where light or sensor would have left
        nothing of ink, or did so; None where there is no such place.
    """

    picture: Picture
    profile: Profile
    level: float
    copy: int
    drawn: Mapping[str, Drawn]
    pixels: Bytes
    quality: int
    composed: Composed
    hidden: Bytes | None
    gone: Bytes | None
    lost: Bytes | None

    @property
    def name(self) -> str:
        """What tells it from its clean parent, such as ``photo1``."""
        return f"{self.profile.name}{self.copy}"


def wear(
    picture: Picture, profile: Profile, level: float, seed: int, key: str, copy: int
) -> WornPicture:
    """Wear a picture.

    Parameters
    ----------
    picture
        The clean picture.
    profile
        How it is worn.
    level
        How much, 0 to 5.
    seed
        Of the job.
    key
        Of the picture; it is as unique as the picture is.
    copy
        The number of the copy, from 1.

    Returns
    -------
    WornPicture
        The same for the same arguments, on any processor.

    Raises
    ------
    RecordingError
        The picture is too large or too small to be worn.
    UsageError
        OpenCV is not installed.
    """
    page = PageFacts(picture.width, picture.height, picture.scale.px_per_mm)
    drawn = draw_effects(profile, EFFECTS, level, seed, key, copy, page)
    surface, projection = Surface(), Projection(page)
    _run(SHAPE, drawn, surface)
    _run(DEVICE, drawn, projection)
    # A long strip that is turned would be small in a picture as flat as itself.
    grow = page.width > _LONG * page.height
    composed = compose(page, projection, surface, profile.crop, grow)
    marks, ink = _marked(picture, drawn, page)
    openings = parts_seeing(composed.grid, marks.gone.parts)
    light = _lit(composed, drawn, page, openings)
    pixels = _seen(marks, composed.grid, light)
    sensor = SensorState(pixels, page.px_per_mm)
    _run(SENSOR, drawn, sensor)
    return WornPicture(
        picture=picture,
        profile=profile,
        level=level,
        copy=copy,
        drawn=drawn,
        pixels=sensor.pixels,
        quality=sensor.quality,
        composed=composed,
        hidden=marks.hidden.mask,
        gone=marks.gone.mask,
        lost=_lost(sensor, drawn, light, ink, picture),
    )


def _run(effects: Iterable[Effect[Any]], drawn: Mapping[str, Drawn], state: object) -> None:
    """Apply those effects of a stage that the copy shows."""
    for effect in effects:
        if effect.name in drawn:
            effect.apply(drawn[effect.name], state)


def _marked(
    picture: Picture, drawn: Mapping[str, Drawn], page: PageFacts
) -> tuple[MarksState, Floats]:
    """The page, printed and marked, before anything is seen of it; and the ink of the trace."""
    shape = (page.height, page.width)
    hidden = Hiding(shape)
    printed = PrintState(
        picture.indices(),
        picture.palette.astype(np.float64),
        picture.sheet.style,
        page.px_per_mm,
        hidden,
    )
    _run(PRINT, drawn, printed)
    pixels = expanded(printed.indices, printed.palette)
    marks = MarksState(pixels, page.px_per_mm, hidden, Hiding(shape))
    _run(MARKS, drawn, marks)
    _run(SCREEN, drawn, marks)
    return marks, printed.palette[PAPER * LEVELS + FULL, ::-1]


def _lit(
    composed: Composed, drawn: Mapping[str, Drawn], page: PageFacts, openings: Sequence[Part]
) -> LightState:
    """The light on the sheet, and what lies around it."""
    light = LightState(
        width=composed.grid.width,
        height=composed.grid.height,
        px_per_mm=page.px_per_mm,
        x_mm=composed.x_mm,
        y_mm=composed.y_mm,
        height_mm=composed.height_mm,
        slope_x=composed.slope_x,
        slope_y=composed.slope_y,
        field=np.ones((*composed.x_mm.shape, 3)),
        glow=np.zeros(composed.x_mm.shape),
        sheet_mm=(page.width_mm, page.height_mm),
        openings=openings,
    )
    _run(LIGHT, drawn, light)
    return light


def _seen(marks: MarksState, grid: ControlGrid, light: LightState) -> Bytes:
    """The sheet where it is seen, on its background, in its light."""
    cv2 = opencv()
    pixels = light.background
    if pixels is None:
        pixels = np.zeros((grid.height, grid.width, 3), np.uint8)
    # A hole shows what was there before.
    below = [(part, pixels[part].copy()) for part in light.openings]
    page = part_seeing_page(grid)
    if page is not None:
        # What lies outside the page is left as it is.
        cv2.remap(
            marks.pixels,
            *dense_part(grid, page),
            cv2.INTER_LINEAR,
            dst=pixels[page],
            borderMode=cv2.BORDER_TRANSPARENT,
        )
    for part, before in below:
        # To the very edge of the page, of which a part of a pixel may be seen beyond the last.
        gone = cv2.remap(
            marks.gone.mask,
            nearest_pixels(*dense_part(grid, part)),
            None,
            cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_REPLICATE,
        )
        cv2.copyTo(before, gone, pixels[part])
    expose(pixels, light)
    return pixels


def _lost(
    sensor: SensorState,
    drawn: Mapping[str, Drawn],
    light: LightState,
    ink: Floats,
    picture: Picture,
) -> Bytes | None:
    """Where nothing is left of ink: in black and white, by what is seen; else by the light."""
    if Threshold.name in drawn:
        return of_one_level(sensor.pixels, picture.sheet.style.trace_mm * sensor.px_per_mm)
    table = np.arange(256, dtype=np.uint8)
    if Contrast.name in drawn:
        table = contrast_table(drawn[Contrast.name])
    return burnt_out(light, ink, table)
