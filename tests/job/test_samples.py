"""The samples of shards: one a picture, and JSON of which no reader has to guess a type."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.outputs import contents
from tests.processes import QUICK, run_ecgmpi


def recording(path: Path, leads: tuple[str, ...], rate: float, gap: str = "") -> None:
    """A CSV file, whose lead `gap` has no sample that is a number."""
    time = np.arange(int(3 * rate)) / rate
    columns = [np.round(np.sin(2 * np.pi * (k + 1) * time), 3) for k in range(len(leads))]
    rows = zip(
        *(
            np.full(len(time), np.nan) if n == gap else c
            for n, c in zip(leads, columns, strict=True)
        ),
        strict=True,
    )
    lines = [
        ",".join(("time", *leads)),
        *(
            ",".join([f"{t:.6f}", *("" if np.isnan(v) else f"{v:.3f}" for v in row)])
            for t, row in zip(time, rows, strict=True)
        ),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings of other leads, rates and faults."""
    folder = tmp_path_factory.mktemp("in")
    (folder / "v1.2").mkdir()
    recording(folder / "a.csv", ("I", "II", "III", "aVR", "aVL", "aVF", "V1"), 500)
    recording(folder / "b.csv", ("I", "MLII"), 360)
    recording(folder / "v1.2" / "c.csv", ("I", "II"), 499.5, gap="II")
    return folder


def samples(out: Path) -> Iterator[dict[str, bytes]]:
    """Field -> content of each sample, in the order of shards; ``__key__`` is its key."""
    for shard in sorted((out / "shards").glob("*.tar")):
        with tarfile.open(shard) as archive:
            sample: dict[str, Any] = {}
            for member in archive:
                key, _, field = member.name.partition(".")
                if sample and sample["__key__"] != key:
                    yield sample
                    sample = {}
                handle = archive.extractfile(member)
                assert handle
                sample |= {"__key__": key, field: handle.read()}
            yield sample


def shape(value: Any) -> Any:
    """The types of a JSON value, as a reader that infers them sees them."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        kinds = [shape(one) for one in value]
        assert all(kind == kinds[0] for kind in kinds)
        return kinds[:1]
    assert value is not None
    return type(value).__name__


@pytest.mark.parametrize("layout", ["strip", "3x4+1"])
@pytest.mark.parametrize(
    "beside", [(), ("--annotate", "lines", "--mask", "--masks", "bits,grid,text")]
)
def test_every_sample_has_the_same_fields_and_types(
    corpus: Path, tmp_path: Path, layout: str, beside: tuple[str, ...]
) -> None:
    out = tmp_path / "out"
    options = ("--layout", layout, *beside, *QUICK)
    run_ecgmpi("render", corpus, "-o", out, "--pack", "tar", *options).expect(0)
    found = list(samples(out))
    assert len(found) == (11 if layout == "strip" else 3)
    masks = [f"{mask}.png" for mask in ("mask", "bits", "grid", "text")]
    fields = ["png", "json", *([*masks, "points.npy"] if beside else [])]
    assert all(list(sample) == ["__key__", *fields] for sample in found)
    told = [json.loads(sample["json"]) for sample in found]
    shapes = [shape(one) for one in told]
    assert all(one == shapes[0] for one in shapes)
    assert ("annotation" in shapes[0]) == bool(beside)
    assert next(one["rate_hz"] for one in told if one["name"] == "v1.2/c") == 499.5
    assert [one["key"] for one in told] == [sample["__key__"] for sample in found]
    with h5py.File(out / "manifest.h5") as manifest:
        assert manifest["pictures/key"].asstr()[:].tolist() == [one["key"] for one in told]
        paths = manifest["pictures/path"].asstr()[:].tolist()
    assert all((out / path).is_file() for path in paths)


def test_a_lead_without_a_number_says_so(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_ecgmpi("render", corpus, "-o", out, "--pack", "tar", *QUICK).expect(0)
    (empty,) = [
        told
        for told in (json.loads(sample["json"]) for sample in samples(out))
        if (told["name"], told["lead"]) == ("v1.2/c", "II")
    ]
    assert (empty["min_mv"], empty["max_mv"]) == ("nan", "nan")
    assert empty["nan_samples"] == empty["samples"] > 0


def test_samples_hold_the_bytes_of_loose_files(corpus: Path, tmp_path: Path) -> None:
    loose, packed = tmp_path / "loose", tmp_path / "packed"
    beside = ("--annotate", "lines", "--mask", "--masks", "bits")
    run_ecgmpi("render", corpus, "-o", loose, *beside, *QUICK).expect(0)
    run_ecgmpi("render", corpus, "-o", packed, "--pack", "tar", *beside, *QUICK).expect(0)
    with h5py.File(loose / "manifest.h5") as manifest:
        pictures = manifest["pictures"]
        places = dict(zip(pictures["key"].asstr()[:], pictures["path"].asstr()[:], strict=True))
    found = {sample["__key__"]: sample for sample in samples(packed)}
    assert found.keys() == places.keys()
    for key, path in places.items():
        stem = str(loose / path).removesuffix(".png")
        for field in ("png", "mask.png", "bits.png", "points.npy"):
            assert found[key][field] == Path(f"{stem}.{field}").read_bytes()
        # The annotation of a loose file has the lines, and notes, too.
        own = json.loads(found[key]["json"])["annotation"]
        beside_it = json.loads(Path(f"{stem}.json").read_text())
        del beside_it["notes"]
        lines = [lead.pop("plotted_pixels") for lead in beside_it["leads"]]
        assert own == beside_it
        points = np.load(io.BytesIO(found[key]["points.npy"]))
        expected = np.array([[x, y] for line in lines for y, x in line], dtype=np.float64)
        assert points.dtype == np.float32
        np.testing.assert_allclose(points, expected, atol=0.006)
        np.testing.assert_array_equal(np.isnan(points), np.isnan(expected))


@pytest.mark.slow
def test_the_size_of_a_shard_can_be_set(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    job = ("render", corpus, "-o", out, "--pack", "tar", *QUICK)
    run_ecgmpi(*job, "--shard-recordings", "2").expect(0)
    names = sorted(path.name for path in (out / "shards").iterdir())
    assert names == [f"00000{k}.{end}" for k in (0, 1) for end in ("csv", "idx", "tar")]
    before = contents(out)
    refused = run_ecgmpi(*job).expect(1)
    assert "--shard-recordings was 2, now not given" in refused.err
    assert contents(out) == before


def test_what_makes_no_sense_is_refused(corpus: Path, tmp_path: Path) -> None:
    for options, words in (
        (("--shard-recordings", "2"), "files makes no shards; add --pack tar"),
        (("--pack", "tar", "--shard-recordings", "0"), "--shard-recordings"),
    ):
        ended = run_ecgmpi("render", corpus, "-o", tmp_path / "out", *options).expect(2)
        assert words in ended.err
        assert len(ended.complaints) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["files", "tar"])
def test_a_signal_beside_its_picture_is_checked_and_restored(
    corpus: Path, tmp_path: Path, pack: str
) -> None:
    out = tmp_path / "out"
    job = ("render", corpus, "-o", out, *QUICK, "--pack", pack, "--with-signals", "--layout", "3x4")
    run_ecgmpi(*job).expect(0)
    run_ecgmpi("verify", out).expect(0)
    before = contents(out)
    if pack == "files":
        found = out / "images" / "b.signal.npy"
        signal = np.load(found)
    else:
        found = out / "shards" / "000001.tar"
        _, sample, _ = samples(out)
        assert list(sample) == ["__key__", "png", "json", "signal.npy"]
        signal = np.load(io.BytesIO(sample["signal.npy"]))
    # The page has no place for MLII.
    time = np.arange(3 * 360) / 360
    assert (signal.dtype, signal.shape) == (np.float32, (1, len(time)))
    np.testing.assert_allclose(signal[0], np.round(np.sin(2 * np.pi * time), 3), atol=1e-6)
    with h5py.File(out / "manifest.h5") as manifest:
        sizes = manifest["pictures/signal_bytes"][:]
    assert sizes[1] == 128 + signal.nbytes
    found.write_bytes(found.read_bytes()[:-1])
    assert found.name in run_ecgmpi("verify", out).expect(3).out
    run_ecgmpi(*job).expect(0)
    assert contents(out) == before
