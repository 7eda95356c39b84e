"""What an effect is: parameters in physical units, chances drawn from them, and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

Drawn = dict[str, Any]
"""All that was drawn by chance for an effect, ready for JSON: `Effect.apply` needs nothing else."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A quantity of an effect, of which a profile gives a range.

    Attributes
    ----------
    name
        With its unit at its end, such as ``angle_deg`` or ``diameter_mm``.
    about
        What it is, in words.
    neutral
        The value at which there is nothing to be seen of it: levels scale the distance from here.
    least, most
        Bounds that no range and no level exceeds.
    whole
        Whether it is a whole number.
    """

    name: str
    about: str
    neutral: float
    least: float
    most: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What an effect may know of the page before anything of it is drawn.

    Attributes
    ----------
    width, height
        Pixels.
    px_per_mm
        Pixels per millimetre of paper.
    """

    width: int
    height: int
    px_per_mm: float

    @property
    def width_mm(self) -> float:
        """Width of the sheet, mm."""
        return self.width / self.px_per_mm

    @property
    def height_mm(self) -> float:
        """Height of the sheet, mm."""
        return self.height / self.px_per_mm


State = TypeVar("State", contravariant=True)


class Effect(Protocol[State]):
    """One effect. `State` is what its stage works on; see `ecgmpi.wear.registry`.

    Attributes
    ----------
    name
        As profiles know it.
    about
        What it is, in words.
    parameters
        What a profile may give ranges of.
    """

    name: str
    about: str
    parameters: tuple[Parameter, ...]

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw what is left to chance.

        Parameters
        ----------
        amounts
            A value of each parameter, drawn from the range of the profile; whole ones are int.
        chance
            For places, directions and textures: of these, a seed. Only `random` and `integers`
            are used: what else numpy draws goes through functions that differ by processor.
        page
            The page.
        """

    def apply(self, drawn: Drawn, state: State) -> None:
        """Do it: a function of what was drawn and of the state alone."""
