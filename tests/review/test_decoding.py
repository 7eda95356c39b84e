"""``ecgmpi verify --roundtrip``: pictures of an OUT come back as the signals of its recordings."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from scipy.io import loadmat, savemat

from ecgmpi.review.roundtrip.ink import by_centroid
from tests.corpora import synthetic
from tests.processes import QUICK, run_ecgmpi
from tests.review.checks import alter, verified, verify
from tests.review.conftest import Copied
from tests.roundtrip.trips import LEADS, corpus, strips

pytestmark = pytest.mark.slow

TRUTH = ("--annotate", "boxes")


def in_other_units(path: Path, factor: float) -> None:
    """Multiply a recording."""
    savemat(path, {"data": loadmat(path)["data"] * factor})


def test_real_leads_come_back_as_well_as_tests_roundtrip_says(
    test_data: Path, tmp_path: Path
) -> None:
    chosen = corpus(test_data)
    (tmp_path / "in").mkdir()
    for number, (record, lead) in enumerate(chosen[:LEADS]):
        path = tmp_path / "in" / f"{number:02d}.mat"
        savemat(path, {"data": record[lead][None]})
    options = (*TRUTH, "--dpi", "400", "--progress", "none")
    run_ecgmpi("render", tmp_path / "in", "-o", tmp_path / "OUT", *options).expect(0)
    found = verified(tmp_path / "OUT", "--roundtrip", str(LEADS), status=0)["roundtrip"]
    errors = [trip.error for trip in strips(chosen, by_centroid, dpi=400.0)]
    assert len(found["leads"]) == LEADS
    assert found["median_uv"] == pytest.approx(statistics.median(errors), abs=0.1)
    assert found["worst_uv"] == pytest.approx(max(errors), abs=0.1)
    assert found["leads"][0]["error_uv"] == found["worst_uv"]


def test_every_packing_gives_the_same_figures(
    files_out: Path, tar_out: Path, hdf5_out: Path
) -> None:
    of_files, *others = (
        verified(out, "--roundtrip", "9", status=0)["roundtrip"]
        for out in (files_out, tar_out, hdf5_out)
    )
    # Spread over all recordings, and not one lead again and again.
    keys = [lead["key"] for lead in of_files["leads"]]
    assert len(set(keys)) == 9
    assert {key.partition("-")[0] for key in keys} == {f"SYN{n:06d}" for n in range(1, 7)}
    assert len({key.partition("-")[2] for key in keys}) > 1
    assert others == [of_files, of_files]


def test_the_options_of_the_job_are_those_of_the_recordings(tmp_path: Path) -> None:
    """On pages, of a part of each recording, read in microvolts, with an own layout."""
    config = tmp_path / "job.toml"
    config.write_text(
        'layout = "pair"\nunits = "uV"\nstart = 0.5\nduration = 2.0\nannotate = "boxes"\n'
        'baseline = "median"\n[layouts.pair]\ncolumns = [["I", "-aVR"], ["V2", "V5"]]\n'
        "seconds = 2\n"
    )
    folder = synthetic(tmp_path / "in", 3, duration=3.0)
    for path in folder.glob("*.mat"):
        in_other_units(path, 1000.0)
    command = ("render", folder, "-o", tmp_path / "OUT", "--config", config, "--progress", "none")
    run_ecgmpi(*command, "--dpi", "150").expect(0)
    found = verified(tmp_path / "OUT", "--roundtrip", "3", status=0)["roundtrip"]
    assert len(found["leads"]) + found["crossing"] == 12
    assert {lead["lead"] for lead in found["leads"]} <= {"I", "aVR", "V2", "V5"}
    assert len(found["leads"]) > 6
    assert found["worst_uv"] < 110


def test_a_picture_of_another_signal_is_found(tmp_path: Path) -> None:
    """The bytes are those of the manifest, and a recording is not what was drawn."""
    folder, out = synthetic(tmp_path / "in", 3, duration=1.5), tmp_path / "OUT"
    run_ecgmpi("render", folder, "-o", out, *QUICK, "--leads", "I,II", *TRUTH).expect(0)
    in_other_units(folder / "SYN000001.mat", -3.0)
    (folder / "SYN000003.mat").unlink()
    told = verify(out, "--roundtrip", "6").expect(3).out
    assert "that is more than allowed" in told
    assert "could not be decoded: 2" in told
    found = verified(out, "--roundtrip", "6")
    assert found["altered"] == []
    found = found["roundtrip"]
    assert found["beyond_bounds"]
    assert found["leads"][0]["key"].startswith("SYN000001-")
    assert [one["key"] for one in found["undecoded"]] == ["SYN000003-I", "SYN000003-II"]
    assert "missing" in found["undecoded"][0]["why"]


@pytest.mark.parametrize(
    ("options", "said"), [((), "--annotate boxes"), (("--format", "svg", *TRUTH), "--format png")]
)
def test_what_cannot_be_decoded_is_one_line(
    corpus: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    given = (*QUICK, "--leads", "I", *options)
    run_ecgmpi("render", corpus, "-o", tmp_path / "OUT", *given).expect(3)
    (line,) = verify(tmp_path / "OUT", "--roundtrip", "1").expect(1).err.splitlines()
    assert said in line
    verify(tmp_path / "OUT").expect(0)


def test_options_that_cannot_be_restored_forbid_it_alone(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    job = out / ".ecgmpi/job.json"
    job.write_text(job.read_text().replace('"--units": "not given"', '"--units": "furlongs"'))
    (line,) = verify(out, "--roundtrip", "1").expect(1).err.splitlines()
    assert "--units furlongs" in line
    verified(out, status=0)
    alter(out / "images/SYN000001/SYN000001_I.png", 99)
    assert len(verified(out)["altered"]) == 1
