"""Corpora with files that harm whoever reads them, and what makes such files readable."""

from __future__ import annotations

import os
from pathlib import Path

from tests.corpora import synthetic

HARMFUL = {
    "PYTHONPATH": os.pathsep.join(
        filter(None, [str(Path(__file__).parent / "poison"), os.environ.get("PYTHONPATH")])
    ),
    # It loads numpy before the command does, which would start threads: supervisors are forked
    # here as they are without it.
    "OPENBLAS_NUM_THREADS": "1",
}
"""Environment in which a ``.poison`` file is a format like any other."""


def add(folder: Path, harm: str, place: int) -> str:
    """Put a file that does `harm` after recording `place`; its name in OUT."""
    name = f"SYN{place:06d}_{harm}"
    (folder / f"{name}.poison").write_text(f"POISON {harm}\n")
    return name


def poisoned(folder: Path, n: int, **places: int) -> Path:
    """`n` good recordings, and one for each of `places`: a harm, and after which it comes."""
    synthetic(folder, n)
    for harm, place in places.items():
        add(folder, harm.replace("_", "-"), place)
    return folder
