from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of real recordings, which are not part of the project."""
    folder = os.environ.get("ECGMPI_TEST_DATA")
    if not folder:
        pytest.skip("ECGMPI_TEST_DATA is not set: no real recordings here")
    return Path(folder)
