"""--annotate, --mask, --masks by a job and by show: what lands beside pictures, and its rows."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

import h5py
import pytest
from jsonschema import Draft202012Validator

from ecgmpi.drawing import schema
from ecgmpi.results.columns import NO_FILES
from tests.corpora import synthetic
from tests.outputs import assert_same, contents, failures, manifest
from tests.processes import run_ecgmpi as run

SMALL = ("--dpi", "60", "--progress", "none")
BESIDE = ("--annotate", "lines", "--mask", "--masks", "text,bits,grid")


@pytest.mark.slow
@pytest.mark.parametrize("layout", [pytest.param("strip", marks=pytest.mark.slow), "3x4+1"])
def test_the_manifest_knows_every_file_and_nothing_else_changes(
    tmp_path: Path, layout: str
) -> None:
    corpus = synthetic(tmp_path / "in", 3)
    options = (*SMALL, "--layout", layout)
    for name, more in (
        ("plain", ("--workers", "1")),
        ("one", (*BESIDE, "--workers", "1")),
        ("two", (*BESIDE, "--workers", "2")),
    ):
        run("render", corpus, "-o", tmp_path / name, *options, *more).expect(0)
    assert_same(contents(tmp_path / "one"), contents(tmp_path / "two"))
    plain, one = contents(tmp_path / "plain"), contents(tmp_path / "one")
    assert {path: one[path] for path in plain if path.startswith("images")} == {
        path: digest for path, digest in plain.items() if path.startswith("images")
    }
    found = {path for path in one if path.startswith("images")}
    total = 0
    with h5py.File(tmp_path / "one" / "manifest.h5") as file:
        pictures = file["pictures"]
        for row, path in enumerate(pictures["path"].asstr()[:]):
            stem = path.removesuffix(".png")
            for suffix, prefix in (
                (".png", ""),
                (".json", "annotation_"),
                (".mask.png", "mask_"),
                (".bits.png", "bits_"),
                (".grid.png", "grid_"),
                (".text.png", "text_"),
                (".points.npy", "points_"),
            ):
                data = (tmp_path / "one" / f"{stem}{suffix}").read_bytes()
                assert pictures[f"{prefix}bytes"][row] == len(data)
                assert pictures[f"{prefix}crc32"][row] == zlib.crc32(data)
                found.remove(f"{stem}{suffix}")
                total += len(data)
            said = json.loads((tmp_path / "one" / f"{stem}.json").read_text())
            Draft202012Validator(schema()).validate(said)
            assert said["width"] == pictures["width_px"][row]
            assert said["leads"][0]["x0"] == pictures["x0_px"][row]
    assert not found
    assert total == sum(int(row["bytes"]) for row in manifest(tmp_path / "one"))
    with h5py.File(tmp_path / "plain" / "manifest.h5") as file:
        for name in NO_FILES.keys() - {"bytes", "crc32"}:
            assert not file["pictures"][name][:].any()


def test_a_mask_does_not_take_the_name_of_another_page(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 3)
    (corpus / "SYN000002.mat").rename(corpus / "SYN000001.mask.mat")
    (corpus / "SYN000003.mat").rename(corpus / "SYN000001.bits.mat")
    out = tmp_path / "out"
    run("render", corpus, "-o", out, *SMALL, "--layout", "3x4", *BESIDE).expect(3)
    bits, mask = failures(out)
    assert mask["name"] == "SYN000001.mask"
    assert bits["name"] == "SYN000001.bits"
    assert "with --masks bits, no recording may be called *.bits" in bits["message"]
    assert "leave out --mask" in mask["remedy"]
    for kind in ("mask", "bits"):
        assert (out / "images" / f"SYN000001.{kind}.png").exists()


@pytest.mark.slow
def test_a_dry_run_counts_what_stands_beside(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 2)
    sizes = []
    for more in ((), BESIDE):
        done = run("render", corpus, "-o", tmp_path / "out", *SMALL, "--dry-run", *more).expect(0)
        size = re.search(r"about 24 pictures, ([\d.]+) (kB|MB)", done.out)
        assert size, done.out
        sizes.append(float(size[1]) * {"kB": 1, "MB": 1000}[size[2]])
    assert sizes[1] > 1.5 * sizes[0]
    assert not (tmp_path / "out").exists()


def test_the_order_in_which_masks_are_named_makes_no_other_job(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 1), tmp_path / "out"
    job = ("render", corpus, "-o", out, *SMALL, "--layout", "3x4", "--annotate", "boxes")
    run(*job, "--masks", "grid,bits").expect(0)
    run(*job, "--masks", "bits,grid").expect(0)
    done = run(*job, "--masks", "bits").expect(1)
    assert "--masks was bits,grid, now bits" in done.err


def test_show_writes_them_beside_the_picture(tmp_path: Path) -> None:
    source = synthetic(tmp_path / "in", 1) / "SYN000001.mat"
    done = run("show", source, "--dpi", "60", "-o", tmp_path / "a.b.PNG", *BESIDE).expect(0)
    written = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    beside = ("bits.png", "grid.png", "json", "mask.png", "points.npy", "text.png")
    assert written == ["a.b.PNG", *(f"a.b.{ending}" for ending in beside)]
    assert all(f"{tmp_path / name}: " in done.out for name in written)
    assert "a.b.bits.png: its bits mask" in done.out
    said = json.loads((tmp_path / "a.b.json").read_text())
    assert said["masks"] == ["bits", "grid", "text"]
    assert said["leads"][0]["mask_bit"] == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mask",), "add --annotate boxes"),
        (("--masks", "grid"), "--masks grid: the annotation says what their values mean; add"),
        (("--masks", "leads"), "--masks leads: choose from bits, grid, text"),
        (("--masks", "bits,bits", "--annotate", "boxes"), "name each mask once"),
        (
            ("--masks", "text", "--annotate", "boxes", "--format", "svg"),
            "svg has no pixels; choose --format png or jpg",
        ),
        (("--annotate", "all"), "choose from boxes, lines"),
        (("--annotate", "boxes", "-o", "/dev/null"), "no file can be written beside /dev/null"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    source = synthetic(tmp_path / "in", 1) / "SYN000001.mat"
    done = run("show", source, "--dpi", "60", *options).expect(2)
    assert words in done.err
    assert len(done.complaints) == 1
