"""``--format``: what lands in OUT and how, whoever draws it."""

from __future__ import annotations

import os
import stat
import subprocess
import zlib
from pathlib import Path

import h5py
import pytest
from scipy.io import savemat

from tests.corpora import synthetic
from tests.outputs import assert_same, contents, failures
from tests.processes import ecgmpi
from tests.processes import run_ecgmpi as run

BEGINNINGS = {"svg": b"<?xml", "pdf": b"%PDF-", "jpg": b"\xff\xd8\xff"}


def files(out: Path) -> list[str]:
    return sorted(
        path.relative_to(out).as_posix() for path in (out / "images").rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(
    "kind",
    [kind if kind == "jpg" else pytest.param(kind, marks=pytest.mark.slow) for kind in BEGINNINGS],
)
def test_pictures_of_a_format_by_one_worker_or_two(tmp_path: Path, kind: str) -> None:
    corpus = synthetic(tmp_path / "in", 3)
    # Refused by its second lead: the first must not stay behind.
    savemat(corpus / "bad.mat", {"data": [[0.0] * 500, [0.0, float("inf")] * 250] * 6})
    wanted = {
        "strip": [f"images/SYN00000{k}/SYN00000{k}_II.{kind}" for k in (1, 2, 3)],
        "3x4": [f"images/SYN00000{k}.{kind}" for k in (1, 2, 3)],
    }
    for layout, options in (("strip", ("--leads", "II")), ("3x4", ())):
        for workers in ("1", "2"):
            out = tmp_path / f"{layout}{workers}"
            command = ("render", corpus, "-o", out, "--format", kind, "--layout", layout)
            run(*command, *options, "--dpi", "80", "--workers", workers).expect(3)
            assert files(out) == wanted[layout]
            assert [row["class"] for row in failures(out)] == ["infinite"]
        one, other = (tmp_path / f"{layout}{workers}" for workers in "12")
        assert_same(contents(one), contents(other))
        with h5py.File(one / "manifest.h5") as manifest:
            table = manifest["pictures"]
            for path, size, crc, width in zip(
                table["path"].asstr()[:],
                table["bytes"][:],
                table["crc32"][:],
                table["width_px"][:],
                strict=True,
            ):
                data = (one / path).read_bytes()
                assert data.startswith(BEGINNINGS[kind])
                assert (len(data), zlib.crc32(data)) == (size, crc)
                assert width > 100


@pytest.mark.slow
def test_a_supervisor_needs_no_font_cache_and_leaves_none(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 2)
    run("render", corpus, "-o", tmp_path / "plain", "--format", "pdf", "--dpi", "80").expect(0)
    cache = tmp_path / "cache"
    cache.mkdir()
    places = {"MPLCONFIGDIR": str(cache), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(cache)}
    command = ["render", corpus, "--format", "pdf", "--dpi", "80", "--workers", "2", "-o"]
    # All at once, as the ranks of a job would.
    jobs = [
        subprocess.Popen(
            list(map(str, ecgmpi(*command, tmp_path / f"OUT{k}"))),
            env=os.environ | places,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for k in range(3)
    ]
    for k, job in enumerate(jobs):
        _, errors = job.communicate(timeout=240)
        assert job.returncode == 0, errors
        assert "font" not in errors.lower()
        assert_same(contents(tmp_path / f"OUT{k}"), contents(tmp_path / "plain"))
    assert [path.name for path in cache.rglob("*font*")] == []
    cache.chmod(stat.S_IRUSR | stat.S_IXUSR)
    out = tmp_path / "read only"
    done = subprocess.run(
        list(map(str, ecgmpi(*command, out))),
        env=os.environ | places | {"MPLCONFIGDIR": "/dev/null/nowhere"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    cache.chmod(stat.S_IRWXU)
    assert done.returncode == 0, done.stderr
    assert_same(contents(out), contents(tmp_path / "plain"))


@pytest.mark.slow
def test_an_estimate_knows_the_format(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 2, duration=5.0)
    out = tmp_path / "out"
    said = [
        run("render", corpus, "-o", out, "--format", kind, "--dry-run").expect(0).out
        for kind in ("png", "svg")
    ]
    assert "about 24 pictures" in said[0]
    assert "about 24 pictures" in said[1]
    assert said[0] != said[1]
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "gif"), "--format gif: choose from png, svg, pdf, jpg"),
        (("--quality", "80"), "--quality is for jpg: add --format jpg, or leave it out"),
        (("--format", "jpg", "--quality", "0"), "--quality 0: give at least 1"),
        (("--format", "jpg", "--quality", "96"), "--quality 96: give at most 95"),
        (("--format", "jpg", "--quality", "9.5"), "--quality"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = run("render", synthetic(tmp_path / "in", 1), "-o", tmp_path / "out", *options).expect(2)
    assert words in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_an_out_of_another_format_is_refused(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    out = tmp_path / "out"
    run("render", corpus, "-o", out, "--format", "jpg", "--dpi", "60").expect(0)
    for options, word in ((("--format", "svg"), "--format"), (("--quality", "50"), "--quality")):
        kind = options if options[0] == "--format" else ("--format", "jpg", *options)
        done = run("render", corpus, "-o", out, "--dpi", "60", *kind)
        assert done.status == 2 or done.status == 1
        assert word in done.err
