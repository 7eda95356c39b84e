"""Dependencies point one way (and a rank, or a look at --help, loads only what it needs)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ecgmpi

PACKAGE = Path(ecgmpi.__file__).parent


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(answer.stdout.split())


@pytest.mark.parametrize(
    "below",
    ["errors", "record", "limb", "readers", "geometry", "drawing", "store", "synth", "inspect"],
)
def test_nothing_below_the_job_knows_of_processes_or_mpi(below: str) -> None:
    assert not {"mpi4py", "multiprocessing", "ecgmpi.job"} & loaded_by(f"import ecgmpi.{below}")


@pytest.mark.parametrize("light", ["ecgmpi", "ecgmpi.cli", "ecgmpi.job.run", "ecgmpi.readers"])
def test_a_rank_loads_neither_matplotlib_nor_scipy_nor_mpi(light: str) -> None:
    assert not {"matplotlib", "scipy", "mpi4py", "h5py"} & loaded_by(f"import {light}")


def test_one_module_imports_mpi4py_and_only_inside_a_function() -> None:
    importers = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.split(".")[0] == "mpi4py" for name in names):
                importers.add(path.relative_to(PACKAGE).as_posix())
                assert isinstance(node, ast.Import | ast.ImportFrom)
                assert node.col_offset > 0, f"{path} imports mpi4py at its top"
    assert importers == {"job/mpi.py"}


LAYERS = (
    {"cli", "api"},
    {"job"},
    {"readers", "drawing", "store", "synth", "inspect"},
    {
        "record",
        "facts",
        "leads",
        "assumptions",
        "limb",
        "lead_check",
        "arms",
        "geometry",
        "options",
        "layouts",
        "themes",
        "values",
        "config",
        "amounts",
    },
    {"errors"},
)


APART = {"readers", "drawing", "store"}
"""Beside each other, and none knows of the others."""


def imported(source: str, package: str) -> set[str]:
    """Parts of ecgmpi that a module of `package` imports, however it spells that.

    What comes from the package itself counts for the part that it lives in.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join(above) if node.level else ""
            whole = ".".join(filter(None, [start, node.module]))
            names = [f"{whole}.{alias.name}" for alias in node.names]
        for name in names:
            first, _, rest = name.partition(".")
            if first == "ecgmpi":
                found.add(_home(rest.partition(".")[0]))
    return found


def _home(name: str) -> str:
    if not name or (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists():
        return name
    home: str = getattr(ecgmpi, name).__module__
    return home.split(".")[1]


@pytest.mark.parametrize(
    ("source", "package", "expected"),
    [
        ("import ecgmpi.drawing.style", "ecgmpi.readers", {"drawing"}),
        ("import ecgmpi.job as j, os.path", "ecgmpi.readers", {"job"}),
        ("from ..geometry import Scale", "ecgmpi.readers", {"geometry"}),
        ("from .. import geometry", "ecgmpi.readers", {"geometry"}),
        ("from . import base", "ecgmpi.readers", {"readers"}),
        ("from .base import Source", "ecgmpi.readers", {"readers"}),
        ("from .job import run", "ecgmpi", {"job"}),
        ("def f():\n    from ecgmpi import synth", "ecgmpi.readers", {"synth"}),
        ("from ecgmpi import Record, draw", "ecgmpi.readers", {"record", "drawing"}),
        ("from ecgmpi.readers.base import Source", "ecgmpi.job", {"readers"}),
        ("import ecgmpi", "ecgmpi.readers", {""}),
        ("import numpy\nfrom os import path", "ecgmpi.readers", set()),
    ],
)
def test_an_import_is_seen_however_it_is_spelled(
    source: str, package: str, expected: set[str]
) -> None:
    assert imported(source, package) == expected


def test_dependencies_point_one_way() -> None:
    level = {name: depth for depth, layer in enumerate(LAYERS) for name in layer}
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE)
        own = place.with_suffix("").parts[0]
        if own in ("__init__", "__main__"):
            continue
        package = ".".join(("ecgmpi", *place.parts[:-1]))
        for other in imported(path.read_text(encoding="utf-8"), package) - {own}:
            assert other, f"{place} imports all of ecgmpi: name the module"
            assert level[other] >= level[own], f"{place} imports {other}"
            assert not {own, other} <= APART, f"{place} imports {other}, which is beside it"


def test_what_is_public_can_be_had() -> None:
    for name in ecgmpi.__all__:
        assert getattr(ecgmpi, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ecgmpi.nothing
