"""The built-in profiles: which effects each kind of worn paper shows, and how much at level 2."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from ecgmpi.errors import UsageError

from .wear_profile import PNG, Profile, Use

Uses = Mapping[str, Use]

_PRINT: Uses = {
    "toner": Use.of(1, fade_part=(0, 0.2), black_levels=(0, 30), tint_levels=(0, 10)),
    "paper": Use.of(
        1,
        yellow_levels=(0, 12),
        grey_levels=(0, 6),
        grid_fade_part=(0, 0.3),
        grid_tint_levels=(0, 20),
    ),
    "head_dropouts": Use.of(0.12, count=(1, 3), element_mm=0.125),
    "stroke_weight": Use.of(0.4, edge_mm=(-0.02, 0.04)),
}
"""How a printer leaves a page."""

_HAND: Uses = {
    "notes": Use.of(0.25, count=(1, 3), height_mm=(3.5, 6)),
    "pen": Use.of(0.15, count=(1, 2), length_mm=(12, 45)),
    "circles": Use.of(0.15, count=(1, 2), width_mm=(14, 32)),
    "ticks": Use.of(0.1, count=(1, 2), height_mm=(3, 6)),
    "stamps": Use.of(0.15, count=1, height_mm=(3.5, 5.5), uneven_part=(0.1, 0.45)),
    "highlighter": Use.of(0.05, count=(1, 2), length_mm=(15, 60)),
    "labels": Use.of(0.04, count=1),
    "whitener": Use.of(0.03, count=1),
    "holes": Use.of(0.15, times=1, diameter_mm=(5, 7)),
}
"""What people at a ward do to a page."""

_FLATBED: Uses = {
    "fold_wear": Use.of(0.15, count=(1, 2), width_mm=(0.4, 0.9), worn_part=(0.05, 0.3)),
    "folds": Use.of(0.15, angle_deg=(0.5, 2), count=1),
    "scanner": Use.of(
        1,
        rotation_deg=(-1.5, 1.5),
        skew_deg=(-0.3, 0.3),
        feed_mm=(0, 0.3),
        stretch_part=(-0.004, 0.004),
        margin_mm=(0.5, 4),
    ),
    "platen": Use.of(1, grey_levels=(4, 30), shadow_part=(0.1, 0.45)),
    "shading": Use.of(1, strength_part=(0.3, 0.6), elevation_deg=(50, 70)),
    "paper_texture": Use.of(1, depth_levels=(2, 8)),
    "blur": Use.of(1, sigma_mm=(0.02, 0.06)),
    "sharpen": Use.of(0.5, gain_part=(0.2, 0.8)),
}
"""A page that is pressed flat and scanned."""

_IN_COLOUR: Uses = {
    "white_balance": Use.of(1, warmth_mired=(-18, 18), tint_part=(-0.012, 0.012)),
    "noise": Use.of(1, sigma_levels=(0.8, 2.5)),
    "contrast": Use.of(1, black_levels=(-5, 25), white_levels=(-10, 12), bend_part=(-0.12, 0.12)),
    "jpeg_quality": Use.of(1, quality=(60, 92)),
}

_IN_BLACK: Uses = {
    "noise": Use.of(1, sigma_levels=(1, 4)),
    "contrast": Use.of(1, black_levels=(-25, 10), white_levels=(-25, 5), bend_part=(-0.15, 0.15)),
    "grey": Use.of(1),
    "threshold": Use.of(0.5, shift_part=(-0.28, 0.08)),
    "jpeg_quality": Use.of(1, quality=(65, 92)),
}

_SHAPE: Uses = {
    "folds": Use.of(0.5, angle_deg=(4, 14), count=(1, 2)),
    "curl": Use.of(0.5, curvature_per_m=(0.8, 3.5)),
    "crumple": Use.of(0.2, amplitude_mm=(0.3, 1), spacing_mm=(20, 45)),
}
"""How a sheet lies that nothing presses flat."""

_CAMERA: Uses = {
    "camera": Use.of(
        1,
        yaw_deg=(-10, 10),
        pitch_deg=(-10, 10),
        roll_deg=(-4, 4),
        distance_mm=(350, 600),
        k1_part=(-0.03, 0.03),
        margin_mm=(2, 14),
    ),
    "vignette": Use.of(0.7, part=(0.06, 0.28)),
    "blur": Use.of(0.8, sigma_mm=(0.04, 0.1)),
    "motion": Use.of(0.2, length_mm=(0.15, 0.35)),
    "sharpen": Use.of(0.25, gain_part=(0.3, 0.8)),
    "noise": Use.of(1, sigma_levels=(1.2, 3.8)),
    "resolution": Use.of(0.1, kept_part=(0.7, 0.9)),
    "jpeg_quality": Use.of(1, quality=(55, 88)),
}
"""What a phone makes of what it sees."""

_ON_A_DESK: Uses = {
    "desk": Use.of(1, shadow_part=(0.1, 0.4), shadow_mm=(3, 10)),
    "shading": Use.of(1, strength_part=(0.5, 0.9), elevation_deg=(35, 65)),
    "lamp": Use.of(0.7, part=(0.15, 0.36), height_mm=(300, 700), warmth_mired=(-30, 50)),
    "shadow": Use.of(0.4, depth_part=(0.08, 0.22), soft_mm=(14, 60), reach_part=(0.1, 0.5)),
    "glare": Use.of(0.15, strength_levels=(12, 40), radius_mm=(15, 45)),
    "white_balance": Use.of(1, warmth_mired=(-25, 30), tint_part=(-0.02, 0.02)),
    "auto_exposure": Use.of(1, mean_part=(0.76, 0.96)),
    "paper_texture": Use.of(1, depth_levels=(4, 12)),
    "flare": Use.of(1, black_levels=(5, 26)),
}
"""The light in a room."""

_ON_A_SCREEN: Uses = {
    "pixel_grid": Use.of(0.9, depth_part=(0.25, 0.5), pitch_mm=(0.25, 0.42)),
    "monitor": Use.of(1, window_mm=(1, 12), frame_levels=(6, 22)),
    "moire": Use.of(0.75, strength_part=(0.02, 0.07), pitch_mm=(0.7, 1.8)),
    "flicker": Use.of(0.35, depth_part=(0.02, 0.07), bands=(1, 4)),
    "reflection": Use.of(0.3, strength_levels=(10, 30), radius_mm=(20, 50)),
    "white_balance": Use.of(1, warmth_mired=(-55, 8), tint_part=(-0.02, 0.02)),
    "auto_exposure": Use.of(1, mean_part=(0.96, 1.14)),
    "flare": Use.of(1, black_levels=(6, 24)),
}
"""A page that a screen shows, in a dim room."""

_FAX: Uses = {
    "toner": _PRINT["toner"],
    "head_dropouts": Use.of(0.3, count=(1, 3), element_mm=0.125),
    "stroke_weight": Use.of(0.5, edge_mm=(-0.02, 0.05)),
    "notes": _HAND["notes"],
    "pen": _HAND["pen"],
    "stamps": _HAND["stamps"],
    "scanner": Use.of(
        1,
        rotation_deg=(-1, 1),
        skew_deg=(-0.3, 0.3),
        feed_mm=(0, 0.4),
        stretch_part=(-0.015, 0.015),
        margin_mm=(0.5, 3),
    ),
    "platen": Use.of(1, grey_levels=(2, 12)),
    "blur": Use.of(1, sigma_mm=(0.02, 0.06)),
    "noise": Use.of(1, sigma_levels=(1, 6)),
    "grey": Use.of(1),
    "fax_lines": Use.of(1, height_mm=(0.13, 0.26), lost=(0, 6)),
    "threshold": Use.of(1, shift_part=(-0.3, 0.08)),
}

_PHOTO: Uses = {**_PRINT, **_HAND, **_SHAPE, **_CAMERA, **_ON_A_DESK}

_STAINED: Uses = {
    "paper": Use.of(1, yellow_levels=(8, 30), grey_levels=(2, 14), grid_fade_part=(0.05, 0.4)),
    "stains": Use.of(1, count=(2, 4), diameter_mm=(50, 95), dark_part=(0.12, 0.35)),
    "fold_wear": Use.of(0.35, count=(1, 2), width_mm=(0.5, 1.1), worn_part=(0.1, 0.4)),
    "curl": Use.of(0.6, curvature_per_m=(0.8, 3.5)),
    "crumple": Use.of(0.45, amplitude_mm=(0.4, 1.2), spacing_mm=(20, 45)),
}

_DAMAGED: Uses = {
    "paper": Use.of(1, yellow_levels=(6, 34), grey_levels=(2, 16), grid_fade_part=(0.05, 0.45)),
    "stains": Use.of(0.6, count=(1, 3), diameter_mm=(45, 95), dark_part=(0.1, 0.32)),
    "fold_wear": Use.of(0.8, count=(1, 2), width_mm=(0.7, 1.6), worn_part=(0.15, 0.5)),
    "holes": Use.of(0.35, times=(1, 2), diameter_mm=(5, 7)),
    "tears": Use.of(1, count=(1, 4), length_mm=(10, 40), gap_mm=(0.8, 4), corner_part=(0.05, 0.2)),
    "tape": Use.of(
        0.5, count=(1, 2), length_mm=(30, 90), yellow_part=(0.1, 0.6), haze_part=(0.05, 0.2)
    ),
    "folds": Use.of(0.8, angle_deg=(5, 16), count=(1, 3)),
    "crumple": Use.of(0.8, amplitude_mm=(0.5, 1.5), spacing_mm=(18, 40)),
}

_MOULDY: Uses = {
    "paper": Use.of(1, yellow_levels=(12, 42), grey_levels=(4, 18), grid_fade_part=(0.05, 0.4)),
    "stains": Use.of(0.6, count=(1, 3), diameter_mm=(50, 100), dark_part=(0.08, 0.26)),
    "mould": Use.of(1, count=(3, 7), cluster_mm=(12, 34), spots=(60, 200), spot_mm=(0.8, 2)),
    "fold_wear": Use.of(0.4, count=(1, 2), width_mm=(0.5, 1.1), worn_part=(0.1, 0.4)),
}

_PALER: Uses = {"threshold": Use.of(0.5, shift_part=(-0.4, -0.1))}
"""Mould must not turn all black."""

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("scan", "scanned in colour", {**_PRINT, **_HAND, **_FLATBED, **_IN_COLOUR}),
        Profile(
            "scan-bw",
            "scanned in grey, or in black and white",
            {**_PRINT, **_HAND, **_FLATBED, **_IN_BLACK},
        ),
        Profile("photo", "photographed on a desk by a phone", _PHOTO),
        Profile("screen", "photographed from a screen", {**_CAMERA, **_ON_A_SCREEN}),
        Profile("fax", "sent by fax", _FAX, format=PNG),
        Profile("stained", "stained or soaked, then photographed", {**_PHOTO, **_STAINED}),
        Profile("damaged", "torn, taped and crumpled, then photographed", {**_PHOTO, **_DAMAGED}),
        Profile(
            "mould",
            "mouldy, then scanned in colour",
            {**_PRINT, **_HAND, **_FLATBED, **_IN_COLOUR, **_MOULDY},
        ),
        Profile(
            "mould-bw",
            "mouldy, then scanned in grey, or in black and white",
            {**_PRINT, **_HAND, **_FLATBED, **_IN_BLACK, **_MOULDY, **_PALER},
        ),
    )
}
"""Every built-in profile by its name."""


def profile_called(name: str, where: str, own: Mapping[str, Profile] | None = None) -> Profile:
    """Give the profile of a name.

    Parameters
    ----------
    name
        What it is called.
    where
        How an error message names what asked for it.
    own
        Profiles beside the built-in ones.

    Raises
    ------
    UsageError
        There is none.
    """
    known = {**(own or {}), **PROFILES}
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, n=1)
        names = [*PROFILES, *(own or {})]
        hint = f"do you mean {near[0]}?" if near else f"choose from {', '.join(names)}"
        raise UsageError(f"{where} {name}: there is no such profile; {hint}")
    return known[name]
