"""The pictures of the README: drawn from a synthetic recording, and kept beside this file.

``python -m tests.gallery.pictures`` draws them again.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from ecgmpi.drawing import draw
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.outdir.job_file import DECISIVE
from ecgmpi.picture_formats import COMPRESSIONS, FAST

FOLDER = Path(__file__).parent
VERSIONS = FOLDER / "versions.txt"
"""The versions of what has a say in the bytes, when the pictures were drawn."""

PICTURES: dict[str, dict[str, Any]] = {
    "strip.png": {"lead": "II", "dpi": 150.0},
    "page.png": {"layout": "3x4+1", "dpi": 100.0},
}


def drawn() -> dict[str, bytes]:
    """Name of the file -> its bytes, of each picture."""
    record = synthesize(seed=0, index=1)
    return {name: draw(record, **options).png() for name, options in PICTURES.items()}


def versions() -> str:
    """A package and its version a line, of what has a say in the bytes here."""
    return "".join(
        f"{package} {version(package)}\n" for package in (*DECISIVE, *COMPRESSIONS[FAST])
    )


def main() -> None:
    """Write all of them."""
    for name, content in drawn().items():
        (FOLDER / name).write_bytes(content)
    VERSIONS.write_text(versions(), encoding="utf-8")


if __name__ == "__main__":
    main()
