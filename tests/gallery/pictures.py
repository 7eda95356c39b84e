"""The pictures of the README and its chapters: of a synthetic recording, kept beside this file.

``python -m tests.gallery.pictures`` draws them again.
"""

from __future__ import annotations

import io
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

import ecgmpi
from ecgmpi.drawing import draw
from ecgmpi.ecg.synthetic import synthesize, write_corpus
from ecgmpi.outdir.job_file import DECISIVE
from ecgmpi.picture_formats import COMPRESSIONS, FAST
from ecgmpi.wear.opencv import opencv_package
from tests.wear.overlay import FIELDS, overlay

FOLDER = Path(__file__).parent
VERSIONS = FOLDER / "versions.txt"
"""The versions of what has a say in the bytes, when the pictures were drawn."""

PICTURES: dict[str, dict[str, Any]] = {
    "strip.png": {"lead": "II", "dpi": 150.0},
    "page.png": {"layout": "3x4+1", "dpi": 100.0},
}


WORN, OVERLAY = "worn.jpg", "overlay.jpg"
"""A page worn by ``photo``, and its truth over it."""

WEAR: dict[str, Any] = {"wear": "photo", "seed": 7, "clean": False}
"""A copy with a fold, a sticker, a stamp and a shadow."""


def drawn() -> dict[str, bytes]:
    """Name of the file -> its bytes, of each picture."""
    record = synthesize(seed=0, index=1)
    clean = {name: draw(record, **options).png() for name, options in PICTURES.items()}
    return clean | _worn()


def _worn() -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        corpus, out = Path(folder, "in"), Path(folder, "out")
        write_corpus(corpus, 1)
        asked = {**PICTURES["page.png"], **WEAR, "annotate": "lines", "mask": True}
        ecgmpi.render(corpus, out, workers=1, **asked)
        (picture,) = (out / "images").glob("*.jpg")
        (sample,) = ecgmpi.dataset(out, series="photo", fields=FIELDS)
        over = io.BytesIO()
        Image.fromarray(overlay(sample)).save(over, "JPEG", quality=80)
        return {WORN: picture.read_bytes(), OVERLAY: over.getvalue()}


def versions() -> str:
    """A package and its version a line, of what has a say in the bytes here."""
    packages = {name: version(name) for name in (*DECISIVE, *COMPRESSIONS[FAST], "pillow")}
    packages |= dict([opencv_package() or ("opencv", "")])
    return "".join(f"{package} {of_it}\n" for package, of_it in packages.items())


def main() -> None:
    """Write all of them."""
    for name, content in drawn().items():
        (FOLDER / name).write_bytes(content)
    VERSIONS.write_text(versions(), encoding="utf-8")


if __name__ == "__main__":
    main()
