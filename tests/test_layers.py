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
    {"record", "leads", "limb", "arms", "geometry", "options"},
    {"errors"},
)


def test_dependencies_point_one_way() -> None:
    level = {name: depth for depth, layer in enumerate(LAYERS) for name in layer}
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if own not in level:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ecgmpi."):
                other = (node.module or "").split(".")[1]
                assert other == own or level[other] >= level[own], f"{path} imports {other}"


def test_what_is_public_can_be_had() -> None:
    for name in ecgmpi.__all__:
        assert getattr(ecgmpi, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ecgmpi.nothing
