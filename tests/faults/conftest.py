from __future__ import annotations

import pytest

from tests.mpi.flavours import Flavour, MissingError, mpich


@pytest.fixture
def launcher() -> Flavour:
    try:
        return mpich()
    except MissingError as missing:
        pytest.skip(str(missing))
