"""The colour of light: how much of blue, green and red arrives."""

from __future__ import annotations

from ecgmpi.wear.effect import Parameter

PER_MIRED = 0.0017
"""Part by which red gains and blue loses a mired.

A black body of 5000 K that cools by 50 mired gains 45 % of red over blue in linear light, of which
sRGB's curve makes 18 %: about 0.0017 for each channel and mired.
"""

WARMTH = Parameter(
    "warmth_mired", "change of colour temperature; yellow if positive", 0.0, -150.0, 150.0
)
TINT = Parameter("tint_part", "green lost: magenta if positive, green if negative", 0.0, -0.1, 0.1)


def gains(warmth_mired: float, tint_part: float = 0.0) -> tuple[float, float, float]:
    """Give the part of blue, green and red that arrives; the greatest is 1.

    Parameters
    ----------
    warmth_mired
        Change of the colour temperature, in millionths of 1 / K.
    tint_part
        Part of the green that is lost.
    """
    shift = PER_MIRED * warmth_mired
    blue, green, red = 1.0 - shift, 1.0 - tint_part, 1.0 + shift
    most = max(blue, green, red)
    return blue / most, green / most, red / most
