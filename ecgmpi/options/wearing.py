"""Worn paper: which profiles, how many copies of each, how much, and by which seed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Self

from ecgmpi.errors import UsageError
from ecgmpi.wear.opencv import opencv_package
from ecgmpi.wear.profiles import PROFILES, profile_called
from ecgmpi.wear.wear_profile import LEVEL, MOST_LEVEL, Profile

from .labels import Labelling
from .option import WEAR, option

MOST_COPIES = 99
"""Of one profile."""

_ENTRY = re.compile(r"([^:]+)(?::([0-9]+))?")


@dataclass(frozen=True, slots=True)
class WornSeries:
    """The worn copies of one profile.

    Attributes
    ----------
    profile
        How they are worn.
    copies
        How many there are of each picture.
    """

    profile: Profile
    copies: int

    @property
    def name(self) -> str:
        """What the series is called: as its profile."""
        return self.profile.name


@dataclass(frozen=True, slots=True)
class Wearing(Labelling):
    """What is made of each picture beside itself; a part of what decides every byte in OUT."""

    wear: tuple[str, ...] | None = option(
        None,
        "make worn copies of each picture, with the truth of where everything is now: "
        f"{', '.join(PROFILES)}; PROFILE:N makes N copies; --config may define more",
        group=WEAR,
        metavar="PROFILE[:N],...",
        unit="default: none",
    )
    wear_level: float | None = option(
        None,
        "say how worn they are: 0 not at all, 5 ruined",
        group=WEAR,
        unit=f"default: {LEVEL}",
        at_least=0,
        at_most=MOST_LEVEL,
    )
    seed: int | None = option(
        None,
        "draw all chances by this seed",
        group=WEAR,
        metavar="N",
        unit="default: 0",
        at_least=0,
        at_most=2**63 - 1,
    )
    clean: bool = option(
        True,
        "keep the worn copies alone, without the picture that they are made of",
        group=WEAR,
    )
    wear_profiles: str | None = option(
        None,
        "define profiles of your own; sections [wear.NAME] of --config do so more easily",
        group=WEAR,
        metavar="JSON",
        unit="default: none",
    )

    def check_wear(self) -> None:
        """Refuse options of worn copies that do not fit each other.

        Raises
        ------
        UsageError
            They do not.
        """
        if self.wear is None:
            for flag, given in (
                ("--wear-level", self.wear_level is not None),
                ("--seed", self.seed is not None),
                ("--no-clean", not self.clean),
            ):
                if given:
                    raise UsageError(f"{flag} is for worn copies: add --wear, such as --wear photo")
            # Profiles that are not used decide nothing.
            object.__setattr__(self, "wear_profiles", None)
            return
        used = {series.name for series in self.worn}
        own = {} if self.wear_profiles is None else json.loads(self.wear_profiles)
        kept = {name: one for name, one in own.items() if name in used}
        text = json.dumps(kept, sort_keys=True, separators=(",", ":")) if kept else None
        object.__setattr__(self, "wear_profiles", text)

    @property
    def worn(self) -> tuple[WornSeries, ...]:
        """The worn copies of each picture, in order; none where nothing is worn.

        Raises
        ------
        UsageError
            There is no such profile, or one is named twice.
        """
        own = self._own_profiles()
        series: dict[str, WornSeries] = {}
        for entry in self.wear or ():
            found = _ENTRY.fullmatch(entry)
            if found is None:
                raise UsageError(f"--wear {entry}: give PROFILE or PROFILE:N, such as photo:2")
            name, number = found.groups()
            profile = profile_called(name, "--wear", own)
            copies = int(number or 1)
            if not 1 <= copies <= MOST_COPIES:
                raise UsageError(f"--wear {entry}: give 1 to {MOST_COPIES} copies")
            if name in series:
                raise UsageError(f"--wear names {name} twice: write {name}:2 for two copies")
            series[name] = WornSeries(profile, copies)
        return tuple(series.values())

    def _own_profiles(self) -> dict[str, Profile]:
        if self.wear_profiles is None:
            return {}
        # It knows every effect, which nothing else of the options does.
        from ecgmpi.wear.profile_text import profiles_of

        return profiles_of(self.wear_profiles)

    @property
    def unworn(self) -> Self:
        """The same without worn copies: what reads the clean pictures needs no OpenCV."""
        return replace(self, wear=None, wear_level=None, seed=None, clean=True, wear_profiles=None)

    @property
    def level(self) -> float:
        """How worn the copies are."""
        return LEVEL if self.wear_level is None else self.wear_level

    @property
    def worn_by(self) -> dict[str, str]:
        """Packages that affect the bytes of worn copies, and the version of each."""
        package = opencv_package() if self.wear else None
        return dict([package] if package else [])
