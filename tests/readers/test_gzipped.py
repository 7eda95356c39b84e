"""Files that gzip has packed are read as if they were not, within bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.discover import find
from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError, UsageError
from ecgmpi.readers import ReadHints, claimed_extensions, read
from ecgmpi.readers.content_hash import content_sum
from tests.outputs import table
from tests.processes import QUICK, run_ecgmpi
from tests.readers.helpers import binary_files, device_files
from tests.readers.helpers.files import hdf5, mat4, mat5, mat73
from tests.readers.helpers.reading import read_as, refusal, wave
from tests.readers.helpers.writers import (
    write_bdf,
    write_csv,
    write_edf,
    write_npz,
    write_segments,
    write_wfdb,
)

SIGNAL = np.round(np.random.default_rng(5).normal(0, 0.5, (12, 500)), 3)


def pack(path: Path) -> Path:
    """Put a gzip file in the place of a file."""
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return packed


def of_each_format(folder: Path) -> list[Path]:
    """A file of each format that holds one recording."""
    device = {
        "a.dcm": device_files.saved(device_files.dicom(wave())),
        "aecg.xml": device_files.aecg(wave()),
        "muse.xml": device_files.muse(wave()),
        "cardiosoft.xml": device_files.cardiosoft(wave()),
        "sierra.xml": device_files.sierra(wave(12)),
        "a.ecg": binary_files.ishne(wave()),
        "a.scp": binary_files.scp(wave()),
        "4.mat": mat4({"val": SIGNAL}),
        "5.mat": mat5({"data": SIGNAL}),
        "7.mat": mat5({"data": SIGNAL}, compressed=True),
        "73.mat": mat73({"data": SIGNAL}, compression="gzip"),
        "a.h5": hdf5(lambda file: file.create_dataset("data", data=SIGNAL)),
    }
    for name, content in device.items():
        (folder / name).write_bytes(content)
    np.save(folder / "a.npy", SIGNAL)
    written = [write_edf(folder / "a.edf", SIGNAL), write_bdf(folder / "a.bdf", SIGNAL)]
    written += [write_csv(folder / "a.csv", SIGNAL), write_npz(folder / "a.npz", SIGNAL)]
    return [*(folder / name for name in device), folder / "a.npy", *written]


def assert_same(got: Record, expected: Record) -> None:
    np.testing.assert_array_equal(got.signal, expected.signal)
    assert (got.name, got.format, got.rate) == (expected.name, expected.format, expected.rate)
    assert (got.leads, got.notes) == (expected.leads, expected.notes)
    assert (got.assumed, got.unused) == (expected.assumed, expected.unused)


def test_every_format_is_read_through(tmp_path: Path) -> None:
    paths = of_each_format(tmp_path)
    endings = {path.suffix for path in paths}
    assert claimed_extensions() - endings == {".hea", ".tsv", ".hdf5"}
    for path in paths:
        expected = read(path)
        assert_same(read(pack(path)), expected)


def test_a_file_that_has_lost_its_gz_and_one_in_capitals(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", SIGNAL)
    expected = read(path)
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed)
    assert_same(read(path), expected)
    (tmp_path / "a.CSV.GZ").write_bytes(packed)
    assert_same(read(tmp_path / "a.CSV.GZ"), expected)


def test_streams_one_after_another_are_one_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", SIGNAL)
    expected, content = read(path), path.read_bytes()
    half = len(content) // 2
    packed = gzip.compress(content[:half]) + gzip.compress(content[half:])
    (tmp_path / "a.csv.gz").write_bytes(packed)
    assert_same(read(tmp_path / "a.csv.gz"), expected)


@pytest.mark.parametrize("packed", [(".hea",), (".dat",), (".hea", ".dat")])
@pytest.mark.parametrize("form", ["16", "212", "32"])
def test_a_header_or_its_samples_or_both(
    form: str, packed: tuple[str, ...], tmp_path: Path
) -> None:
    header = write_wfdb(tmp_path / "a", SIGNAL, form)
    expected = read(header)
    for ending in packed:
        pack(header.with_suffix(ending))
    got = read(header if header.exists() else tmp_path / "a.hea.gz")
    np.testing.assert_array_equal(got.signal, expected.signal)
    assert (got.name, got.leads, got.rate) == ("a", expected.leads, expected.rate)
    assert got.notes == expected.notes


def test_samples_called_gz_that_are_not_packed(tmp_path: Path) -> None:
    header = write_wfdb(tmp_path / "a", SIGNAL, "16")
    expected = read(header)
    header.with_suffix(".dat").rename(tmp_path / "a.dat.gz")
    np.testing.assert_array_equal(read(header).signal, expected.signal)


def test_a_matlab_file_beside_a_packed_header(test_data: Path, tmp_path: Path) -> None:
    source = next((test_data / "cinc2021").glob("*.mat"))
    expected = read(source)
    for packed in ((".hea",), (".mat",), (".hea", ".mat")):
        folder = tmp_path / "_".join(packed)
        folder.mkdir()
        for ending in (".hea", ".mat"):
            path = folder / f"{source.stem}{ending}"
            path.write_bytes(source.with_suffix(ending).read_bytes())
            if ending in packed:
                pack(path)
        for path in folder.iterdir():
            got = read(path)
            assert got.format == "wfdb"
            np.testing.assert_array_equal(got.signal, expected.signal)


def test_what_only_the_library_decodes_is_to_be_unpacked(tmp_path: Path) -> None:
    header = write_wfdb(tmp_path / "a", SIGNAL, "24")
    pack(header.with_suffix(".dat"))
    with pytest.raises(RecordingError, match="unpack its files with gunzip") as caught:
        read(header)
    assert caught.value.kind == "not-supported"


def test_one_recording_of_a_packed_file_of_many(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["tracings"] = np.arange(3 * 400 * 12, dtype="f4").reshape(3, 400, 12) + 1

    (tmp_path / "a.h5").write_bytes(hdf5(fill))
    expected = read(tmp_path / "a.h5#1")
    packed = pack(tmp_path / "a.h5")
    assert_same(read(f"{packed}#1"), expected)
    assert expected.name == "a#1"


def test_a_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    bomb = gzip.compress(b"1,2,3\n" * 5_000_000, 9)
    (tmp_path / "a.csv.gz").write_bytes(bomb)
    hints = ReadHints(max_bytes=4 << 20)
    tracemalloc.start()
    with pytest.raises(RecordingError) as caught:
        read(tmp_path / "a.csv.gz", hints)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.kind == "too-large"
    assert "holds more than 4 MiB" in caught.value.message
    assert "unpack it" in caught.value.remedy
    assert most < 16 << 20
    header = tmp_path / "b.hea"
    header.write_text("b 1 500 100\nb.dat 16 200/mV\n")
    (tmp_path / "b.dat.gz").write_bytes(bomb)
    with pytest.raises(RecordingError, match="holds more than 4 MiB"):
        read(header, hints)


def test_the_limit_is_for_all_signal_files_together(tmp_path: Path) -> None:
    packed = gzip.compress(np.ones(1000, "<i2").tobytes())
    lines = [f"{name}.dat 16 200/mV 16 0 0 0 0 {name}" for name in ("I", "II", "III")]
    (tmp_path / "a.hea").write_text("\n".join(["a 3 500 1000", *lines]))
    for name in ("I", "II", "III"):
        (tmp_path / f"{name}.dat.gz").write_bytes(packed)
    hints = ReadHints(max_samples=3000, max_bytes=6000)
    assert read(tmp_path / "a.hea", hints).n_samples == 1000
    with pytest.raises(RecordingError, match="the gzip file holds more"):
        read(tmp_path / "a.hea", ReadHints(max_samples=3000, max_bytes=5999))


def test_what_is_within_the_limit_is_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", SIGNAL)
    size = path.stat().st_size
    packed = pack(path)
    assert read(packed, ReadHints(max_bytes=size, max_samples=10**6)).n_samples == 500
    with pytest.raises(RecordingError, match="the gzip file holds more"):
        read(packed, ReadHints(max_bytes=size - 1, max_samples=10**6))


def test_damaged_and_nested_streams(tmp_path: Path) -> None:
    content = write_csv(tmp_path / "a.csv", SIGNAL).read_bytes()
    packed = gzip.compress(content)
    # A block of a type that there is not.
    damaged = packed[:10] + b"\xff" + packed[11:]
    wrong_sum = packed[:-8] + struct.pack("<I", 1) + packed[-4:]
    cut = refusal("b.csv.gz", packed[: len(packed) // 2], tmp_path)
    assert (cut.kind, "ends before" in cut.message) == ("truncated", True)
    assert "copy the file again" in cut.remedy
    for stream in (damaged, wrong_sum, packed + b"garbage" * 9):
        error = refusal("b.csv.gz", stream, tmp_path)
        assert (error.kind, error.message) == ("corrupt", "the gzip stream is damaged")
    nested = refusal("b.csv.gz", gzip.compress(packed), tmp_path)
    assert (nested.kind, "gunzip" in nested.remedy) == ("not-supported", True)
    assert refusal("b.csv.gz", gzip.compress(b""), tmp_path).kind == "empty-file"
    text = refusal("b.csv.gz", gzip.compress(b"Name: A. Patient\n" * 9), tmp_path)
    assert "Patient" not in str(text)


def test_archives_are_to_be_unpacked(tmp_path: Path) -> None:
    content = write_csv(tmp_path / "a.csv", SIGNAL).read_bytes()
    archive, tape = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("a.csv", content)
    with tarfile.open(fileobj=tape, mode="w") as tar:
        tar.add(tmp_path / "a.csv", "a.csv")
    files = {
        "a.zip": archive.getvalue(),
        "a.csv.bz2": bz2.compress(content),
        "a.csv.xz": lzma.compress(content),
        "a.tar": tape.getvalue(),
        "a.tar.gz": gzip.compress(tape.getvalue()),
        "a.csv.zst": b"\x28\xb5\x2f\xfd" + bytes(60),
        "a.7z": b"7z\xbc\xaf\x27\x1c" + bytes(60),
        "a.rar": b"Rar!\x1a\x07\x00" + bytes(60),
    }
    for name, packed in files.items():
        error = refusal(name, packed, tmp_path)
        assert error.kind == "not-recognised", name
        assert error.remedy == "unpack it and name the files inside", name


def test_a_scp_file_may_begin_with_the_bytes_of_gzip(tmp_path: Path) -> None:
    content = bytearray(binary_files.scp(wave()))
    # A checksum and a length, which is not looked at.
    content[:4] = b"\x1f\x8b\x08\x00"
    got = read_as("a.scp", bytes(content), tmp_path)
    plain = read_as("a.scp", binary_files.scp(wave()), tmp_path)
    np.testing.assert_array_equal(got.signal, plain.signal)


def test_a_walk_takes_packed_files_of_every_format(tmp_path: Path) -> None:
    for path in of_each_format(tmp_path):
        pack(path)
    write_segments(tmp_path, "m", "s")
    for path in [*tmp_path.glob("s_*"), tmp_path / "m.hea"]:
        pack(path)
    (tmp_path / "5.hea.gz").write_bytes(gzip.compress(b"5 1 500 10\n5.mat 16 200/mV\n"))
    (tmp_path / "notes.txt.gz").write_bytes(b"")
    (tmp_path / "other.tar.gz").write_bytes(b"")
    (tmp_path / "x.gz").write_bytes(b"")
    (tmp_path / "a.csv.gz").rename(tmp_path / "b.csv.gz")
    for ending in (".dcm", ".ecg", ".scp", ".npy", ".edf", ".bdf", ".npz", ".h5"):
        (tmp_path / f"a{ending}.gz").unlink()
    found = find([str(tmp_path)], tmp_path / "out", claimed_extensions())
    catalogue = Catalogue.build(tmp_path / "catalogue", found)
    items = catalogue.items(range(catalogue.n_recordings))
    catalogue.close()
    names = {item.source: item.name for item in items}
    # 5.mat is read through its header, the segments of m through that.
    whole = {"m.hea.gz": "m", "5.hea.gz": "5", "4.mat.gz": "4", "7.mat.gz": "7", "73.mat.gz": "73"}
    xml = {f"{kind}.xml.gz": kind for kind in ("aecg", "muse", "cardiosoft", "sierra")}
    assert names == whole | xml | {"b.csv.gz": "b"}
    # Among them the catalogue itself.
    assert catalogue.skipped == {".gz": 1, ".tar.gz": 1, ".txt.gz": 1, "": 1}


def test_a_packed_file_beside_the_same_unpacked_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", SIGNAL)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    found = find([str(tmp_path)], tmp_path / "out", claimed_extensions())
    with pytest.raises(UsageError, match=r"a\.csv and .*a\.csv\.gz would both be drawn as a"):
        Catalogue.build(tmp_path / "catalogue", found)


def test_a_job_draws_packed_recordings_and_knows_when_they_change(tmp_path: Path) -> None:
    top = tmp_path / "in"
    top.mkdir()
    pack(write_csv(top / "a.csv", SIGNAL))
    header = write_wfdb(top / "b", SIGNAL, "16")
    for ending in (".hea", ".dat"):
        pack(header.with_suffix(ending))
    sums = {name: content_sum(top / name) for name in ("a.csv.gz", "b.hea.gz")}
    run_ecgmpi("render", top, "-o", tmp_path / "out", "--strict", *QUICK).expect(0)
    rows = {row["name"]: row for row in table(tmp_path / "out" / "manifest.csv")}
    assert {row["content"] for row in rows.values()} == set(sums.values())
    assert set(rows) == {"a", "b"}
    # The same samples, packed otherwise: other bytes.
    samples = top / "b.dat.gz"
    samples.write_bytes(gzip.compress(gzip.decompress(samples.read_bytes()), 1, mtime=1))
    assert content_sum(top / "b.hea.gz") != sums["b.hea.gz"]
    ended = run_ecgmpi("inspect", top)
    assert ended.expect(0).out.count("wfdb") >= 1
