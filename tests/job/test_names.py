"""Recordings of any name through a whole job: each is found again, in all that is written."""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import h5py
import numpy as np
import pytest

from ecgmpi import cli
from ecgmpi.errors import RecordingError
from ecgmpi.names import original
from ecgmpi.readers import read
from tests.corpora import synthetic
from tests.outputs import assert_same, contents, failures, manifest, n_journaled
from tests.processes import QUICK, ecgmpi, run_ecgmpi, started

BYTES = (
    b"caf\xe9", b"\xff", b"\xfe\xff", b"\x80", b"cut \xe2\x82", b"overlong \xc0\xaf", b"\xc0\x80",
    b"cesu \xed\xa0\xbd\xed\xb8\x80", b"beyond \xf5\x80\x80\x80", b"\x83e\x83X\x83g",
    b"lone \xed\xb3\xbf", b"\xfd" * 12,
)  # fmt: skip
"""Names that are not UTF-8, in several ways."""

CONTROL = (
    b"new\nline", b"\n", b"tab\t", b"\rreturn", b"\r\n", b"\x1b[31mred", b"bell\x07", b"\x7f",
    "next\x85line".encode(), "\u2028".encode(), "\u202eknil".encode(),
)  # fmt: skip
"""Names that would break or turn around the line that they stand on."""

ESCAPES = (
    b"\\xff", b"\\\\xff", b"\\", b"a\\b", b"a\\\\b", b"caf\\xe9", b"new\\x0aline", b"new\\nline",
    b"\\xFF", b"\\x0a\n", b"%5Cxff", b"\\udcff",
)  # fmt: skip
"""Names that look like the escapes of others."""

ORDINARY = (
    b"plain", b" before", b"after ", b"dot.", b"-dash", b"--out", b"a,b;c", b'"quoted"', b"it's",
    b"100%s%n", b"=1+1", b"@list", b"~", b"*", b"?", b"[a-z]", b"#3", b"rec#3", b"$HOME `id`", b"|",
    b"<&>", b"c:d", b"caf\xc3\xa9", b"cafe\xcc\x81", "אבג".encode(), "العربية".encode(),
    "👩\u200d⚕️ 🫀".encode(), "心電圖".encode(), "\ufeff".encode(), "\xa0".encode(),
    "\uffff".encode(), "\ue000".encode(),
)  # fmt: skip
"""Names that are UTF-8 on one line, and are written as they are."""

NAMES = (*BYTES, *CONTROL, *ESCAPES, *ORDINARY)

LONG = b"n" * 251
"""The longest name of a MATLAB file: with its ending it has 255 bytes."""

TOO_LONG = b"\xfe" * 70
"""A name whose escaped form no file may have."""

FOLDER = b"fol\xfcder\n"


def fill(folder: Path) -> Path:
    """A recording of each name; the first of them also in a folder, and one file of two."""
    (source,) = map(os.fsencode, synthetic(folder / "source", 1).iterdir())
    corpus = os.fsencode(folder) + b"/in"
    os.makedirs(corpus + b"/" + FOLDER)  # noqa: PTH103 - bytes
    for name in (*NAMES, LONG, TOO_LONG, *(FOLDER + b"/" + name for name in BYTES[:2])):
        shutil.copy(source, corpus + b"/" + name + b".mat")
    with h5py.File(corpus + b"/" + FOLDER + b"/two\n.h5", "w") as file:
        file.create_dataset("tracings", data=np.zeros((2, 500, 12)))
    return folder / "in"


EXPECTED = {*NAMES, LONG, TOO_LONG} | {
    FOLDER + b"/" + name for name in (*BYTES[:2], b"two\n#0", b"two\n#1")
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("names"))


STRIPS: tuple[object, ...] = (*QUICK, "--leads", "II", "--annotate", "boxes", "--rate", "500")
PAGES: tuple[object, ...] = (*QUICK, "--layout", "3x4", "--rate", "500")


def bytes_of(text: str) -> bytes:
    """The name of a file that is written as `text`, which must be valid UTF-8 on one line."""
    assert len(f"{text}.".splitlines()) == 1
    text.encode()
    return os.fsencode(original(text))


def text_of(png: bytes) -> dict[str, Any]:
    """What the text of a PNG says, as a strict reader takes it."""
    at = png.index(b"iTXtecgmpi")
    (size,) = struct.unpack(">I", png[at - 4 : at])
    said: dict[str, Any] = json.loads(png[at + 4 : at + 4 + size].split(b"\0", 5)[5].decode())
    return said


@pytest.mark.slow
def test_each_name_is_found_in_all_that_a_job_writes(corpus: Path, tmp_path: Path) -> None:
    for options, refused in ((STRIPS, {LONG, TOO_LONG}), (PAGES, {TOO_LONG})):
        out = tmp_path / str(len(refused))
        ended = run_ecgmpi("render", corpus, "-o", out, *options).expect(3)
        assert ended.complaints == []
        assert f"{len(refused)} failed (bad-name {len(refused)})" in ended.out
        _check_rows(out, refused)
        _check_pictures(out, refused)
        before = contents(out)
        again = run_ecgmpi("render", corpus, "-o", out, *options, "--verify").expect(3)
        assert "nothing was drawn" in again.out
        assert_same(before, contents(out))


def _check_rows(out: Path, refused: set[bytes]) -> None:
    rows = manifest(out)
    assert {bytes_of(row["name"]) for row in rows} == EXPECTED
    assert len(rows) == len(EXPECTED)
    for row in rows:
        name, source = bytes_of(row["name"]), bytes_of(row["source"])
        ending = b".h5" + name[-2:] if b"two\n#" in name else b".mat"
        assert source == (name[:-2] if b"two\n#" in name else name) + ending
    failed = failures(out)
    assert {bytes_of(row["name"]) for row in failed} == refused
    assert {row["message"].partition(":")[0] for row in failed} == {"File name too long"}
    written = {row["name"] for row in rows}
    assert {name.decode() for name in ORDINARY} <= written
    assert written >= {r"caf\xe9", "café", "cafe\u0301", r"\xff", r"\\xff", r"a\b", r"new\x0aline"}
    with h5py.File(out / "manifest.h5") as file:
        table = file["recordings"]
        assert table["name"].asstr()[:].tolist() == [row["name"] for row in rows]
        assert table["source"].asstr()[:].tolist() == [row["source"] for row in rows]


def _check_pictures(out: Path, refused: set[bytes]) -> None:
    with h5py.File(out / "manifest.h5") as file:
        names = file["recordings/name"].asstr()[:]
        rows = file["pictures"]
        owners = names[rows["recording"][:]]
        paths = rows["path"].asstr()[:].tolist()
        sizes = rows["bytes"][:]
    assert {bytes_of(name) for name in owners} == EXPECTED - refused
    files = {path.relative_to(out).as_posix() for path in (out / "images").rglob("*.png")}
    assert set(paths) == files
    assert len(paths) == len(files) == len(EXPECTED - refused)
    for name, path, size in zip(owners, paths, sizes, strict=True):
        picture = (out / path).read_bytes()
        assert len(picture) == size
        own = name.rpartition("/")[2]
        assert path in (f"images/{name}.png", f"images/{name}/{own}_II.png")
        assert text_of(picture)["record"] == own
        if path.endswith("_II.png"):
            beside = (out / path).with_suffix(".json").read_text("utf-8")
            assert json.loads(beside)["record"] == own


@pytest.mark.slow
def test_a_job_that_was_killed_goes_on_whatever_the_names(corpus: Path, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    command = ("render", corpus, "-o", out, *STRIPS, "--workers", "1")
    with started(ecgmpi(*command)) as running:
        running.until(lambda: n_journaled(out) > 5)
        running.signal(signal.SIGKILL)
        running.until_over()
    assert n_journaled(out) < len(EXPECTED)
    run_ecgmpi(*command).expect(3)
    run_ecgmpi("render", corpus, "-o", whole, *STRIPS).expect(3)
    assert_same(contents(whole), contents(out))


@pytest.mark.slow
def test_a_picture_that_is_gone_is_drawn_again(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_ecgmpi("render", corpus, "-o", out, *PAGES).expect(3)
    before = contents(out)
    for name in (r"\xff", r"\\xff", r"new\x0aline", "cafe\u0301"):
        (out / "images" / f"{name}.png").unlink()
    again = run_ecgmpi("render", corpus, "-o", out, *PAGES).expect(3)
    assert "4 recordings drawn before had a picture missing" in again.out
    assert_same(before, contents(out))


def test_a_list_may_name_any_file(corpus: Path, tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    lines = [name for name in NAMES if not {10, 13}.intersection(name)]
    folder = os.fsencode(corpus)
    listing.write_bytes(b"".join(folder + b"/" + name + b".mat\n" for name in lines))
    out = tmp_path / "out"
    run_ecgmpi("render", f"@{listing}", "-o", out, *PAGES).expect(0)
    assert {bytes_of(row["name"]) for row in manifest(out)} == set(lines)


def test_inspect_says_which_file_is_meant(corpus: Path) -> None:
    folder = os.fsencode(corpus)
    done = run_ecgmpi("inspect", "--json", corpus, "--rate", "500").expect(0)
    said = [json.loads(line) for line in done.out.splitlines()]
    files = {bytes_of(one["file"]).removeprefix(folder + b"/") for one in said}
    stems = {name + b".mat" for name in EXPECTED if b"two\n#" not in name}
    assert files == stems | {FOLDER + b"/two\n.h5#0", FOLDER + b"/two\n.h5#1"}
    lines = run_ecgmpi("inspect", corpus, "--rate", "500").expect(0).out.split("\n")
    listed = [line.rpartition(f"  {corpus}/")[2] for line in lines if str(corpus) in line]
    names = [line.partition(".mat")[0].partition(".h5")[0] for line in listed]
    assert len(listed) == len(EXPECTED)
    assert {bytes_of(name) for name in names} == {
        name[:-2] if b"two\n#" in name else name for name in EXPECTED
    }


@pytest.mark.slow
def test_show_draws_any_file(
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate((*NAMES, b".hidden")):
        ending = ("png", "jpg", "svg", "pdf")[number % 4]
        file = os.fsdecode(os.fsencode(tmp_path) + b"/" + name + b".mat")
        os.link(corpus / "plain.mat", file)
        options = ("--layout", "3x4", "--dpi", "60", "--format", ending)
        assert cli.main(["show", file, *options]) == 0
        (said, *_) = capsys.readouterr().out.split("\n")
        picture = said.rpartition(": ")[0]
        assert bytes_of(picture) == name + f".{ending}".encode()
        data = Path(picture).read_bytes()
        if ending == "png":
            assert text_of(data)["record"] == picture.removesuffix(".png")
        if ending == "svg":
            fromstring(data)


def test_a_picture_goes_where_it_was_named(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (b"caf\xe9.png", b"caf\\xe9.png", b"new\nline.png"):
        picture = os.fsencode(tmp_path) + b"/" + name
        command = ["show", str(corpus / "plain.mat"), "-o", os.fsdecode(picture), "--dpi", "60"]
        assert cli.main(command) == 0
        (said, *_) = capsys.readouterr().out.split("\n")
        assert bytes_of(said.rpartition(": ")[0]) == picture
        assert os.path.isfile(picture)  # noqa: PTH113 - bytes


@pytest.mark.slow
def test_what_a_name_contains_is_not_changed_unseen(corpus: Path, tmp_path: Path) -> None:
    there = tmp_path / "in"
    shutil.copytree(corpus, there)
    command = ("render", there, "-o", tmp_path / "out", *PAGES, "--strict")
    assert "1 failed (bad-name 1)" in run_ecgmpi(*command).expect(3).out
    path = there / os.fsdecode(b"caf\xe9.mat")
    stat = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    refused = run_ecgmpi(*command).expect(1)
    assert len(refused.complaints) == 1
    assert r"the content of caf\xe9.mat has changed" in refused.err


def test_the_longest_names_are_read_as_others_are(tmp_path: Path) -> None:
    junk = tmp_path / ("n" * 253 + ".q")
    junk.write_bytes(b"junk")
    with pytest.raises(RecordingError, match="not a recording in a known format"):
        read(junk)
    many = tmp_path / ("n" * 252 + ".h5")
    with h5py.File(many, "w") as file:
        file.create_dataset("tracings", data=np.zeros((2, 500, 12)))
    options = ("--rate", "500", "--units", "mV")
    done = run_ecgmpi("inspect", "--json", f"{many}#1", *options).expect(0)
    assert json.loads(done.out)["file"] == f"{many}#1"
