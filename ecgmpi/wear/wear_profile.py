"""A profile: which effects paper shows, how likely, and in which ranges. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LEVEL = 2
"""The level at which ranges are taken as they stand."""

MOST_LEVEL = 5

JPG, PNG = "jpg", "png"


@dataclass(frozen=True, slots=True)
class Use:
    """How a profile uses an effect.

    Attributes
    ----------
    probability
        That a copy shows it, at level 2.
    ranges
        Name of a parameter, and its least and greatest value at level 2.
    """

    probability: float = 1.0
    ranges: tuple[tuple[str, float, float], ...] = ()

    @classmethod
    def of(cls, probability: float = 1.0, **ranges: tuple[float, float] | float) -> Use:
        """Make one; a single number is a range of one value."""
        pairs = {
            name: given if isinstance(given, tuple) else (given, given)
            for name, given in ranges.items()
        }
        return cls(probability, tuple((name, *pair) for name, pair in pairs.items()))


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of worn paper.

    Attributes
    ----------
    name
        As ``--wear`` knows it: lower-case letters, with dashes between.
    about
        What it looks like, in words.
    uses
        Effects by name, and how each is used.
    format
        Of its pictures, ``jpg`` or ``png``.
    crop
        Whether parts of the page may lie outside the picture.
    """

    name: str
    about: str
    uses: Mapping[str, Use] = field(default_factory=dict, hash=False)
    format: str = JPG
    crop: bool = False
