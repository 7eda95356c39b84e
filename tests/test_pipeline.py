"""The pipeline: what it makes of a recording is what a job and ``ecgmpi show`` keep of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import ecgmpi
from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.errors import RecordingError, UsageError
from ecgmpi.options.rendering import Rendering
from ecgmpi.pipeline import Pipeline
from ecgmpi.rendered import RenderedPicture
from tests.processes import run_ecgmpi

BESIDE: dict[str, Any] = {"annotate": "lines", "mask": True, "dpi": 60.0}


def rendered(path: Path, rendering: Rendering) -> list[RenderedPicture]:
    pipeline = Pipeline.of(rendering)
    return list(pipeline.render(pipeline.read_and_check(path)).pictures)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    write_corpus(tmp_path / "in", 1, duration=2)
    (path,) = (tmp_path / "in").iterdir()
    return path


@pytest.mark.parametrize("layout", ["strip", "3x4+1"])
def test_a_job_keeps_the_files_and_the_rows_of_the_pipeline(
    recording: Path, tmp_path: Path, layout: str
) -> None:
    out = tmp_path / "out"
    assert ecgmpi.render(recording, out, layout=layout, workers=1, **BESIDE).status == 0
    pictures = rendered(recording, Rendering(layout=layout, **BESIDE))
    with h5py.File(out / "manifest.h5") as manifest:
        columns = manifest["pictures"]
        assert len(columns["path"]) == len(pictures)
        for number, picture in enumerate(pictures):
            path = columns["path"].asstr()[number]
            for name, value in picture.row(path).items():
                of_job = columns[name].asstr() if isinstance(value, str) else columns[name]
                assert of_job[number] == np.asarray(value, of_job.dtype), name
            stem = path.removesuffix(".png")
            for file in picture.files:
                assert (out / f"{stem}{file.ending}").read_bytes() == file.data


def test_show_writes_the_files_of_the_pipeline(recording: Path, tmp_path: Path) -> None:
    options = ("--layout", "3x4+1", "--dpi", "60", "--annotate", "lines", "--mask")
    run_ecgmpi("show", recording, "-o", tmp_path / "a.png", *options).expect(0)
    (picture,) = rendered(recording, Rendering(layout="3x4+1", **BESIDE))
    kinds = {file.ending: file.data for file in picture.files}
    assert list(kinds) == [".png", ".json", ".mask.png", ".points.npy"]
    assert {ending: (tmp_path / f"a{ending}").read_bytes() for ending in kinds} == kinds


def test_what_cannot_be_drawn_is_refused_by_the_step_that_finds_out(recording: Path) -> None:
    with pytest.raises(UsageError, match="paper"):
        Pipeline.of(Rendering(paper="a4"))
    pipeline = Pipeline.of(Rendering(leads=("V9",)))
    checked = pipeline.read_and_check(recording)
    with pytest.raises(RecordingError, match="V9"):
        list(pipeline.render(checked).pictures)
    with pytest.raises(RecordingError, match="is not there"):
        pipeline.read(recording.with_name("gone.mat"))
