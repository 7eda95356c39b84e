"""Tables of text, and NumPy's files."""

from __future__ import annotations

import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path
from time import process_time

import numpy as np
import pytest

from ecgmpi.errors import RecordingError
from ecgmpi.readers import ReadHints, read

ROWS = np.round(np.random.default_rng(0).normal(0, 1, (20, 3)), 3)


def table(names: str = "", mark: str = ",", time: str = "", step: float = 0.004) -> str:
    lines = []
    if names or time:
        lines.append(mark.join(filter(None, [time, *names.split()])))
    for number, row in enumerate(ROWS):
        cells = [f"{number * step:.6g}"] if time else []
        lines.append(mark.join([*cells, *(str(value) for value in row)]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "name", "rate", "unit_known", "note"),
    [
        (table(), "a.csv", 500, False, "lead names by convention"),
        (table("I II III"), "a.csv", 500, False, "rate 500 Hz assumed"),
        (table("I II III", "\t"), "a.tsv", 500, False, "units mV assumed"),
        (table("i ii iii", ";").replace(".", ","), "a.csv", 500, False, "units"),
        (table("I II III", time="time"), "a.csv", 250, False, "from column 'time', in s"),
        (table("I II III", time="Time (ms)", step=4), "a.csv", 250, False, "in ms"),
        (table("I II III", time="ms", step=4), "a.csv", 250, False, "rate 250 Hz"),
        (table("I II III", time="time", step=4), "a.csv", 250, False, "in ms"),
        (table("I II III", time="sample", step=1), "a.csv", 500, False, "counts samples"),
        (table("I_mV II_mV III_mV"), "a.csv", 500, True, "rate 500 Hz assumed"),
        ("# made by hand\n" + table("I[mV] II[mV] III[mV]"), "a.csv", 500, True, "rate"),
        ("\ufeff" + table("I II III"), "a.csv", 500, False, "assumed"),
        (table("I II III"), "no_extension", 500, False, "assumed"),
    ],
)
def test_tables(
    text: str, name: str, rate: float, unit_known: bool, note: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    record = read(tmp_path / name)
    np.testing.assert_array_equal(record.signal, ROWS.T.astype(np.float32))
    assert (record.leads, record.rate) == (("I", "II", "III"), rate)
    assert record.unit_known is unit_known
    assert note in "; ".join(record.notes)


def test_a_column_of_time_without_a_name(tmp_path: Path) -> None:
    text = "\n".join(f"{n * 0.002:.3f},{row[0]}" for n, row in enumerate(ROWS))
    (tmp_path / "a.csv").write_text(text)
    record = read(tmp_path / "a.csv")
    assert (record.leads, record.rate, record.n_samples) == (("I",), 500.0, 20)


def test_empty_cells_are_gaps_and_units_are_obeyed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("I (uV),II (uV)\n1000,\n,3000\n5,6\n")
    record = read(tmp_path / "a.csv")
    assert record.signal[0, 0] == 1.0
    assert np.isnan(record.signal[[1, 0], [0, 1]]).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,label\nA. Patient,1\nB. Patient,2\n", "no column holds samples"),
        ("I,II\n1,2\n3\n", "line 2 has 2 cells but line 3 has 1"),
        ("I,II,III\n1,2\n3,4\n", "line 1 has 3 cells, but the lines of samples have 2"),
        ("I,II\n", "plain text|names and no numbers|not a table|is a table"),
    ],
)
def test_what_is_no_table_of_samples(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(RecordingError, match=words) as caught:
        read(tmp_path / "a.csv")
    assert "Patient" not in str(caught.value)


def test_arrays_of_objects_are_not_unpickled(tmp_path: Path) -> None:
    bomb = np.array([print], dtype=object)
    np.save(tmp_path / "a.npy", bomb, allow_pickle=True)
    np.savez(tmp_path / "b.npz", data=bomb, leads=bomb, fs=bomb)
    for name in ("a.npy", "b.npz"):
        with pytest.raises(RecordingError, match="pickle") as caught:
            read(tmp_path / name)
        assert caught.value.kind == "not-supported"


def test_an_archive_that_inflates_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("data.npy", "w", force_zip64=True) as file,
    ):
        header = {"descr": "<f4", "fortran_order": False, "shape": (12, 10**9)}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(10**6))
    with pytest.raises(RecordingError, match="MiB when decoded") as caught:
        read(path)
    assert caught.value.kind == "too-large"


def test_a_rate_and_names_beside_the_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", ecg=ROWS.T[:2].repeat(9, 1), fs=128, leads=["V2", "avr"])
    record = read(tmp_path / "a.npz")
    assert (record.leads, record.rate) == (("V2", "aVR"), 128.0)
    assert "array 'ecg' taken" in record.notes[0]
    with pytest.raises(RecordingError, match="no variable 'x'"):
        read(tmp_path / "a.npz", ReadHints(key="x"))


@pytest.mark.parametrize(
    "content",
    [
        ",".join(f"a{k}" for k in range(60_000)) + "\n" + (",".join("1" * 60_000) + "\n") * 2,
        "I" + "(" * 100_000 + ",II\n" + "1,2\n" * 5,
        "I" + " " * 100_000 + "x,II\n" + "1,2\n" * 5,
        "I,II\n1,2\n1,2\n" + "4" * 100_000 + "x,2\n",
        "I,II\n" + "1," + "4" * 100_000 + "x\n",
        "Rate" + " " * 100_000 + "x\n" + "1,2\n" * 5,
        "# " + "1 " * 50_000 + "\n" + "1,2\n" * 5,
        "# " + "a:b, " * 50_000 + "\n" + "1,2\n" * 5,
        '# {"sampl' + "_" * 60_000 + '": 1}\n' + "1,2\n" * 5,
        "'" * 100_000 + ",1\n" + "1,2\n" * 5,
        "time,I\n" + "".join(f"{k % 7},{k}\n" for k in range(20_000)),
    ],
)
def test_no_table_takes_for_ever(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    begun = process_time()
    with suppress(RecordingError):
        read(path)
    assert process_time() - begun < 4.0


def test_a_single_wide_line_takes_no_more_memory_than_it_has_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("," * 30_000 + "\n" + "1,2\n" * 5_000)
    tracemalloc.start()
    try:
        with pytest.raises(RecordingError, match="line 1 has 30001 cells, but"):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
