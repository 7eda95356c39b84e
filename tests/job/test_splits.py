"""Splits, end to end: the manifest, samples, folders of shards, and every way to make them."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import h5py
import pytest

import ecgmpi
from tests.corpora import synthetic
from tests.labels.corpora import ptb_xl, write_table
from tests.outputs import assert_same, contents, manifest, run_json, table
from tests.processes import QUICK, Ended, run_ecgmpi

NAMES = [f"SYN{k:06d}" for k in range(1, 10)]
FOLDS = dict(zip(NAMES, ["1", "9", "10", "2", "9.0", "3", "", "4", "9"], strict=True))
"""The last recording of the corpus has no row."""

SPLITS = {name: {"9": "val", "9.0": "val", "10": "test", "": ""}.get(f, "train")
          for name, f in FOLDS.items()} | {"SYN000010": ""}  # fmt: skip
IN_ORDER = ["train"] * 4 + ["val"] * 3 + ["test"] + [""] * 2
FOLDERS = {"train": (0, 1), "val": (2, 3), "test": (4,), "none": (5,)}
"""The chunks of each split, with two recordings a shard."""

PACKS = ["tar", pytest.param("hdf5", marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten recordings."""
    return synthetic(tmp_path_factory.mktemp("splits") / "in", 10)


@pytest.fixture(scope="module")
def folds(corpus: Path) -> Path:
    """A table of folds and of patients, who are to remain unknown."""
    rows = [[name, fold, f"PATIENT{k // 2}"] for k, (name, fold) in enumerate(FOLDS.items())]
    return write_table(corpus.parent / "folds.csv", ["id", "fold", "patient"], rows)


def render(corpus: Path, out: Path, *options: object) -> Ended:
    """Draw a corpus, small."""
    packed = ("--shard-recordings", 2) if {"tar", "hdf5"} & set(options) else ()
    return run_ecgmpi("render", corpus, "-o", out, *QUICK, "--leads", "II", *packed, *options)


def by_fold(folds: Path, split: str = "fold=9:val,10:test") -> tuple[object, ...]:
    return ("--metadata", folds, "--metadata-key", "id", "--split", split)


def shards(out: Path, ending: str) -> list[str]:
    return sorted(
        p.relative_to(out / "shards").as_posix() for p in out.rglob(f"shards/*/*.{ending}")
    )


@pytest.fixture(scope="module")
def made(corpus: Path, folds: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What an undisturbed job makes of it, by the packing, each when it is first asked for."""
    folder = tmp_path_factory.mktemp("made")

    class Made(dict[str, Path]):
        def __missing__(self, pack: str) -> Path:
            ended = render(corpus, folder / pack, "--pack", pack, *by_fold(folds)).expect(0)
            counts = "split: train 4, val 3, test 1, none 2; by fold of folds.csv"
            assert f"ecgmpi: {counts}" in ended.err.splitlines()
            assert counts in ended.out.splitlines()
            self[pack] = folder / pack
            return self[pack]

    return Made()


@pytest.mark.parametrize("pack", PACKS)
def test_shards_of_a_split_lie_in_its_folder(pack: str, made: dict[str, Path]) -> None:
    out, ending = made[pack], {"tar": "tar", "hdf5": "h5"}[pack]
    assert shards(out, ending) == sorted(
        f"{split}/{chunk:06d}.{ending}" for split, chunks in FOLDERS.items() for chunk in chunks
    )
    assert [path.name for path in (out / "shards").iterdir() if path.is_file()] == []
    rows = manifest(out)
    assert {row["name"]: row["split"] for row in rows} == SPLITS
    assert [row["split"] for row in rows] == IN_ORDER
    with h5py.File(out / "manifest.h5") as file:
        for path, owner in zip(
            file["pictures/path"].asstr()[:], file["pictures/recording"][:], strict=True
        ):
            assert path.split("/")[1] == (rows[owner]["split"] or "none")
    run_ecgmpi("verify", out).expect(0)
    said = run_ecgmpi("export", out, "--rows", "shards", "--csv").expect(0).out
    assert f"shards/val/000002.{ending}" in said
    assert run_json(out)["split"] == {
        "rule": "fold=9:val,10:test",
        "by": "fold of folds.csv",
        "recordings": {"train": 4, "val": 3, "test": 1},
        "none": 2,
    }


@pytest.mark.slow
def test_signals_are_compared_with_the_recordings_of_their_split(
    corpus: Path, folds: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    options = ("--pack", "tar", "--annotate", "boxes", *by_fold(folds))
    job = ("render", corpus, "-o", out, "--layout", "3x4+1", "--no-report", *options)
    run_ecgmpi(*job).expect(0)
    ended = run_ecgmpi("verify", out, "--roundtrip", 10).expect(0)
    assert "nothing is missing, altered or extra" in ended.out
    assert " uV" in ended.out


def test_samples_say_their_split(made: dict[str, Path]) -> None:
    found = {}
    for path in sorted(made["tar"].rglob("shards/*/*.tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                if member.name.endswith(".json"):
                    handle = archive.extractfile(member)
                    assert handle
                    facts: dict[str, Any] = json.load(handle)
                    found[facts["name"]] = facts["labels"]
                    assert (facts["labels"]["split"] or "none") == path.parent.name
    assert found == {name: {"split": split} for name, split in SPLITS.items()}


@pytest.mark.slow
def test_all_hdf5_shards_as_one(made: dict[str, Path]) -> None:
    with h5py.File(made["hdf5"] / "pictures.h5") as file:
        keys = [key.decode() for key in file["key"][:].tolist()]
        assert len({bytes(picture) for picture in file["picture"][:]}) == 10
    assert keys == [f"{row['name']}-II" for row in manifest(made["hdf5"])]


@pytest.mark.parametrize("pack", ["files", *PACKS])
def test_a_data_set_of_one_split(pack: str, made: dict[str, Path]) -> None:
    data = ecgmpi.dataset(made[pack], split="val", fields=["image", "labels"])
    assert [sample["recording"] for sample in data] == [n for n in SPLITS if SPLITS[n] == "val"]
    assert {sample["labels"]["split"] for sample in data} == {"val"}
    order = data.order(seed=3).tolist()
    assert sorted(order) == [0, 1, 2]
    assert data.order(seed=3, start=1).tolist() == order[1:]
    assert len(ecgmpi.dataset(made[pack], where="split == ''")) == 2


def test_files_stay_in_the_order_of_their_names(made: dict[str, Path]) -> None:
    assert [row["name"] for row in manifest(made["files"])] == list(SPLITS)
    assert {row["name"]: row["split"] for row in manifest(made["files"])} == SPLITS
    assert not (made["files"] / "shards").exists()


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["tar", "hdf5"])
def test_parts_make_the_same(
    pack: str, made: dict[str, Path], corpus: Path, folds: Path, tmp_path: Path
) -> None:
    options = ("--pack", pack, *by_fold(folds))
    # Each has shards of several splits, and of some none.
    for part in ("2/3", "3/3", "1/3"):
        render(corpus, tmp_path / "parts", *options, "--part", part).expect(0)
    ended = run_ecgmpi("merge", tmp_path / "parts").expect(0)
    assert "split: train 4, val 3, test 1, none 2; by fold of folds.csv" in ended.out
    assert_same(contents(made[pack]), contents(tmp_path / "parts"))
    assert run_json(made[pack])["split"] == run_json(tmp_path / "parts")["split"]


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["tar", "hdf5"])
def test_what_is_lost_comes_back(
    pack: str, made: dict[str, Path], corpus: Path, folds: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(made[pack], tmp_path / "OUT")
    (out / "manifest.h5").unlink()
    shutil.rmtree(out / "shards" / "val")
    damaged = next((out / "shards" / "none").glob("000005.[th]*"))
    damaged.write_bytes(damaged.read_bytes()[:-3] + b"xyz")
    assert run_ecgmpi("verify", out).status != 0
    options = ("--pack", pack, *by_fold(folds))
    ended = render(corpus, out, *options, "--verify").expect(0)
    assert "this run: 5 in" in ended.out
    assert_same(contents(made[pack]), contents(out))
    assert "nothing was drawn" in render(corpus, out, *options).expect(0).out


def test_another_split_is_refused(
    made: dict[str, Path], corpus: Path, folds: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(made["tar"], tmp_path / "OUT")
    for split, words in (
        ("fold=9:val", "--split was fold=9:val,10:test, now fold=9:val;"),
        ("80/20", "now 80/20"),
    ):
        more = ("--metadata-columns", "fold") if split == "80/20" else ()
        options = ("--pack", "tar", *by_fold(folds, split), *more)
        line = render(corpus, out, *options).expect(1).complaints[-1]
        assert "was begun with other options: " in line
        assert words in line
    assert_same(contents(made["tar"]), contents(out))


def test_a_header_that_says_another_split_is_refused(tmp_path: Path) -> None:
    corpus = ptb_xl(tmp_path / "in", 3) / "records500"
    headers = sorted(corpus.rglob("*.hea"))
    for k, header in enumerate(headers):
        header.write_text(header.read_text() + f"#Sex: {'MFM'[k]}\n")
    options = ("--pack", "tar", "--metadata", "header", "--split", "Sex=F:test")
    render(corpus, tmp_path / "OUT", *options).expect(0)
    before = headers[0].stat()
    headers[0].write_text(headers[0].read_text().replace("Sex: M", "Sex: F"))
    # Its size and time are what they were.
    os.utime(headers[0], ns=(before.st_atime_ns, before.st_mtime_ns))
    line = render(corpus, tmp_path / "OUT", *options).expect(1).complaints[-1]
    assert "was begun with other inputs: recordings belong to other splits;" in line


@pytest.mark.parametrize("pack", [pytest.param("files", marks=pytest.mark.slow), "tar"])
def test_patients_are_kept_together_and_unknown(
    pack: str, corpus: Path, folds: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    options = ("--metadata", folds, "--metadata-key", "id", "--split", "train:60,dev:40")
    ended = run_ecgmpi(
        *("render", corpus, "-o", out, "--dpi", 60, "--leads", "II", "--pack", pack, "-v"),
        *(*options, "--split-by", "patient"),
    ).expect(0)
    assert "; by patient of folds.csv" in ended.err
    splits = {row["name"]: row["split"] for row in manifest(out)}
    for k in range(0, 8, 2):
        assert splits[NAMES[k]] == splits[NAMES[k + 1]] in ("train", "dev")
    assert splits["SYN000010"] == ""
    assert [row["name"] for row in table(out / "unmatched.csv")] == ["SYN000010"]
    run_ecgmpi("report", out).expect(0)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        assert b"PATIENT" not in path.read_bytes(), path


def test_by_recording_it_needs_no_table(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    ended = render(corpus, out, "--split", "50/50").expect(0)
    assert "; by recording, as no --split-by names a column of patients" in ended.err
    before = {row["name"]: row["split"] for row in manifest(out)}
    assert set(before.values()) == {"train", "test"}
    assert not (out / "unmatched.csv").exists()
    # Fewer recordings, from another folder.
    (tmp_path / "in").mkdir()
    for path in sorted(corpus.iterdir())[3:8]:
        shutil.copy(path, tmp_path / "in")
    render(tmp_path / "in", tmp_path / "few", "--split", "50/50").expect(0)
    after = {row["name"]: row["split"] for row in manifest(tmp_path / "few")}
    assert after.items() < before.items()


def test_it_is_told_where_some_are_in_none(corpus: Path, folds: Path, tmp_path: Path) -> None:
    ended = render(corpus, tmp_path / "OUT", "-q", *by_fold(folds)).expect(0)
    assert "split: train 4, val 3, test 1, none 2; by fold of folds.csv" in ended.err


def test_a_dry_run_counts_them(corpus: Path, folds: Path, tmp_path: Path) -> None:
    options = ("--dry-run", "--pack", "tar", *by_fold(folds))
    ended = render(corpus, tmp_path / "OUT", *options).expect(0)
    assert "split: train 4, val 3, test 1, none 2; by fold of folds.csv" in ended.out
    assert "in 6 chunks" in ended.out


def test_what_no_row_has_is_refused_in_one_line(corpus: Path, folds: Path, tmp_path: Path) -> None:
    options = by_fold(folds, "fold=9:val,11:test")
    (line,) = render(corpus, tmp_path / "OUT", *options).expect(2).complaints
    assert f"column fold of {folds} has no value 11; it has 1, 2, 3, 4, 9, 9.0, 10" in line
    assert not (tmp_path / "OUT" / "images").exists()
