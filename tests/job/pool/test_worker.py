"""What a worker says of the time a recording took: all of it, where it was spent."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ecgmpi.corpus.item import Item
from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.job.pool.messages import JobSpec
from ecgmpi.job.pool.worker import RecordingRenderer
from ecgmpi.options.rendering import Rendering
from ecgmpi.results.result import Result
from ecgmpi.results.timing import CHECKING, DRAWING, READING, STAGES, WRITING
from tests.corpora import broken


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = broken(tmp_path_factory.mktemp("worker"))
    write_corpus(folder, 2, duration=2)
    return folder


def rendered(inputs: Path, out: Path, *names: str, problem: RecordingError | None = None) -> Result:
    """What one worker makes of the last of some recordings, after the others."""
    results: list[Result] = []
    renderer = RecordingRenderer(JobSpec(Rendering(dpi=60), out, "files", 60.0))
    for index, name in enumerate(names):
        path = inputs / f"{name}.mat"
        began = time.monotonic()
        answer = renderer.render(Item(index, name, path.name, str(path), problem=problem))
        lasted = time.monotonic() - began
        assert isinstance(answer, Result)
        assert answer.timing
        assert began <= answer.timing.ended <= began + lasted
        # No time is counted twice, and none of another recording.
        assert 0 < sum(answer.timing.seconds) <= lasted
        results.append(answer)
    return results[-1]


def stages(result: Result) -> list[int]:
    """The stages that took any time at all."""
    assert result.timing
    return [k for k in range(len(STAGES)) if result.timing.seconds[k] > 0]


def test_a_recording_that_is_drawn_takes_time_in_every_stage(inputs: Path, tmp_path: Path) -> None:
    result = rendered(inputs, tmp_path, "SYN000001")
    assert not result.failed
    assert stages(result) == [READING, CHECKING, DRAWING, WRITING]


@pytest.mark.parametrize(
    ("name", "kind", "last"),
    [
        ("truncated", FailureKind.TRUNCATED, READING),
        ("gone", FailureKind.MISSING, READING),
        ("counts", FailureKind.TOO_LARGE, DRAWING),
    ],
)
def test_one_that_fails_takes_time_up_to_where_it_failed(
    name: str, kind: FailureKind, last: int, inputs: Path, tmp_path: Path
) -> None:
    """Also after another that came further: no time of that one is left over."""
    result = rendered(inputs, tmp_path, "SYN000001", name)
    assert result.recording["class"] == kind
    assert stages(result) == list(range(last + 1))


def test_one_that_cannot_be_stored_took_its_time_to_be_drawn(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "images" / "SYN000002" / "SYN000002_I.png").mkdir(parents=True)
    result = rendered(inputs, tmp_path, "SYN000002")
    assert result.recording["class"] == FailureKind.BAD_NAME
    assert stages(result) == [READING, CHECKING, DRAWING, WRITING]


def test_one_that_the_catalogue_refuses_takes_next_to_no_time(inputs: Path, tmp_path: Path) -> None:
    problem = RecordingError(FailureKind.BAD_NAME, "two of that name", "rename one")
    result = rendered(inputs, tmp_path, "SYN000001", problem=problem)
    assert result.failed
    assert stages(result) == [READING]
