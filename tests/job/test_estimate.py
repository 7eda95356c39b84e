"""``--dry-run``: an estimate from a few recordings, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecgmpi.errors import UsageError
from ecgmpi.job.estimate import SAMPLE, estimate
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running
from tests.corpora import synthetic


def test_a_few_recordings_are_drawn_and_stand_for_all(tmp_path: Path) -> None:
    corpus, n = synthetic(tmp_path / "in", 3 * SAMPLE), 3 * SAMPLE
    (corpus / "SYN000001.mat").write_bytes(b"")
    (corpus / "notes.txt.gone").write_text("no recording")
    found = estimate([str(corpus)], tmp_path / "OUT", Rendering(dpi=60.0), Running(workers=2))
    assert (found.recordings, found.chunks, found.ignored) == (n, n, 1)
    assert [result.index for result in found.sampled] == list(range(0, n, 3))
    assert [result.failed for result in found.sampled] == [True] + [False] * (SAMPLE - 1)
    # Twelve leads of eleven recordings in twelve.
    assert found.pictures == n * 12 * (SAMPLE - 1) / SAMPLE
    drawn = sum(result.recording["bytes"] for result in found.sampled)
    assert found.output_bytes == 3 * drawn > 0
    assert found.input_bytes == sum(path.stat().st_size for path in corpus.glob("*.mat"))
    assert not (tmp_path / "OUT").exists()


def test_what_the_job_would_refuse_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(UsageError, match="no recording found in"):
        estimate([str(tmp_path / "in")], tmp_path / "OUT", Rendering(), Running(workers=1))
