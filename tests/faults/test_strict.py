"""``--strict``: a file whose content has changed is refused, though it looks the same."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.readers.content_hash import content_sum
from tests.corpora import synthetic
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, journaled, manifest, n_journaled, table
from tests.processes import QUICK, Ended, run, run_ecgmpi, started

STRICT = (*QUICK, "--leads", "II", "--strict")

HEADER = """rec 1 500 500
rec.dat 16 1000/mV 16 0 0 0 0 II
"""


def _alter(path: Path) -> None:
    """Another content, of the same size and time."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _refused(ended: Ended, *names: str) -> None:
    (words,) = ended.complaints
    assert [name for name in names if f"the content of {name} has changed" not in words] == []
    assert words.count("the content of") == len(names)
    assert "start afresh with --overwrite" in words


@pytest.mark.slow
def test_the_manifest_says_what_each_was_read_from(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 3), tmp_path / "OUT"
    (corpus / "BAD.mat").write_bytes(b"this is none")
    (corpus / "GONE.mat").symlink_to("nowhere")
    run_ecgmpi("render", corpus, "-o", out, *STRICT).expect(3)
    rows = {row["name"]: row["content"] for row in manifest(out)}
    assert rows.pop("GONE") == ""
    for name, content in rows.items():
        assert content == hashlib.sha256((corpus / f"{name}.mat").read_bytes()).hexdigest()
    run_ecgmpi("render", corpus, "-o", out, *STRICT).expect(3)
    loose = tmp_path / "loose"
    run_ecgmpi("render", corpus, "-o", loose, *STRICT[:-1]).expect(3)
    assert {row["content"] for row in manifest(loose)} == {""}
    refused = run_ecgmpi("render", corpus, "-o", loose, *STRICT).expect(1)
    assert "--strict was False, now True" in refused.err


@pytest.mark.slow
def test_files_that_have_changed_are_named_and_nothing_is_drawn(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 8), tmp_path / "OUT"
    (corpus / "SYN000005.mat").write_bytes(b"not a recording" * 10)
    whole = shutil.copytree(corpus, tmp_path / "whole")
    run_ecgmpi("render", corpus, "-o", out, *STRICT).expect(3)
    before = contents(out)
    # A picture is gone, too: it must not be drawn again from another file.
    (out / "images" / "SYN000002" / "SYN000002_II.png").unlink()
    for number in (2, 5):
        _alter(corpus / f"SYN{number:06d}.mat")
    names = ["SYN000002.mat", "SYN000005.mat"]
    for options in ((), ("--retry-failed",), ("--verify",)):
        again = run_ecgmpi("render", corpus, "-o", out, *STRICT, *options).expect(1)
        _refused(again, *names)
    assert sorted(before.keys() - contents(out)) == ["images/SYN000002/SYN000002_II.png"]
    for number in (3, 7):
        _alter(corpus / f"SYN{number:06d}.mat")
    many = run_ecgmpi("render", corpus, "-o", out, *STRICT).expect(1)
    _refused(many, "SYN000002.mat", "SYN000003.mat", "SYN000005.mat")
    assert "and 1 more;" in many.err
    # What they were is what they were.
    for path in whole.iterdir():
        shutil.copy2(path, corpus)
    run_ecgmpi("render", corpus, "-o", out, *STRICT).expect(3)
    assert_same(contents(out), before)


@pytest.mark.slow
@pytest.mark.mpi
def test_a_job_that_goes_on_looks_before_it_draws(
    launcher: Flavour, many: Path, tmp_path: Path
) -> None:
    corpus, out = shutil.copytree(many, tmp_path / "in"), tmp_path / "OUT"
    command = launcher.command(3, "render", corpus, "-o", out, *STRICT, "--workers", "1")
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 20)
        for pid in job.processes():
            job.signal(9, pid)
        job.until_over()
    # One recording a chunk, in the order of names: SYN000001 is chunk 0.
    done = {chunk for chunks in journaled(out).values() for chunk in chunks}
    one, other = f"SYN{max(done) + 1:06d}.mat", "SYN000150.mat"
    assert len(done) < 140
    _alter(corpus / one)
    _alter(corpus / other)
    _refused(run(command).expect(1), one)
    # What was started before the last file was checked may have been drawn.
    assert n_journaled(out) < 140


def _dat(folder: Path) -> Path:
    return folder / "rec.dat"


def _header(folder: Path) -> Path:
    return folder / "rec.hea"


@pytest.mark.slow
@pytest.mark.parametrize("which", [_dat, _header])
def test_files_beside_a_header_count(which: Callable[[Path], Path], tmp_path: Path) -> None:
    corpus, out = tmp_path / "in", tmp_path / "OUT"
    corpus.mkdir()
    (corpus / "rec.hea").write_text(HEADER + "#" + "\n" * 200)
    np.arange(500, dtype="<i2").tofile(corpus / "rec.dat")
    command = ("render", corpus, "-o", out, *STRICT)
    run_ecgmpi(*command).expect(0)
    run_ecgmpi(*command).expect(0)
    _alter(which(corpus))
    _refused(run_ecgmpi(*command).expect(1), "rec.hea")


def test_segments_and_their_signals_count(tmp_path: Path) -> None:
    (tmp_path / "all.hea").write_text("all/2 1 500 1000\nrec 500\nrec 500\n")
    (tmp_path / "rec.hea").write_text(HEADER)
    samples = tmp_path / "rec.dat"
    np.arange(500, dtype="<i2").tofile(samples)
    before = content_sum(tmp_path / "all.hea")
    assert len(before) == 64
    _alter(samples)
    after = content_sum(tmp_path / "all.hea")
    samples.unlink()
    gone = content_sum(tmp_path / "all.hea")
    assert len({before, after, gone}) == 3


def test_what_is_no_file_has_no_sum(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mat")
    assert content_sum(tmp_path / "pipe.mat") == ""
    assert content_sum(tmp_path) == ""
    assert content_sum(tmp_path / "nothing.mat") == ""


@pytest.mark.slow
def test_recordings_of_one_file_share_its_sum(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    corpus, out = tmp_path / "in", tmp_path / "OUT"
    corpus.mkdir()
    path = corpus / "many.h5"
    with h5py.File(path, "w") as file:
        file["data"] = np.random.default_rng(1).normal(0, 0.3, (3, 12, 500)).astype("f4")
    command = ("render", corpus, "-o", out, *STRICT)
    run_ecgmpi(*command).expect(0)
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert [row["content"] for row in table(out / "manifest.csv")] == [expected] * 3
    _alter(path)
    names = [f"many.h5#{number}" for number in range(3)]
    _refused(run_ecgmpi(*command).expect(1), *names)
