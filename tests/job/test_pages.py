"""Pages from the job and from ``ecgmpi show``: where they land and what their rows say."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

from tests.corpora import synthetic
from tests.outputs import assert_same, contents, pictures, table
from tests.processes import run_ecgmpi as run

PAGE = ("--layout", "3x4+1", "--dpi", "60", "--progress", "none")


def test_a_recording_becomes_one_page_and_its_row_says_how(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in" / "deep", 3).parent
    out = tmp_path / "out"
    done = run("render", corpus, "-o", out, *PAGE, "--gain", "auto", "--theme", "blue")
    assert done.status == 0, done.err
    assert pictures(out) == [f"images/deep/SYN{k:06d}.png" for k in (1, 2, 3)]
    rows = table(out / "manifest.csv")
    assert [row["baseline"] for row in rows] == ["median"] * 3
    assert [row["pictures"] for row in rows] == ["1"] * 3
    with h5py.File(out / "manifest.h5") as manifest:
        leads = manifest["pictures/lead"].asstr()[0].split()
        assert len(leads) == 12
        assert set(manifest["pictures/px_per_mv"][:]) <= {g * 60 / 25.4 for g in (5, 10, 20)}
        assert (manifest["pictures/bytes"][:] == [float(row["bytes"]) for row in rows]).all()
        assert (manifest["pictures/x0_px"][:] > 0).all()


def test_pages_are_the_same_bytes_by_one_worker_or_two(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 5)
    for workers in ("1", "2"):
        out = tmp_path / workers
        assert run("render", corpus, "-o", out, *PAGE, "--workers", workers).status == 0
    assert_same(contents(tmp_path / "1"), contents(tmp_path / "2"))


def test_what_is_left_out_of_a_page_is_in_the_notes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    scipy.io.savemat(tmp_path / "in" / "long.mat", {"data": np.zeros((12, 15000))})
    out = tmp_path / "out"
    assert run("render", tmp_path / "in", "-o", out, *PAGE).status == 0
    (row,) = table(out / "manifest.csv")
    assert "the first 10 s of 30 s are drawn" in row["notes"]
    assert row["samples"] == "5000"


def long_recordings(folder: Path) -> Path:
    """One of three pages beside one of a single page, and one that fails after two pages."""
    folder.mkdir()
    signal = np.tile(np.sin(np.arange(15000) / 50), (12, 1)) * np.linspace(0.5, 1.5, 15000)
    scipy.io.savemat(folder / "long.mat", {"data": signal})
    scipy.io.savemat(folder / "short.mat", {"data": signal[:, :3000]})
    signal[3, 14000] = np.inf
    scipy.io.savemat(folder / "bad.mat", {"data": signal})
    return folder


@pytest.mark.slow
def test_all_pages_of_long_recordings_and_a_row_for_each(tmp_path: Path) -> None:
    corpus, out = long_recordings(tmp_path / "in"), tmp_path / "out"
    words = ("render", corpus, "-o", out, *PAGE, "--pages", "all")
    assert "about 4 pictures" in run(*words, "--dry-run").expect(0).out
    run(*words).expect(3)
    assert pictures(out) == [
        *(f"images/long/long_p00{k}.png" for k in (1, 2, 3)),
        "images/short/short_p001.png",
    ]
    assert not (out / "images" / "bad").exists()
    with h5py.File(out / "manifest.h5") as manifest:
        rows = manifest["pictures"]
        assert list(rows["start_s"]) == [0.0, 10.0, 20.0, 0.0]
        top = [float(value) for value in rows["max_mv"]]
        assert top[0] < top[1] < top[2]
        assert [path.decode() for path in rows["path"]] == pictures(out)
    said = {row["name"]: row for row in table(out / "manifest.csv")}
    assert (said["long"]["samples"], said["long"]["pictures"]) == ("15000", "3")
    assert "are drawn" not in said["long"]["notes"]
    # And it continues with what it has.
    assert "nothing was drawn" in run(*words).expect(3).out
    done = run("render", corpus, "-o", out, *PAGE).expect(1)
    assert "--pages was all, now not given" in done.err


def test_show_draws_all_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = long_recordings(tmp_path / "in") / "long.mat"
    words = ("show", source, "--layout", "6x2", "--pages", "all", "--dpi", "60")
    done = run(*words, "--start", "5", "--duration", "12").expect(0)
    assert [path.name for path in sorted(tmp_path.glob("*.png"))] == [
        "long_p001.png",
        "long_p002.png",
    ]
    assert done.out.count("pixels") == 2
    assert "-o names one picture" in run(*words, "-o", tmp_path / "a.png").expect(2).err


@pytest.mark.parametrize("layout", ["12x1", "1"])
def test_show_draws_a_page(tmp_path: Path, layout: str) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    (source,) = sorted(Path(corpus).glob("*.mat"))
    picture = tmp_path / "page.png"
    done = run("show", source, "--layout", layout, "--paper", "letter", "-o", picture)
    assert done.status == 0, done.err
    assert f"{picture}: 2200 x 1700 pixels" in done.out


def test_what_is_for_pages_alone_is_refused_for_strips(tmp_path: Path) -> None:
    done = run("render", synthetic(tmp_path / "in", 1), "-o", tmp_path / "out", "--gain", "auto")
    assert done.status == 2
    assert "--gain auto is for pages" in done.err


@pytest.mark.parametrize(
    "options",
    [
        ("--leads", "MLII"),
        ("--layout", "6x2", "--leads", "MLII,V5", "--pages", "all"),
        ("--config", "job.toml"),
    ],
)
def test_leads_of_any_name_are_drawn(
    tmp_path: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    wave = np.sin(np.arange(2000) / 40)
    np.savetxt("in/two.csv", np.stack([wave, -wave], 1), "%.4f", ",", header="MLII,V5", comments="")
    Path("job.toml").write_text('layout = "own"\n[layouts.own]\ncolumns = [["MLII"]]\n')
    assert run("render", "in", "-o", "out", "--dpi", "50", *options).status == 0
    (row,) = table(Path("out/manifest.csv"))
    assert row["status"] == "drawn"
    assert row["leads"].startswith("MLII")


def test_a_page_that_is_too_large_whatever_is_on_it_fails_alone(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 2)
    huge = ("--layout", "12x1", "--speed", "1000", "--dpi", "1200")
    assert run("render", corpus, "-o", tmp_path / "out", *huge).status == 3
    rows = table(tmp_path / "out" / "manifest.csv")
    assert [row["class"] for row in rows] == ["too-large", "too-large"]
