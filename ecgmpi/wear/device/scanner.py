"""A flatbed scanner: it sees from straight above, a little turned, and feeds unevenly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine, tangent
from ecgmpi.wear.mapping.projection import Projection, View, inverse

Floats = npt.NDArray[np.float64]

_KNOT_MM = 20.0
"""Between lots of the feed: jitter is slow."""

_KNOTS = 64
"""Lots of the feed before they come again."""


@dataclass(frozen=True, slots=True, eq=False)
class UnevenFeed:
    """Shifts that change slowly along the feed.

    Attributes
    ----------
    knots_mm
        float64, shape (2, `_KNOTS`): shifts to the right and along the feed.
    share
        Of them.
    """

    knots_mm: Floats
    share: float

    def shifts(self, way: Floats) -> tuple[Floats, Floats]:
        """Shift to the right and along the feed, mm."""
        place = way * (1.0 / _KNOT_MM) + _KNOTS / 2
        before = np.floor(place)
        part = place - before
        # Level at each knot: it neither jumps nor has a kink.
        part = part * part * (3.0 - 2.0 * part)
        number = before.astype(np.intp) % _KNOTS
        first, second = self.knots_mm[:, number], self.knots_mm[:, (number + 1) % _KNOTS]
        x, y = (first + (second - first) * part) * self.share
        return x, y


@dataclass(frozen=True, slots=True, eq=False)
class Scanner:
    """What was drawn of a scanner."""

    rotation_deg: float
    skew_deg: float
    stretch_part: float
    margin_mm: float
    place: tuple[float, float]
    feed: UnevenFeed

    def view(self, share: float) -> View:
        """Say how it sees the sheet."""
        sine, cosine = sine_cosine(self.rotation_deg * share)
        skew = tangent(self.skew_deg * share)
        stretch = 1.0 + self.stretch_part * share
        down = (sine * stretch, cosine * stretch)
        seen = (cosine + skew * down[0], skew * down[1] - sine, 0.0, *down, 0.0, 0.0, 0.0, 1.0)
        return View(
            matrix=inverse(seen),
            feed=UnevenFeed(self.feed.knots_mm, self.feed.share * share),
            margin_mm=self.margin_mm * share,
            place=self.place,
        )


class ScannerEffect:
    """A flatbed scanner."""

    name = "scanner"
    about = "seen by a flatbed scanner: turned, skewed, stretched, fed unevenly"
    parameters: tuple[Parameter, ...] = (
        Parameter("rotation_deg", "clockwise", 0.0, -15.0, 15.0),
        Parameter("skew_deg", "of columns against rows", 0.0, -3.0, 3.0),
        Parameter("feed_mm", "greatest shift by the uneven feed", 0.0, 0.0, 2.0),
        Parameter("stretch_part", "along the feed", 0.0, -0.05, 0.05),
        Parameter("margin_mm", "platen around the page; negative cuts it, with crop", 1.0, -30, 60),
    )

    def draw(
        self,
        amounts: Mapping[str, float],
        chance: np.random.Generator,
        page: PageFacts,
    ) -> Drawn:
        """Draw where the sheet lies, and the seed of the feed."""
        return {
            **{parameter.name: amounts[parameter.name] for parameter in self.parameters},
            "place": [chance.random(), chance.random()],
            "feed_seed": int(chance.integers(1 << 32)),
        }

    def apply(self, drawn: Drawn, state: Projection) -> None:
        """Look at the sheet through it."""
        lots = np.random.Generator(np.random.PCG64(drawn["feed_seed"]))
        knots = (2.0 * lots.random((2, _KNOTS)) - 1.0) * drawn["feed_mm"]
        x, y = drawn["place"]
        state.device = Scanner(
            rotation_deg=drawn["rotation_deg"],
            skew_deg=drawn["skew_deg"],
            stretch_part=drawn["stretch_part"],
            margin_mm=drawn["margin_mm"],
            place=(x, y),
            feed=UnevenFeed(knots, 1.0),
        )
