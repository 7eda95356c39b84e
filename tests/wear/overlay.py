"""Draw the truth of a worn picture over it, as a training loop would read both.

    python -m tests.wear.overlay OUT PICTURE [--series photo] [--sample 0]

OUT is of ``ecgmpi render --wear photo --annotate lines --mask``, with any ``--pack``. The mask of
each lead has a colour. On it lie the samples of the signal, white where they can be seen and red
where something hides them, and the crossings of bold grid lines, as small green crosses. Where no
ink can be seen, also around the sheet, all is bluish.
"""

from __future__ import annotations

import argparse
import colorsys

import numpy as np
import numpy.typing as npt
from PIL import Image

import ecgmpi

FIELDS = ("image", "mask", "hidden", "points", "crossings")

WHITE, RED, GREEN, BLUE = (255, 255, 255), (230, 0, 0), (0, 140, 0), (90, 130, 255)

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def overlay(sample: dict[str, npt.NDArray[np.generic]]) -> Bytes:
    """Draw the truth of a sample over its picture.

    Parameters
    ----------
    sample
        Of `ecgmpi.dataset`, with `FIELDS`.

    Returns
    -------
    ndarray
        uint8, shape (height, width, 3): red, green, blue.
    """
    image, mask, hidden = (np.asarray(sample[name], np.uint8) for name in FIELDS[:3])
    drawn = image.copy()
    _tint(drawn, hidden > 0, BLUE, 0.25)
    for lead in np.unique(mask[mask > 0]).tolist():
        _tint(drawn, mask == lead, _colour(lead), 0.75)
    points, state = np.asarray(sample["points"], np.float32), np.asarray(sample["state"])
    _dots(drawn, points[state == 0], WHITE)
    _dots(drawn, points[state == 1], RED)
    crossings = np.asarray(sample["crossings"], np.float32).reshape(-1, 3)
    for dx, dy in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (-2, 0), (2, 0), (0, -2), (0, 2)):
        _dots(drawn, crossings[:, :2] + np.array([dx, dy], np.float32), GREEN)
    return drawn


def _tint(
    drawn: Bytes, where: npt.NDArray[np.bool_], colour: tuple[int, ...], share: float
) -> None:
    mixed = drawn[where] * (1 - share) + np.array(colour) * share
    drawn[where] = mixed.astype(np.uint8)


def _dots(drawn: Bytes, points: Floats, colour: tuple[int, ...]) -> None:
    """Colour the pixels that points lie in; those in gaps or beyond the edges lie in none."""
    height, width = drawn.shape[:2]
    x, y = points[np.isfinite(points).all(axis=1)].T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    drawn[y[inside].astype(int), x[inside].astype(int)] = colour


def _colour(lead: int) -> tuple[int, ...]:
    """A colour of each lead, far from that of the next."""
    parts = colorsys.hsv_to_rgb(lead * 0.382 % 1, 1.0, 0.85)
    return tuple(round(255 * part) for part in parts)


def main(arguments: list[str] | None = None) -> None:
    """Draw one."""
    parser = argparse.ArgumentParser(prog="python -m tests.wear.overlay")
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("picture", metavar="PICTURE", help="what to write: .png or .jpg")
    parser.add_argument("--series", default="photo", help="which worn copies (default: photo)")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="which sample")
    given = parser.parse_args(arguments)
    samples = ecgmpi.dataset(given.out, series=given.series, fields=FIELDS)
    Image.fromarray(overlay(samples[given.sample])).save(given.picture, quality=85)


if __name__ == "__main__":
    main()
