"""What a job of worn copies makes of recordings that cannot be worn, and of damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from ecgmpi.drawing.picture import Picture
from ecgmpi.job.pool.messages import JobSpec
from ecgmpi.job.pool.worker import prepare
from ecgmpi.options.rendering import Rendering
from ecgmpi.wear import worn
from ecgmpi.wear.mapping.control_grid import MOST_SIDE
from tests.corpora import synthetic
from tests.outputs import contents, failures, manifest
from tests.processes import QUICK, ecgmpi, run

STRIP = (*QUICK, "--leads", "II", "--wear", "photo,scan-bw", "--workers", "1")


def test_a_picture_too_large_to_be_worn_fails_alone(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 2)
    long = np.zeros((12, 700 * 500), np.int16)
    long[:, ::400] = 1
    savemat(corpus / "LONG.mat", {"data": long})
    ended = run(ecgmpi("render", corpus, "-o", tmp_path / "OUT", *STRIP)).expect(3)
    assert ended.complaints == []
    (row,) = failures(tmp_path / "OUT")
    assert (row["name"], row["class"]) == ("LONG", "too-large")
    assert f"to {MOST_SIDE:,} px" in row["message"]
    assert "--duration" in row["remedy"]
    assert [row["status"] for row in manifest(tmp_path / "OUT")] == ["failed", "drawn", "drawn"]
    # Its clean picture, which could be drawn, is gone with it.
    made = contents(tmp_path / "OUT")
    assert not [path for path in made if "LONG" in path]
    assert len([path for path in made if "~" in path and path.endswith("jpg")]) >= 2


def test_a_recording_called_as_a_copy_is_refused_by_its_name(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    (corpus / "SYN000001.mat").rename(corpus / "X.mat")
    (corpus / "X~photo1.mat").write_bytes((corpus / "X.mat").read_bytes())
    page = (*QUICK, "--layout", "3x4", "--wear", "photo", "--workers", "1")
    run(ecgmpi("render", corpus, "-o", tmp_path / "OUT", *page)).expect(3)
    (row,) = failures(tmp_path / "OUT")
    assert (row["name"], row["class"]) == ("X~photo1", "bad-name")
    assert "X~photo1.jpg" in {Path(path).name for path in contents(tmp_path / "OUT")}


@pytest.mark.slow
def test_a_worn_copy_that_is_damaged_is_found_and_made_again(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 2), tmp_path / "OUT"
    command = ecgmpi("render", corpus, "-o", out, *STRIP)
    run(command).expect(0)
    before = contents(out)
    path = out / "images" / "SYN000001" / "SYN000001_II~photo1.jpg"
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    path.with_suffix(".map.npy").unlink()
    said = run(ecgmpi("verify", out)).expect(3).out
    assert "SYN000001_II~photo1.jpg: CRC-32" in said
    assert "SYN000001_II~photo1.map.npy" in said
    run([*command, "--verify"]).expect(0)
    run(ecgmpi("verify", out)).expect(0)
    assert contents(out) == before


def test_a_supervisor_wears_a_picture_before_it_forks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenCV and what is kept for the next picture are loaded once, not by each worker."""
    worn_copies = []

    def watched(picture: Picture, *arguments: object) -> worn.WornPicture:
        worn_copies.append(picture.width)
        return worn.wear(picture, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("ecgmpi.wear.truth.outputs.wear", watched)
    prepare(JobSpec(Rendering(dpi=60.0, wear=("photo:2", "scan")), tmp_path, "files", 60.0))
    assert len(worn_copies) == 1
