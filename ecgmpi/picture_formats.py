"""The files of a picture, and the formats it can be written in: plain data for all rooms.

What writes each is in `ecgmpi.drawing.encode.registry`.
"""

from __future__ import annotations

PICTURE, ANNOTATION, MASK, POINTS = "picture", "annotation", "mask", "points"
"""The kinds of files that are made of a picture: itself, and what stands beside it."""

SIGNAL = "signal"
"""The kind of file that holds what is drawn, in mV: of a picture, or of a whole recording."""

PICTURE_FORMATS = ("png", "svg", "pdf", "jpg")
"""Their names, which is also what their files end in."""

ENDINGS = {f".{name}": name for name in PICTURE_FORMATS} | {".jpeg": "jpg"}
"""What the name of a picture may end in, and the format that it then has."""

FAST, SMALL = "fast", "small"
COMPRESSIONS = {FAST: ("isal", "zlib-ng"), SMALL: ("zlib-ng",)}
"""How a PNG may be compressed -> the packages that affect its bytes."""

MOST_QUALITY = 95
"""The highest quality of a JPEG, on the scale of libjpeg."""

ANNOTATION_KEY = "annotation"
"""Where the JSON of a sample in a shard has the annotation of its picture."""


def endings_of(
    format: str, told: bool, mask: bool, points: bool, signal: bool = False
) -> dict[str, str]:
    """What the names of the files of a picture end in, by kind, the picture first.

    They share what comes before the first of these dots, so that they are one sample of
    a WebDataset.

    Parameters
    ----------
    format
        Of the picture, one of `PICTURE_FORMATS`.
    told, mask, points, signal
        Whether it has a JSON, a mask, the points of its samples, and what it shows in mV.

    Examples
    --------
    >>> endings_of("png", told=True, mask=True, points=False)
    {'picture': '.png', 'annotation': '.json', 'mask': '.mask.png'}
    """
    found = {PICTURE: f".{format}"}
    if told:
        found[ANNOTATION] = ".json"
    if mask:
        found[MASK] = ".mask.png"
    if points:
        found[POINTS] = ".points.npy"
    if signal:
        found[SIGNAL] = ".signal.npy"
    return found
