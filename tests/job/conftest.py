from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running
from tests.job.one_process import N, OneProcess, StartJob, one_process, recordings


@pytest.fixture
def start(tmp_path: Path) -> StartJob:
    """Starts jobs of one INPUT and OUT, each on `n_ranks` ranks in this process."""
    recordings(tmp_path / "in", N)

    def start(
        n_ranks: int = 4, rendering: Rendering | None = None, **options: Any
    ) -> AbstractContextManager[OneProcess]:
        running = Running(workers=2, progress="none", **options)
        return one_process(tmp_path / "in", tmp_path / "out", n_ranks, rendering, running)

    return start
