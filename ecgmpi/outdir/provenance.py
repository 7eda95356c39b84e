"""run.json: what ran, where and when, with which versions, and how it ended."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ecgmpi.atomic import replacing
from ecgmpi.names import readable, written
from ecgmpi.wear.opencv import opencv_package

NAMES = ("command", "inputs")
"""The facts of a run that are names of files, or may hold some."""

PACKAGES = ("ecgmpi", "numpy", "scipy", "matplotlib", "h5py", "isal", "zlib-ng", "mpi4py")

OPENCV = "opencv-python-headless"
"""The wheel of OpenCV that the extra ``worn`` installs."""


def versions(others: Iterable[str] = ()) -> dict[str, str]:
    """Version of Python, of each package that affects what is drawn, and of some others."""
    found = {"python": platform.python_version()}
    for package in (*PACKAGES, *others):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    name, installed = opencv_package() or (OPENCV, "not installed")
    return found | {name: installed}


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_run(path: Path, facts: dict[str, Any]) -> None:
    """Write `facts`, with the versions and the command, to `path`, as JSON.

    Raises
    ------
    OSError
        The disk is full or gone.
    """
    document = {"command": sys.argv, "versions": versions(), **facts}
    document |= {key: [*map(written, document[key])] for key in NAMES if key in document}
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(_readable(document), indent=2) + "\n", encoding="utf-8")


def amend_run(path: Path, facts: dict[str, Any]) -> None:
    """Replace some facts of a run in its run.json, and leave the others; nothing if it has none.

    Of a fact that is a dict, only the entries that are given are replaced.

    Raises
    ------
    OSError
        The disk is full or gone.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        for name, fact in facts.items():
            document[name] = (document.get(name) or {}) | fact if isinstance(fact, dict) else fact
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(_readable(document), indent=2) + "\n", encoding="utf-8")


def _readable(value: Any) -> Any:
    """`value`, ready for JSON, with every text in it `readable`."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {key: _readable(held) for key, held in value.items()}
    return [*map(_readable, value)] if isinstance(value, list | tuple) else value
