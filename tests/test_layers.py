"""Dependencies point one way (and a rank, or a look at --help, loads only what it needs)."""

from __future__ import annotations

import ast
import graphlib
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
    [
        "errors",
        "ecg.record",
        "ecg.limb_leads",
        "readers",
        "geometry",
        "drawing",
        "store",
        "ecg.synthetic",
        "pipeline",
        "inspection",
    ],
)
def test_nothing_below_the_job_knows_of_processes_or_mpi(below: str) -> None:
    assert not {"mpi4py", "multiprocessing", "ecgmpi.job"} & loaded_by(f"import ecgmpi.{below}")


@pytest.mark.parametrize("light", ["ecgmpi", "ecgmpi.cli", "ecgmpi.job.run", "ecgmpi.readers"])
def test_a_rank_loads_neither_matplotlib_nor_scipy_nor_mpi(light: str) -> None:
    assert not {"matplotlib", "scipy", "mpi4py", "h5py"} & loaded_by(f"import {light}")


@pytest.mark.parametrize("light", ["ecgmpi.pipeline", "ecgmpi.cli.show", "ecgmpi.job.pool.worker"])
def test_what_draws_clean_pictures_loads_neither_opencv_nor_effects(light: str) -> None:
    assert not {"cv2", "ecgmpi.wear.registry", "ecgmpi.wear.worn"} & loaded_by(f"import {light}")


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
    assert importers == {"job/comm/mpi.py"}


LAYERS = (
    ("cli", "api"),
    ("job", "inspection", "review", "datasets"),
    ("job.pool", "job.comm"),
    ("pipeline",),
    ("rendered",),
    ("results",),
    ("corpus",),
    ("outdir",),
    ("labels",),
    ("options",),
    ("wear",),
    ("drawing.truth",),
    ("drawing.strip",),
    ("drawing.page",),
    ("drawing.picture",),
    ("drawing.encode",),
    ("drawing.scene", "drawing.baseline", "drawing.size_limits"),
    ("drawing.raster",),
    ("drawing.frame",),
    *(("readers." + name,) for name in ("matlab", "hdf5", "numpy_arrays", "xml_formats")),
    *(("readers." + name,) for name in ("dicom", "edf", "ishne", "table", "wfdb", "scp")),
    ("readers",),
    ("store",),
    ("host", "datasets.decode"),
    ("atomic", "picture_formats", "npy", "png_file", "hdf5_file", "kept_open"),
    ("layouts", "themes", "geometry"),
    ("ecg",),
    ("errors",),
    ("names", "amounts", "review.roundtrip"),
)
"""Rooms from the top to the bottom: one imports from those below it, and from no other."""

ENTRANCES = ("", "__main__", "start", "drawing", "readers.content_hash")
"""What leads into several rooms, and lies above them all."""

APART = (
    {"readers", "drawing", "store", "outdir", "host"},
    {"job.pool", "job.comm"},
    {"job", "review", "datasets"},
)
"""Rooms that know nothing of each other, whatever their order in `LAYERS`."""

READERS_OF_OTHERS = {("readers.matlab", "readers.wfdb"), ("readers.ishne", "readers.scp")}
"""The only formats that use the reader of another one."""

WITHOUT_OPTIONS = ("readers", "drawing", "store", "host", "ecg", "layouts", "themes", "geometry")
"""Rooms below the one that turns the options of a job into what they need to know."""

LEVELS = {room: depth for depth, layer in enumerate(LAYERS) for room in layer}


def room_of(module: str) -> str:
    """The room that a module lies in, by the longest name that `LAYERS` has."""
    parts = module.split(".")
    names = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((name for name in names if name in LEVELS or name in ENTRANCES), module)


def imported(source: str, package: str) -> set[str]:
    """Modules of ecgmpi that a module of `package` imports, however it spells that.

    ``from x import y`` counts as ``x.y`` where that is a module, and else as ``x``.
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
                found.add(_module(rest))
    return found


def _module(name: str) -> str:
    """The module that a dotted name is, or is in; a name of the package itself by its home."""
    if "." not in name and name in ecgmpi.__all__:
        home: str = getattr(ecgmpi, name).__module__
        return home.removeprefix("ecgmpi.")
    while name:
        place = PACKAGE.joinpath(*name.split("."))
        if place.is_dir() or place.with_suffix(".py").exists():
            return name
        name = name.rpartition(".")[0]
    return name


@pytest.mark.parametrize(
    ("source", "package", "expected"),
    [
        ("import ecgmpi.drawing.raster", "ecgmpi.readers", {"drawing.raster"}),
        ("import ecgmpi.job as j, os.path", "ecgmpi.readers", {"job"}),
        ("from ..geometry import Scale", "ecgmpi.readers", {"geometry"}),
        ("from .. import geometry", "ecgmpi.readers", {"geometry"}),
        ("from . import units", "ecgmpi.readers", {"readers.units"}),
        ("from .source import Source", "ecgmpi.readers", {"readers.source"}),
        ("from .job import run", "ecgmpi", {"job.run"}),
        ("def f():\n    from ecgmpi import ecg", "ecgmpi.readers", {"ecg"}),
        ("from ecgmpi import Record, draw", "ecgmpi.readers", {"ecg.record", "drawing"}),
        ("from ecgmpi.readers.source import Source", "ecgmpi.job", {"readers.source"}),
        ("import ecgmpi", "ecgmpi.readers", {""}),
        ("import numpy\nfrom os import path", "ecgmpi.readers", set()),
    ],
)
def test_an_import_is_seen_however_it_is_spelled(
    source: str, package: str, expected: set[str]
) -> None:
    assert imported(source, package) == expected


def modules() -> dict[str, set[str]]:
    """Every module of the package, without its first name, and what it imports."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        parts = place.with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        package = ".".join(("ecgmpi", *place.parts[:-1]))
        found[name] = imported(path.read_text(encoding="utf-8"), package) - {name}
    return found


def test_every_module_lies_in_a_room() -> None:
    rooms = {room_of(name) for name in modules()}
    assert rooms - set(ENTRANCES) - set(LEVELS) == set()
    assert set(LEVELS) <= rooms


def test_dependencies_point_one_way() -> None:
    for name, others in modules().items():
        own = room_of(name)
        for other in others:
            assert other, f"{name} imports all of ecgmpi: name the module"
            room = room_of(other)
            if room == own or own in ENTRANCES:
                continue
            assert room != "drawing" or own in ("cli", "job.pool", "pipeline"), f"{name}: {other}"
            if room in ENTRANCES:
                continue
            assert LEVELS[room] > LEVELS[own], f"{name} imports {other}"


def test_some_rooms_know_nothing_of_each_other() -> None:
    for name, others in modules().items():
        if name.startswith("readers."):
            formats = {room_of(name), *map(room_of, others)} - {"readers"}
            formats = {room for room in formats if room.startswith("readers.")}
            allowed = {frozenset(pair) for pair in READERS_OF_OTHERS}
            assert len(formats) < 2 or frozenset(formats) in allowed, f"{name} imports {formats}"
        for apart in APART:
            places = {place for place in apart if _lies_in(name, place)}
            if places:
                strangers = {o for o in others for p in apart - places if _lies_in(o, p)}
                assert not strangers, f"{name} imports {strangers}"


def test_options_are_unknown_below_the_pipeline() -> None:
    for name, others in modules().items():
        if any(_lies_in(name, room) for room in WITHOUT_OPTIONS):
            assert not {other for other in others if _lies_in(other, "options")}, name


def _lies_in(module: str, room: str) -> bool:
    return f"{module}.".startswith(f"{room}.")


def test_no_module_imports_itself_by_way_of_others() -> None:
    sorter = graphlib.TopologicalSorter(modules())
    sorter.prepare()


def test_no_module_is_called_like_one_of_the_standard_library() -> None:
    ours = {name.rpartition(".")[2] for name in modules()} - {"", "__main__"}
    assert ours & sys.stdlib_module_names == set()


def test_what_is_public_is_listed_before_it_is_loaded() -> None:
    code = "import ecgmpi, sys; print('numpy' in sys.modules, *dir(ecgmpi))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    with_numpy, *names = answer.stdout.split()
    assert with_numpy == "False"
    assert set(ecgmpi.__all__) <= set(names)


def test_what_is_public_can_be_had() -> None:
    for name in ecgmpi.__all__:
        assert getattr(ecgmpi, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ecgmpi.nothing
