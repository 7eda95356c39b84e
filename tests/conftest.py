from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine must not fail a test by its speed.
settings.register_profile("default", deadline=None)
settings.load_profile("default")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of real recordings, which are not part of the project."""
    folder = os.environ.get("ECGMPI_TEST_DATA")
    if not folder:
        pytest.skip("ECGMPI_TEST_DATA is not set: no real recordings here")
    return Path(folder)
