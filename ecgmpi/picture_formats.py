"""The files of a picture, and the formats it can be written in: plain data for all rooms.

What writes each is in `ecgmpi.drawing.encode.registry`.
"""

from __future__ import annotations

from collections.abc import Iterable

PICTURE, ANNOTATION, MASK, POINTS = "picture", "annotation", "mask", "points"
"""The kinds of files that are made of a picture: itself, and what stands beside it."""

MAP, CROSSINGS, HIDDEN = "map", "crossings", "hidden"
"""Those of a worn copy alone: where each place of the page is on it, where bold lines of its grid
cross, and what hides its ink."""

CLEAN = ""
"""The series of the pictures as they were drawn; each kind of worn copies has one of its own."""

BITS_MASK, GRID_MASK, TEXT_MASK = "bits", "grid", "text"
MASKS = (BITS_MASK, GRID_MASK, TEXT_MASK)
"""The kinds of files that ``--masks`` may name, in the order in which they are made."""

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
    format: str,
    told: bool,
    mask: bool,
    points: bool,
    signal: bool = False,
    masks: Iterable[str] = (),
    *,
    map: bool = False,
    crossings: bool = False,
    hidden: bool = False,
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
    masks
        Which of `MASKS` it has.
    map, crossings, hidden
        Of a worn copy: whether it has its map, the places where bold lines of the grid cross, and
        a mask of what hides the ink.

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
    found |= {kind: f".{kind}.png" for kind in masks}
    if points:
        found[POINTS] = ".points.npy"
    if signal:
        found[SIGNAL] = ".signal.npy"
    if map:
        found[MAP] = ".map.npy"
    if crossings:
        found[CROSSINGS] = ".grid.npy"
    if hidden:
        found[HIDDEN] = ".hidden.png"
    return found
