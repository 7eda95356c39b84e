"""Small corpora of the layout of well-known ones, with the tables that come with them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import h5py
import numpy as np

from ecgmpi.ecg.synthetic import synthesize

SCP_CODES = "{'NORM': 100.0, 'LVOL': 0.0, 'SR': 0.0}"
"""As PTB-XL has them: commas and quotes in one value."""


def write_table(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], encoding: str = "utf-8"
) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding=encoding, newline="") as handle:
        table = csv.writer(handle)
        table.writerow(header)
        table.writerows(rows)
    return path


def wfdb_record(path: Path, index: int) -> None:
    """Write a record of two seconds, `path` without ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    record = synthesize(seed=0, index=index, duration=2.0)
    counts = np.round(record.signal * 1000).astype("<i2")
    lines = [f"{path.name} {len(record.leads)} {record.rate:g} {record.n_samples}"]
    lines += [
        f"{path.name}.dat 16 1000(0)/mV 16 0 {row[0]} {int(row.sum()) % 65536} 0 {lead}"
        for lead, row in zip(record.leads, counts, strict=True)
    ]
    path.with_name(f"{path.name}.dat").write_bytes(counts.T.tobytes())
    path.with_name(f"{path.name}.hea").write_text("\n".join(lines) + "\n")


def ptb_xl(folder: Path, n: int = 4) -> Path:
    """PTB-XL: records named by folders of 100 and 500 Hz, and ``ptbxl_database.csv``."""
    rows = []
    for k in range(1, n + 1):
        name = f"records500/00000/{k:05d}_hr"
        wfdb_record(folder / name, k)
        low = name.replace("500", "100").replace("_hr", "_lr")
        rows.append([k, f"{15700 + k}.0", 50 + k, k % 2, "sinus", SCP_CODES, k % 10, low, name])
    header = "ecg_id patient_id age sex report scp_codes strat_fold filename_lr filename_hr"
    write_table(folder / "ptbxl_database.csv", header.split(), rows)
    return folder


def code_15(folder: Path, sizes: Sequence[int] = (3, 2)) -> Path:
    """CODE-15%: HDF5 files of many exams, each with its ``exam_id``, and ``exams.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, exam = [], 1_169_160
    for part, size in enumerate(sizes):
        file = f"exams_part{part}.hdf5"
        ids = [exam - 17 * k for k in range(size)]
        exam -= 1000
        signals = np.zeros((size, 800, 12), np.float32)
        for k in range(size):
            made = synthesize(seed=part, index=k, duration=2.0, rate=400)
            signals[k] = made.signal.T
        with h5py.File(folder / file, "w") as handle:
            handle["tracings"] = signals
            handle["exam_id"] = np.array(ids)
        rows += [[i, 30 + i % 50, i % 2 == 0, "False", "", f"P{i}", file] for i in ids]
    header = "exam_id age is_male 1dAVb death patient_id trace_file"
    # The table is in no order.
    write_table(folder / "exams.csv", header.split(), rows[::-1])
    return folder


def mimic(folder: Path, n: int = 4) -> Path:
    """MIMIC-IV-ECG: records below patients, and two tables, with a ``path`` and a ``study_id``."""
    records, measures = [], []
    for k in range(n):
        patient, study = 10_000_032 + k // 2, 40_689_238 + k
        path = f"files/p1000/p{patient}/s{study}/{study}"
        wfdb_record(folder / path, k)
        records.append([patient, study, study, f"2180-07-{23 + k} 08:44:00", path])
        measures.append([patient, study, "Sinus rhythm", "" if k % 2 else "Normal ECG", 600 + k])
    names = ["subject_id", "study_id", "file_name", "ecg_time", "path"]
    write_table(folder / "record_list.csv", names, records)
    names = ["subject_id", "study_id", "report_0", "report_1", "rr_interval"]
    write_table(folder / "machine_measurements.csv", names, measures)
    return folder


def challenge(folder: Path) -> Path:
    """The Challenge of 2021: what is known of a patient stands in comments of each header."""
    said = [
        "#Age: 74\n#Sex: Male\n#Dx: 426177001,164934002\n#Rx: Unknown\n",
        "# Age: 49\n# Sex: Female\n# Dx: 426783006\n# Name: Erika Mustermann\n",
        "#Age: NaN\n",
        "#Dx: 59118001\n#Age: 81\n#Sex: Female\n#Dx: 1\n",
    ]
    for k, comments in enumerate(said, 1):
        wfdb_record(folder / "WFDBRecords" / "01" / f"JS{k:05d}", k)
        header = folder / "WFDBRecords" / "01" / f"JS{k:05d}.hea"
        header.write_text(header.read_text() + comments)
    return folder
