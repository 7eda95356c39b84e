"""One folder with a recording in each format: the same heart, written by each library or by us."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from scipy.io import savemat

from ecgmpi.ecg.synthetic import synthesize
from tests.readers.helpers import binary_files, device_files
from tests.readers.helpers.files import Array, mat4, mat5, mat73
from tests.readers.helpers.writers import write_bdf, write_csv, write_edf, write_npz, write_wfdb

QUANTUM = 0.005
"""mV: what all of `SIGNAL` is a multiple of, so that most formats keep it exactly."""

_COUNTS = np.round(synthesize(6, 1, duration=2.0).signal / QUANTUM).astype(np.int16)

SIGNAL: Array = _COUNTS * QUANTUM
"""The standard leads, two seconds at 500 Hz, mV."""

RECORDINGS = {
    "device/a.dcm": "dicom",
    "device/b.scp": "scp",
    "device/c.ecg": "ishne",
    "device/aecg.XML": "aecg",
    "device/muse.xml": "muse",
    "device/cardiosoft.xml": "cardiosoft",
    "device/sierra.xml": "sierra",
    "edf/a.edf": "edf",
    "edf/b.BDF": "bdf",
    "wfdb/r16.hea": "wfdb",
    "wfdb/r212.hea": "wfdb",
    "wfdb/r516.hea": "wfdb",
    "challenge/JS1.hea": "wfdb",
    "four.mat": "matlab-4",
    "five.mat": "matlab-5",
    "packed.mat": "matlab-5",
    "struct.mat": "matlab-5",
    "seventhree.mat": "matlab-7.3",
    "one.h5": "hdf5",
    "many.hdf5#0": "hdf5",
    "many.hdf5#1": "hdf5",
    "a.npy": "npy",
    "b.npz": "npz",
    "a b.csv": "csv",
    "c.tsv": "csv",
}
"""Path below the folder -> what the reader calls it."""

IGNORED = (
    *("wfdb/r16.dat", "wfdb/r212.dat", "wfdb/r516_1.dat", "wfdb/r516_2.dat", "challenge/JS1.mat"),
    *("README.txt", ".hidden.mat"),
)
"""Files that are no recordings of their own."""

BROKEN = {"letter.xml": "not-recognised", "cut.mat": "truncated"}
"""Files that must be refused -> the class."""


def one_of_each(folder: Path) -> Path:
    """Write `RECORDINGS`, `IGNORED` and `BROKEN` into a folder."""
    for name in ("device", "edf", "wfdb", "challenge"):
        (folder / name).mkdir(parents=True)
    # Most are in 2.5 uV, so that their counts are even.
    fine = 2 * _COUNTS
    contents = {
        "device/a.dcm": device_files.saved(device_files.dicom(fine)),
        "device/b.scp": binary_files.scp(fine),
        "device/c.ecg": binary_files.ishne(fine, rate=500),
        "device/aecg.XML": device_files.aecg(fine),
        "device/muse.xml": device_files.muse(_COUNTS, scale="5"),
        "device/cardiosoft.xml": device_files.cardiosoft(_COUNTS),
        "device/sierra.xml": device_files.sierra(_COUNTS),
        "four.mat": mat4({"data": SIGNAL}),
        "five.mat": mat5({"data": SIGNAL}),
        "packed.mat": mat5({"val": SIGNAL}, compressed=True),
        "struct.mat": mat5({"ECG": {"sex": "Male", "age": 1.0, "data": SIGNAL}}),
        "seventhree.mat": mat73({"data": SIGNAL}),
        "README.txt": b"Read me.",
        ".hidden.mat": b"",
        "letter.xml": b"<letter>Dear</letter>",
        "cut.mat": mat5({"data": SIGNAL})[:9000],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    for form in ("16", "212", "516"):
        write_wfdb(folder / "wfdb" / f"r{form}", SIGNAL, form)
    # As the PhysioNet Challenges: samples in a .mat that a header describes.
    savemat(folder / "challenge" / "JS1.mat", {"val": _COUNTS}, format="4")
    lines = [f"JS1.mat 16+24 200/mV 16 0 0 0 0 {lead}" for lead in _LEADS]
    (folder / "challenge" / "JS1.hea").write_text("\n".join(["JS1 12 500 1000", *lines, ""]))
    write_edf(folder / "edf" / "a.edf", SIGNAL)
    write_bdf(folder / "edf" / "b.BDF", SIGNAL)
    with h5py.File(folder / "one.h5", "w") as file:
        file["data"] = SIGNAL
    with h5py.File(folder / "many.hdf5", "w") as file:
        file["tracings"] = np.stack([SIGNAL.T, SIGNAL.T]).astype(np.float32)
        file["fs"] = 500.0
    np.save(folder / "a.npy", SIGNAL)
    write_npz(folder / "b.npz", SIGNAL)
    write_csv(folder / "a b.csv", SIGNAL)
    write_csv(folder / "c.tsv", SIGNAL, delimiter="\t")
    return folder


_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
