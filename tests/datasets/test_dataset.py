"""A data set of an OUT: the same samples whatever the packing, whole, and where they belong."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import pickle
import shutil
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image

import ecgmpi
from ecgmpi.ecg.lead_check import check_and_repair
from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.errors import JobError, UsageError
from ecgmpi.readers import read
from ecgmpi.results.finished import FinishedOut
from tests.datasets.conftest import MASKS, N_RECORDINGS, PACKS, TRUTH, Outs
from tests.loaders.samples import of_files, table
from tests.outputs import n_journaled
from tests.processes import QUICK, run_ecgmpi, started
from tests.processes import ecgmpi as program

FIELDS = ("image", "indices", "mask", *MASKS, "points")


def assert_same_sample(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_equal(other[name], value, err_msg=name)


@pytest.mark.parametrize("layout", ["strip", "3x4+1"])
def test_samples_are_the_files_of_each_picture(outs: Outs, pack: str, layout: str) -> None:
    options = ("--layout", layout, *TRUTH)
    data = ecgmpi.dataset(outs.out(pack, *options), fields=FIELDS)
    files = of_files(outs.out("files", *options))
    assert len(data) == len(files)
    for sample, loose in zip(data, files, strict=True):
        assert sample["key"] == loose.key
        with Image.open(io.BytesIO(loose.picture)) as image:
            np.testing.assert_array_equal(sample["image"], np.array(image.convert("RGB")))
            np.testing.assert_array_equal(sample["indices"], np.array(image))
        for name in ("mask", *MASKS):
            with Image.open(io.BytesIO(loose.files[f".{name}.png"])) as image:
                np.testing.assert_array_equal(sample[name], np.array(image))
            assert sample[name].dtype == (np.uint16 if name == "bits" else np.uint8)
            assert sample[name].flags.writeable
        points = np.load(io.BytesIO(loose.files[".points.npy"]))
        np.testing.assert_array_equal(sample["points"], points)
        np.testing.assert_array_equal(sample["visible"], ~np.isnan(points[:, 1]))
        assert (sample["points"].dtype, sample["visible"].dtype) == (np.float32, np.bool_)
        assert all(sample[name].flags.writeable for name in ("image", "points"))


def test_a_sample_says_what_it_is_of(outs: Outs, pack: str) -> None:
    out = outs.pages(pack)
    recordings, pictures = table(out, "recordings"), table(out, "pictures")
    data = ecgmpi.dataset(out)
    assert len(data) == len(pictures) == N_RECORDINGS
    for sample, row in zip(data, pictures, strict=True):
        assert sample["recording"] == recordings[row["recording"]]["name"]
        assert (sample["key"], sample["lead"]) == (row["key"], row["lead"])


@pytest.mark.parametrize(
    "options",
    [(), pytest.param(("--duration", "0.4", "--start", "0.3"), marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("layout", ["strip", "3x4+1"])
def test_the_signal_is_the_millivolts_that_a_picture_shows(
    outs: Outs, pack: str, layout: str, options: tuple[str, ...]
) -> None:
    out = outs.out(pack, "--layout", layout, *TRUTH, *options)
    data = ecgmpi.dataset(out, fields="signal")
    leads = data.table["leads"]
    starts, rates, sources = (data.table[name] for name in ("start_s", "rate_hz", "source"))
    lengths = data.table["samples"]
    for row, sample in enumerate(data):
        # As it is drawn: with the limb leads that follow from others.
        record, _ = check_and_repair(read(outs.corpus / sources[row]), None, False)
        names = [sample["lead"]] if layout == "strip" else leads[row].split(" ")
        first = round(starts[row] * rates[row])
        signal = sample["signal"]
        assert signal.dtype == np.float32
        shown = np.array([record[name] for name in names])[:, first : first + signal.shape[1]]
        np.testing.assert_array_equal(signal, shown)
        assert signal.shape[1] == lengths[row]


def test_each_page_of_a_series_has_the_signal_that_it_shows(tmp_path: Path, pack: str) -> None:
    write_corpus(tmp_path / "in", 2, duration=25)
    out = tmp_path / "out"
    options = ("--layout", "12x1", "--pages", "all", "--with-signals", *PACKS[pack])
    run_ecgmpi("render", tmp_path / "in", "-o", out, *QUICK, *options).expect(0)
    data = ecgmpi.dataset(out)
    assert [sample["signal"].shape for sample in data] == [(12, 5000), (12, 5000), (12, 2500)] * 2
    whole = np.concatenate([data[k]["signal"] for k in (3, 4, 5)], axis=1)
    record = read(tmp_path / "in" / "SYN000002.mat")
    np.testing.assert_array_equal(whole, record.signal)


@pytest.mark.slow
def test_annotations_are_those_of_files(plain: Outs) -> None:
    packed = [
        ecgmpi.dataset(plain.out(pack, "--annotate", "boxes"), fields="annotation")
        for pack in PACKS
    ]
    for files, tar, hdf5 in zip(*packed, strict=True):
        said = dict(files["annotation"])
        said.pop("notes")
        assert said == tar["annotation"] == hdf5["annotation"]


@pytest.mark.slow
def test_by_default_a_sample_has_what_out_holds(plain: Outs) -> None:
    held = {
        ("files",): ("image",),
        ("files", *TRUTH): ("image", "mask", *MASKS, "points", "signal"),
        ("tar",): ("image",),
        ("hdf5", "--with-signals"): ("image", "signal"),
        ("files", "--format", "svg", "--annotate", "lines"): ("points",),
    }
    for (pack, *options), fields in held.items():
        data = ecgmpi.dataset(plain.out(pack, *options))
        assert data.fields == fields
        assert data[0].keys() - {"visible"} == {"key", "recording", "lead", *fields}


@pytest.mark.parametrize(
    ("pack", "options", "fields", "says"),
    [
        ("files", (), "mask", "holds no mask: render with --mask"),
        ("tar", (), "bits", "holds no bits: render with --masks bits --annotate boxes"),
        ("tar", ("--annotate", "boxes"), ("image", "points"), "render with --annotate lines"),
        ("tar", (), "signal", "holds no signal: render with --with-signals"),
        ("tar", (), "annotation", "holds no annotation: render with --annotate boxes"),
        ("files", (), "labels", "--metadata TABLE ... gives it some; or render with --metadata"),
        (
            "files",
            ("--format", "svg"),
            "image",
            "are svg, without pixels; render with --format png",
        ),
        ("files", ("--format", "jpg"), "indices", "are jpg, without a palette"),
        ("files", (), "picture", "there is no field 'picture'; choose from image, indices, mask"),
    ],
)
def test_a_field_that_out_does_not_hold_names_the_option_that_makes_it(
    plain: Outs, pack: str, options: tuple[str, ...], fields: Any, says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        ecgmpi.dataset(plain.out(pack, *options), fields=fields)
    assert says in str(caught.value)


def test_pictures_of_jpeg(plain: Outs, pack: str) -> None:
    data = ecgmpi.dataset(plain.out(pack, "--format", "jpg"), fields="image")
    loose = of_files(plain.out("files", "--format", "jpg"))[3]
    with Image.open(io.BytesIO(loose.picture)) as image:
        np.testing.assert_array_equal(data[3]["image"], np.array(image.convert("RGB")))


def test_scaled_pictures_have_masks_and_points_of_their_size(outs: Outs) -> None:
    whole = ecgmpi.dataset(outs.pages("tar"))[2]
    for n in (2, 3):
        sample = ecgmpi.dataset(outs.pages("tar"), scale=1 / n)[2]
        height, width = whole["mask"].shape
        assert sample["mask"].shape == (-(-height // n), -(-width // n))
        assert sample["image"].shape == (*sample["mask"].shape, 3)
        np.testing.assert_allclose(sample["points"], whole["points"] / n, rtol=1e-6)
        assert abs(sample["image"].mean() - whole["image"].mean()) < 1
        for name in ("mask", "grid", "text"):
            assert sample[name].shape == sample["mask"].shape
            assert set(np.unique(sample[name])) == set(np.unique(whole[name]))
        assert sample["bits"].shape == sample["mask"].shape
        x, y = sample["points"][sample["visible"]].astype(int).T
        assert (sample["bits"][y, x] > 0).all()


@pytest.mark.parametrize("scale", [0, 2, 0.3, -0.5, 1 / 17, "half", None, float("nan")])
def test_other_scales_are_refused(outs: Outs, scale: Any) -> None:
    with pytest.raises(UsageError, match="give 1, or 1/n with a whole n from 2 to 16"):
        ecgmpi.dataset(outs.pages("tar"), scale=scale)


def test_indices_cannot_be_scaled(outs: Outs) -> None:
    with pytest.raises(UsageError, match="indices cannot be scaled"):
        ecgmpi.dataset(outs.pages("tar"), fields="indices", scale=0.5)


def test_indexing(outs: Outs, pack: str) -> None:
    data = ecgmpi.dataset(outs.pages(pack))
    n = len(data)
    assert_same_sample(data[-1], data[n - 1])
    three: Any = np.int64(3)
    assert_same_sample(data[three], data[3])
    for outside in (n, -n - 1):
        with pytest.raises(IndexError, match=f"there is no sample {outside}"):
            data[outside]
    odds: list[Any] = [1.0, "1", [1, 2], np.array([1, 2])]
    for odd in odds:
        with pytest.raises(TypeError):
            data[odd]
    assert [sample["key"] for sample in data[3:9:2]] == [data[k]["key"] for k in (3, 5, 7)]
    wanted = [7, 0, -1, 7]
    for found, index in zip(data.__getitems__(wanted), wanted, strict=True):
        assert_same_sample(found, data[index])
    assert data.__getitems__([]) == []


def test_subsets(outs: Outs) -> None:
    data = ecgmpi.dataset(outs.strips("tar"))
    lead = data.table["lead"]
    limb = data.subset(lead == "II")
    assert {sample["lead"] for sample in limb} == {"II"}
    assert len(limb) == (lead == "II").sum()
    assert data.subset([5, 3])[0]["key"] == data[5]["key"]
    assert len(data.subset([])) == len(data[:0]) == len(data[:0].order()) == 0
    assert limb.table["lead"].tolist() == ["II"] * len(limb)
    odds: list[Any] = [[len(data)], ["II"], [0.5], [True], 3, [[1, 2]], {1, 2}, iter([1])]
    for odd in odds:
        with pytest.raises(IndexError):
            data.subset(odd)


def test_where_and_table(outs: Outs, pack: str) -> None:
    out = outs.strips(pack)
    recordings = table(out, "recordings")
    expected = [
        row["key"]
        for row in table(out, "pictures")
        if recordings[row["recording"]]["rate_hz"] == 500
        and row["lead"] in ("I", "V2")
        and row["max_mv"] > 1
        and recordings[row["recording"]]["max_mv"] > 1.2
    ]
    data = ecgmpi.dataset(
        out,
        where="rate_hz == 500 and lead in ('I', 'V2') and max_mv > 1 and recording_max_mv > 1.2",
    )
    assert expected
    assert [sample["key"] for sample in data] == expected == data.table["key"].tolist()
    with pytest.raises(UsageError, match=r"ratehz is no column; did you mean rate_hz\?"):
        ecgmpi.dataset(out, where="ratehz == 500")


def test_the_table_is_the_manifest_a_row_a_sample(outs: Outs) -> None:
    out = outs.strips("hdf5")
    data = ecgmpi.dataset(out)
    found = {name: column.tolist() for name, column in data.table.items()}
    recordings, pictures = table(out, "recordings"), table(out, "pictures")
    assert len(found) == len(recordings[0]) + len(pictures[0]) == len(data.table)
    for k, row in enumerate(pictures):
        for name, value in row.items():
            np.testing.assert_equal(found[name][k], value)
        for name, value in recordings[row["recording"]].items():
            shown = f"recording_{name}" if name in row else name
            np.testing.assert_equal(found[shown][k], value)
    assert "lead" in data.table
    assert "ratehz" not in data.table
    with pytest.raises(KeyError):
        data.table["ratehz"]


def test_a_frame_of_pandas_needs_pandas(outs: Outs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        ecgmpi.dataset(outs.strips("tar")).table.pandas()


@pytest.mark.parametrize("locking", [None, True, False])
def test_files_that_the_user_holds_open_with_h5py(
    outs: Outs, tmp_path: Path, locking: bool | None
) -> None:
    # Data sets of other tests may still have shards of the original open.
    out = shutil.copytree(outs.strips("hdf5"), tmp_path / "out")
    paths = [out / "manifest.h5", *sorted((out / "shards").rglob("*.h5"))]
    with ExitStack() as stack:
        for path in paths:
            stack.enter_context(h5py.File(path, locking=locking))
        data = ecgmpi.dataset(out, fields="image")
        with FinishedOut.open(out).table("pictures") as pictures:
            assert pictures.n_rows == len(data)
        assert data[0]["image"].ndim == data[-1]["image"].ndim == 3
        data.close()


def test_a_split_is_a_column_of_the_manifest(outs: Outs, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(outs.strips("tar"), out)

    def of(value: str) -> ecgmpi.Dataset:
        return ecgmpi.dataset(out, split=value)

    with pytest.raises(UsageError, match=r"has no column split; leave out split, .*or render"):
        of("train")
    with h5py.File(out / "manifest.h5", "r+") as file:
        n = len(file["recordings"]["start_s"])
        values = [b"val" if k % 3 == 0 else b"train" for k in range(n)]
        file["recordings"]["split"] = np.array(values, h5py.string_dtype("utf-8", 5))
    with pytest.raises(UsageError, match=r"name one split, as a text; .*split in \('a', 'b'\)"):
        of(["train", "val"])  # type: ignore[arg-type]
    train, val = of("train"), of("val")
    assert set(train.table["split"]) == {"train"}
    assert sorted([*train.rows, *val.rows]) == ecgmpi.dataset(out).rows.tolist()
    with pytest.raises(UsageError, match=r"has none of it; it has train, val"):
        of("test")
    with h5py.File(out / "manifest.h5", "r+") as file:
        del file["recordings"]["split"]
        file["recordings"]["split"] = np.arange(n)
    with pytest.raises(UsageError, match=r"column split of OUT .* is a number, no text; give a co"):
        of("1")


def test_only_columns_that_are_marked_as_labels_are_labels(
    outs: Outs, tmp_path: Path, pack: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(outs.strips(pack), out)
    with h5py.File(out / "manifest.h5", "r+") as file:
        recordings = file["recordings"]
        recordings["extra"] = np.arange(len(recordings["name"]))
        recordings["age"] = recordings["extra"][:] + 0.5
    assert "labels" not in ecgmpi.dataset(out).fields
    with h5py.File(out / "manifest.h5", "r+") as file:
        file["recordings"].attrs["labels"] = json.dumps(["age"])
    data = ecgmpi.dataset(out, where="age > 3 and extra != 7")
    owners = data.table["recording"].tolist()
    assert set(owners) == set(range(3, N_RECORDINGS)) - {7}
    assert [data[k]["labels"] for k in (0, -1)] == [{"age": owners[k] + 0.5} for k in (0, -1)]
    for mark in (json.dumps(["age", "sex"]), "[", 5, json.dumps("age")):
        with h5py.File(out / "manifest.h5", "r+") as file:
            file["recordings"].attrs["labels"] = mark
        with pytest.raises(JobError, match="is damaged"):
            ecgmpi.dataset(out)


def test_order_takes_shards_one_window_after_another(outs: Outs) -> None:
    tar, hdf5, files = (ecgmpi.dataset(outs.strips(pack)) for pack in ("tar", "hdf5", "files"))
    order = tar.order(seed=5, epoch=1)
    assert sorted(order.tolist()) == list(range(len(tar)))
    assert order.tolist() == hdf5.order(seed=5, epoch=1).tolist()
    assert order[7:].tolist() == tar.order(5, 1, start=7).tolist()
    assert sorted(files.order().tolist()) == list(range(len(files)))
    shares = [tar.order(5, 1, rank, 3) for rank in range(3)]
    assert np.concatenate(shares).tolist() == order.tolist()


def test_pickled_it_is_the_same_and_small(outs: Outs, pack: str) -> None:
    data = ecgmpi.dataset(outs.pages(pack), where="rate_hz == 500", scale=0.5)
    assert data[0]
    data.load_index()
    pickled = pickle.dumps(data)
    assert len(pickled) < 3000
    again = pickle.loads(pickled)
    assert len(again) == len(data)
    assert again.fields == data.fields
    assert_same_sample(again[-1], data[-1])


def keys(data: ecgmpi.Dataset, start: int) -> list[tuple[str, int]]:
    return [
        (s["key"], int(s["image"].sum())) for s in data.__getitems__(range(start, len(data), 2))
    ]


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_processes_read_at_once(outs: Outs, pack: str, start: str) -> None:
    data = ecgmpi.dataset(outs.pages(pack))
    # Open in the parent as well, which goes on to read.
    expected = [keys(data, k) for k in range(2)]
    with multiprocessing.get_context(start).Pool(2) as pool:
        pending = pool.starmap_async(keys, [(data, 0), (data, 1)] * 2)
        assert [keys(data, k) for k in range(2)] == expected
        assert pending.get(60) == expected * 2


def test_a_child_reads_by_handles_of_its_own(outs: Outs, pack: str) -> None:
    """One that it has from its parent would share the place in the file with it."""
    data = ecgmpi.dataset(outs.pages(pack), fields="image")
    reader, writer = multiprocessing.Pipe(duplex=False)
    assert data[0]
    before = dict(data._reader._open)
    assert [*before] == [os.getpid()]

    def child() -> None:
        assert data[0]
        ours = data._reader._open
        writer.send([*ours] == [os.getpid()] and not {*ours.values()} & {*before.values()})

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    assert reader.recv()
    process.join(30)
    assert data._reader._open == before


def test_threads_read_at_once(outs: Outs, pack: str) -> None:
    data = ecgmpi.dataset(outs.strips(pack), fields="image")
    expected = [int(sample["image"].sum()) for sample in data]
    found: list[list[int]] = []

    def all_of_it() -> None:
        found.append([int(sample["image"].sum()) for sample in data])

    threads = [threading.Thread(target=all_of_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_closed_it_opens_again(outs: Outs, pack: str) -> None:
    data = ecgmpi.dataset(outs.pages(pack))
    one = data[0]
    data.close()
    data.close()
    assert_same_sample(data[0], one)


def test_an_out_without_a_picture_is_an_empty_data_set(tmp_path: Path, pack: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.mat").write_text("this is no recording at all\n")
    out = tmp_path / "out"
    run_ecgmpi("render", tmp_path / "in", "-o", out, *QUICK, *PACKS[pack]).expect(3)
    for data in (ecgmpi.dataset(out), ecgmpi.dataset(out, where="lead == 'I'")):
        data.load_index()
        assert len(data) == len(data.order()) == len(data.table["lead"]) == 0
        with pytest.raises(IndexError):
            data[0]


def test_what_is_no_finished_out_is_refused(outs: Outs, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist: name the folder"):
        ecgmpi.dataset(tmp_path / "none")
    with pytest.raises(UsageError, match="is not an OUT"):
        ecgmpi.dataset(tmp_path)
    with pytest.raises(UsageError, match="the name of out is empty"):
        ecgmpi.dataset("")
    out = tmp_path / "out"
    shutil.copytree(outs.strips("tar"), out)
    (out / "manifest.h5").rename(out / "kept.h5")
    with pytest.raises(JobError, match="its job has not ended"):
        ecgmpi.dataset(out)
    (out / "manifest.h5").write_bytes((out / "kept.h5").read_bytes()[:4000])
    with pytest.raises(JobError, match="is damaged"):
        ecgmpi.dataset(out)


def test_a_stopped_job_is_refused(tmp_path: Path) -> None:
    write_corpus(tmp_path / "in", 300, duration=3)
    out = tmp_path / "out"
    command = ["render", tmp_path / "in", "-o", out, *QUICK, "--workers", "1"]
    with started(program(*command)) as running:
        running.until(lambda: n_journaled(out) > 0)
        running.signal(signal.SIGUSR1)
        assert running.wait(30).status == 75
    with pytest.raises(JobError, match="the job has not ended: its manifest has"):
        ecgmpi.dataset(out)


def test_without_the_files_of_the_job_run_json_says_how_it_was_made(
    outs: Outs, tmp_path: Path, pack: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(outs.pages(pack), out, ignore=shutil.ignore_patterns(".ecgmpi"))
    assert_same_sample(ecgmpi.dataset(out)[0], ecgmpi.dataset(outs.pages(pack))[0])
    said = json.loads((out / "run.json").read_text())
    said["options"]["--pack"] = "zip"
    (out / "run.json").write_text(json.dumps(said))
    with pytest.raises(JobError, match=r"not of this version of ecgmpi \(--pack is zip\)"):
        ecgmpi.dataset(out)
    (out / "run.json").unlink()
    with pytest.raises(JobError, match=r"neither \.ecgmpi/job\.json nor run\.json"):
        ecgmpi.dataset(out)


def test_a_lost_or_damaged_file_is_named(outs: Outs, tmp_path: Path, pack: str) -> None:
    out = tmp_path / "out"
    shutil.copytree(outs.pages(pack), out)
    data = ecgmpi.dataset(out)
    key, path = data.table["key"][2], out / data.table["path"][2]
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(JobError) as caught:
        data[2]
    assert f"image of sample {key} in {data.table['path'][2]} cannot be read" in str(caught.value)
    assert "ecgmpi verify" in str(caught.value)
    path.unlink()
    data.close()
    with pytest.raises(JobError, match="No such file"):
        data[2]
    pickle.loads(pickle.dumps(caught.value))


def alter(out: Path, content: bytes) -> None:
    """Alter a byte in the middle of what some file of OUT holds."""
    for path in out.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if content in data:
            at = data.index(content) + len(content) // 2
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            return
    raise AssertionError("no file of OUT has it")


@pytest.mark.parametrize("field", ["points", "signal", "annotation", "image"])
def test_what_has_no_checksum_of_its_own_is_compared_with_that_of_the_manifest(
    plain: Outs, tmp_path: Path, pack: str, field: str
) -> None:
    if (pack, field) == ("hdf5", "signal"):
        # Kept once a recording, of which the manifest knows no checksum.
        return
    options = ("--layout", "3x4+1", "--format", "jpg", "--annotate", "lines", "--with-signals")
    out = tmp_path / "out"
    shutil.copytree(plain.out(pack, *options), out)
    data = ecgmpi.dataset(out, fields=field)
    sample = data[1]
    loose = of_files(plain.out("files", *options))[1]
    if field == "image":
        content = loose.picture
    elif field == "annotation":
        box = sample[field]["leads"][0]["lead_bounding_box"]
        content = json.dumps(box, separators=(",", ":")).encode()
    else:
        content = sample[field].tobytes()
    # HDF5 keeps what it has read.
    data.close()
    alter(out, content)
    with pytest.raises(JobError, match=f"{field} of sample .* is altered: its CRC-32 is not"):
        data[1]
