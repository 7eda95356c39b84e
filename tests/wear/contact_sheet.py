"""Every profile at every level on one sheet, and samples in full size, to be looked at.

``python -m tests.wear.contact_sheet OUT.png [--samples N] [--recording FILE] [--seed S]``; the
samples land in a folder beside the sheet, which is called as it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import ecgmpi
from ecgmpi.drawing.picture import Picture
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.wear.encode import encode_jpg
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.wear_profile import MOST_LEVEL
from ecgmpi.wear.worn import WornPicture, wear

LEVELS = range(MOST_LEVEL + 1)
THUMBNAIL = (480, 371)
TITLE_PX = 26
GAP_PX = 6


def page(recording: Path | None) -> Picture:
    """Draw the page that is worn: of a recording, or of a synthetic one."""
    record = synthesize(1, 1) if recording is None else ecgmpi.read(recording)
    return ecgmpi.draw(record, layout="3x4+1", dpi=200, paper="letter")


def image(worn: WornPicture) -> Image.Image:
    """Give the picture as Pillow has it."""
    pixels = worn.pixels if worn.pixels.ndim == 2 else worn.pixels[:, :, ::-1]
    return Image.fromarray(np.ascontiguousarray(pixels)).convert("RGB")


def sheet(picture: Picture, seed: int) -> Image.Image:
    """Lay thumbnails out: a row a profile, a column a level."""
    width, height = THUMBNAIL[0] + GAP_PX, THUMBNAIL[1] + TITLE_PX + GAP_PX
    whole = Image.new("RGB", (width * len(LEVELS), height * len(PROFILES)), "white")
    pen = ImageDraw.Draw(whole)
    font = ImageFont.load_default(18)
    for row, profile in enumerate(PROFILES.values()):
        for level in LEVELS:
            worn = wear(picture, profile, level, seed, "sheet", 1)
            place = (level * width, row * height)
            pen.text((place[0] + 4, place[1] + 3), f"{profile.name}, level {level}", "black", font)
            thumbnail = image(worn).resize(THUMBNAIL, Image.Resampling.BOX, reducing_gap=None)
            whole.paste(thumbnail, (place[0], place[1] + TITLE_PX))
    return whole


def write_samples(picture: Picture, seed: int, count: int, folder: Path) -> None:
    """Write copies of level 2 in full size, the profiles in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    profiles = list(PROFILES.values())
    for number in range(count):
        profile, copy = profiles[number % len(profiles)], number // len(profiles) + 1
        worn = wear(picture, profile, 2, seed, "samples", copy)
        content = encode_jpg(worn.pixels, worn.quality, picture.scale.dpi, {})
        (folder / f"{worn.name}.jpg").write_bytes(content)


def main() -> None:
    """Read the arguments, and write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the sheet, a PNG")
    parser.add_argument("--samples", type=int, default=0, help="in full size")
    parser.add_argument("--recording", type=Path, help="default: a synthetic one")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    picture = page(given.recording)
    sheet(picture, given.seed).save(given.out)
    write_samples(picture, given.seed, given.samples, given.out.with_suffix(""))


if __name__ == "__main__":
    main()
