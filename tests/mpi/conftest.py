from __future__ import annotations

from pathlib import Path

import pytest

from tests.mpi.flavours import FLAVOURS, Flavour, MissingError


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need an Open MPI: it is not what the tests' own environment has."""
    here = Path(__file__).parent
    for item in items:
        if not isinstance(item, pytest.Function) or here not in item.path.parents:
            continue
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if any("openmpi" in str(word) for word in (*item.fixturenames, *parameters)):
            item.add_marker(pytest.mark.openmpi)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(params=FLAVOURS)
def mpi(request: pytest.FixtureRequest) -> Flavour:
    """Each kind of MPI in turn."""
    return _found(request.param)


@pytest.fixture(params=[name for name in FLAVOURS if name != "mpich"])
def openmpi(request: pytest.FixtureRequest) -> Flavour:
    """Each Open MPI in turn."""
    return _found(request.param)


@pytest.fixture
def mpich() -> Flavour:
    return _found("mpich")


@pytest.fixture
def debian_openmpi() -> Flavour:
    return _found("debian-openmpi")


def _found(name: str) -> Flavour:
    try:
        return FLAVOURS[name]()
    except MissingError as missing:
        pytest.skip(str(missing))
