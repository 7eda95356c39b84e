"""A camera, such as that of a phone: it sees in perspective, through a lens, from near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.mapping.projection import Matrix, Projection, View, inverse, product

_NEAREST = 0.9
"""Distance from which a camera gets a page into its picture, in diagonals of the page."""


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """What was drawn of a camera."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    distance_mm: float
    k1_part: float
    margin_mm: float
    place: tuple[float, float]

    def view(self, share: float) -> View:
        """Say how it sees the sheet."""
        sine, cosine = sine_cosine(self.yaw_deg * share)
        yaw: Matrix = (cosine, 0.0, sine, 0.0, 1.0, 0.0, -sine, 0.0, cosine)
        sine, cosine = sine_cosine(self.pitch_deg * share)
        pitch: Matrix = (1.0, 0.0, 0.0, 0.0, cosine, -sine, 0.0, sine, cosine)
        sine, cosine = sine_cosine(self.roll_deg * share)
        roll: Matrix = (cosine, -sine, 0.0, sine, cosine, 0.0, 0.0, 0.0, 1.0)
        turned = product(roll, product(pitch, yaw))
        far = self.distance_mm
        # The camera is at the origin and looks along z; the centre of the page is `far` away.
        seen: Matrix = (
            *(far * turned[0], far * turned[1], 0.0),
            *(far * turned[3], far * turned[4], 0.0),
            *(turned[6], turned[7], far),
        )
        return View(
            matrix=inverse(seen),
            eye=(-far * turned[6], -far * turned[7], far * turned[8]),
            k1=self.k1_part * share,
            margin_mm=self.margin_mm * share,
            place=self.place,
        )


class CameraEffect:
    """A camera."""

    name = "camera"
    about = "seen by a camera, in perspective and through its lens"
    parameters: tuple[Parameter, ...] = (
        Parameter("yaw_deg", "turn about the page's vertical axis", 0.0, -35.0, 35.0),
        Parameter("pitch_deg", "turn about the page's horizontal axis", 0.0, -35.0, 35.0),
        Parameter("roll_deg", "turn in the plane of the picture", 0.0, -20.0, 20.0),
        Parameter("distance_mm", "of the camera from the page's centre", 800.0, 200.0, 5000.0),
        Parameter("k1_part", "of the lens: positive for a barrel", 0.0, -0.1, 0.1),
        Parameter("margin_mm", "desk around the page; negative cuts it, with crop", 3.0, -30, 60),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw where in the picture the page lies."""
        # A square root differs on no processor.
        diagonal = float(np.sqrt(page.width_mm * page.width_mm + page.height_mm * page.height_mm))
        return {
            **{parameter.name: amounts[parameter.name] for parameter in self.parameters},
            "distance_mm": max(amounts["distance_mm"], _NEAREST * diagonal),
            "place": [0.2 + 0.6 * chance.random(), 0.2 + 0.6 * chance.random()],
        }

    def apply(self, drawn: Drawn, state: Projection) -> None:
        """Look at the sheet through it."""
        x, y = drawn["place"]
        state.device = Camera(
            **{parameter.name: drawn[parameter.name] for parameter in self.parameters},
            place=(x, y),
        )
