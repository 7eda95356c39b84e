"""The files of a picture, and the formats it can be written in: plain data for all rooms.

What writes each is in `ecgmpi.drawing.encode.registry`.
"""

from __future__ import annotations

PICTURE, ANNOTATION, MASK, POINTS = "picture", "annotation", "mask", "points"
"""The kinds of files that are made of a picture: itself, and what stands beside it."""

SIGNAL = "signal"
"""The kind of file that is made of a recording: what is drawn of it, in mV."""

PICTURE_FORMATS = ("png", "svg", "pdf", "jpg")
"""Their names, which is also what their files end in."""

ENDINGS = {f".{name}": name for name in PICTURE_FORMATS} | {".jpeg": "jpg"}
"""What the name of a picture may end in, and the format that it then has."""

MOST_QUALITY = 95
"""The highest quality of a JPEG, on the scale of libjpeg."""
