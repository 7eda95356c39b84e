"""Good files to be damaged: some of each format that a library writes, and real ones."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from ecgmpi.readers import claimed_extensions
from ecgmpi.readers.scp.crc import ccitt
from tests.readers.helpers import binary_files, device_files
from tests.readers.helpers.files import Array, hdf5, mat4, mat5, mat73, with_matlab_header
from tests.readers.helpers.writers import (
    write_csv,
    write_edf,
    write_npz,
    write_segments,
    write_wfdb,
)

LARGEST = 600_000
"""Bytes of a real recording, with its sidecars, that is used: larger ones teach no more."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A recording of one file or several.

    Attributes
    ----------
    name
        For messages.
    files
        Name -> content; the first is the one to read.
    member
        The address of a recording in it, such as ``#1``; empty where it holds one.
    mend
        Puts checksums right, so that damage gets behind them; None where there are none.
    """

    name: str
    files: dict[str, bytes]
    member: str = ""
    mend: Callable[[bytes], bytes] | None = None


def seeds(folder: str | None = os.environ.get("ECGMPI_TEST_DATA")) -> list[Seed]:
    """All good files, in an order that is always the same."""
    return made() + (real(Path(folder)) if folder else [])


def made() -> list[Seed]:
    """Files that are written on the spot."""
    rng = np.random.default_rng(7)
    signal = rng.normal(0, 0.4, (12, 300))
    struct = {"ECG": {"sex": "Male", "age": 5.0, "data": signal}}
    # As wide as they are long, so that most damage is to what describes the samples.
    small = signal[:3, :40]
    found = [
        Seed("mat5", {"a.mat": mat5({"data": small})}),
        Seed("mat5z", {"a.mat": mat5({"data": signal, "fs": 250.0}, compressed=True)}),
        Seed("mat-struct", {"a.mat": mat5(struct)}),
        Seed("mat-struct-z", {"a.mat": mat5(struct, compressed=True)}),
        Seed("mat4", {"a.mat": mat4({"val": np.int16(small * 1000)})}),
        Seed("mat73", {"a.mat": mat73({"data": small}, compression="gzip")}),
        Seed("h5-many", {"a.h5": hdf5(_many)}, "#1"),
        Seed("h5", {"a.h5": hdf5(lambda file: file.create_dataset("data", data=small))}),
    ]
    found += stated(small)
    found += tables((small * 1000).astype(int))
    found += devices((signal * 1000).astype(np.int16))
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary)
        paths = [write_edf(top / "a.edf", signal), write_csv(top / "a.csv", small)]
        paths.append(write_npz(top / "a.npz", signal))
        np.save(top / "a.npy", small)
        paths.append(top / "a.npy")
        found += [Seed(path.suffix[1:], {path.name: path.read_bytes()}) for path in paths]
        for form in ("16", "212", "80", "24", "508"):
            header = write_wfdb(top / f"w{form}", small if form != "16" else signal, form)
            found.append(Seed(f"wfdb-{form}", _with_sidecars(header)))
        header = write_segments(top / "segments", "m", "s", n_samples=40)
        files = sorted(header.parent.iterdir(), key=lambda path: path != header)
        found.append(Seed("wfdb-segments", {path.name: path.read_bytes() for path in files}))
    return found + odd_headers(found) + packed(found)


def odd_headers(found: list[Seed]) -> list[Seed]:
    """WFDB headers in Latin-1, with folders in names, and without rate and gain."""
    (plain,) = (seed for seed in found if seed.name == "wfdb-80")
    header, samples = plain.files["w80.hea"], plain.files["w80.dat"]
    latin = header.replace(b"/mV", b"/\xb5V").replace(b" II", b" D\xe9rivation II")
    folders = header.replace(b"w80.dat", b"../a/w80.dat").replace(b"w80 ", b"a/w80 ")
    bare = b"w80 3\n" + b"".join(
        b"w80 80 0/uV 8 0 0 0 0 %b\n" % lead for lead in (b"I", b"II", b"V")
    )
    texts = {
        "latin": latin,
        "folders": folders,
        "windows": header.replace(b"w80", b"C:\\a\\w80"),
        "bare": bare,
    }
    return [
        Seed(f"wfdb-{kind}", {f"{kind}.hea": text, "w80.dat": samples})
        for kind, text in texts.items()
    ]


def packed(found: list[Seed]) -> list[Seed]:
    """Gzip files of several formats, damaged outside; and inside, before they are packed."""
    kinds = ("mat5", "mat73", "h5-many", "edf", "csv", "npz", "npy", "dicom.dcm", "aecg.xml")
    chosen = [seed for seed in found if seed.name in (*kinds, "scp.scp", "wfdb-16")]
    seeds = []
    for seed in chosen:
        # Names of their own: what one leaves behind must not lie beside another.
        inside = {f"gz-{seed.name}-{name}.gz": content for name, content in seed.files.items()}
        if seed.name.startswith("wfdb"):
            inside = {f"{name}.gz": content for name, content in seed.files.items()}
        outside = {name: gzip.compress(content) for name, content in inside.items()}
        seeds.append(Seed(f"gz-{seed.name}", outside, seed.member))
        seeds.append(Seed(f"in-gz-{seed.name}", inside, seed.member, mend=gzip.compress))
    return seeds


def stated(signal: Array) -> list[Seed]:
    """Arrays beside which their rate, unit and leads stand; many recordings; an array a lead."""
    counts = (signal * 1000).astype("i2")
    leads = ["V1", "aVF", "II"]
    beside = {"fs": 250.0, "units": "uV", "leads": np.array([leads], dtype=object)}

    def attributes(file: h5py.File) -> None:
        file["ecg"] = counts
        file["ecg"].attrs.update(fs=250, units="uV", leads=leads, adc_gain=[1.0, 2.0, 3.0])
        file["SR"] = np.array([250.0])

    def a_dataset_a_lead(file: h5py.File) -> None:
        file.update({f"ecg/{lead}": row for lead, row in zip(leads, counts, strict=True)})
        file["ecg"].attrs.update(fs=np.bytes_("250 Hz"), unit=np.bytes_("uV"))

    def cells(file: h5py.File) -> None:
        file["data"] = counts.T
        for lead in leads:
            item = file.create_dataset(f"#refs#/{lead}", data=[[ord(c)] for c in lead], dtype="u2")
            item.attrs["MATLAB_class"] = np.bytes_("char")
        references = [[file[f"#refs#/{lead}"].ref] for lead in leads]
        file.create_dataset("leads", data=references, dtype=h5py.ref_dtype)
        file["leads"].attrs["MATLAB_class"] = np.bytes_("cell")

    found = [
        Seed("h5-attributes", {"a.h5": hdf5(attributes)}),
        Seed("h5-leads", {"a.h5": hdf5(a_dataset_a_lead)}),
        Seed("mat73-cells", {"a.mat": with_matlab_header(hdf5(cells, userblock=512))}),
        Seed("mat5-cells", {"a.mat": mat5({"val": counts, **beside})}),
        Seed("mat5z-cells", {"a.mat": mat5({**beside, "val": counts}, compressed=True)}),
        Seed("mat-struct-cells", {"a.mat": mat5({"ECG": {"data": counts, **beside}})}),
        Seed("mat4-text", {"a.mat": mat4({"data": counts, "leads": leads, "units": "uV"})}),
        Seed("mat5-leads", {"a.mat": mat5({"I": counts[0], "V2": counts[1], "dt": 0.004})}),
    ]
    many = signal[:, :36].reshape(3, 3, 12).astype("f4")
    for name, array in (("npy-many", many), ("npy-many-f", np.asfortranarray(many))):
        found.append(Seed(name, {"a.npy": npy(array)}, "#2"))
    for name, save in (("npz-many", np.savez), ("npz-many-z", np.savez_compressed)):
        file = io.BytesIO()
        save(file, X=many, units=["mV", "uV", "V"], ch_names=np.array(leads, "S"), fs=250)
        found.append(Seed(name, {"a.npz": file.getvalue()}, "#2"))
    file = io.BytesIO()
    np.savez(file, I=signal[0], II=signal[1], unit="uV", freq=250)
    return [*found, Seed("npz-leads", {"a.npz": file.getvalue()})]


def npy(array: Array) -> bytes:
    """The file that `numpy.save` makes."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


_TABLES = {
    "watch": ("Name,A\nSample Rate,512 hertz\n\nLead,Lead I\nUnit,µV\n\n", "{0}"),
    "opensignals": (
        '# OpenSignals Text File Format\n# {"0": {"column": ["nSeq", "A1", "A2"], '
        '"sampling rate": 1000, "label": ["A1", "A2"], "resolution": [4, 10, 10]}}\n',
        "{k}\t{0}\t{1}\t",
    ),
    "biosppy": ("# Sampling Rate (Hz):= 1000.00\n# Resolution:= 12\n# Labels:= ECG\n", "{0}"),
    "bank": ("'Elapsed time','I','II'\n'hh:mm:ss.mmm','mV','mV'\n", "'0:{t:06.3f}',{0},{1}"),
    "rdsamp": ("", "  {t:.3f}\t {0}\t {1}"),
    "sensor": (
        "Phone timestamp;sensor timestamp [ns];ecg [uV]\n",
        "2024-01-01T12:00:{t:06.3f};{ns};{0}",
    ),
    "spreadsheet": ('"sep=;"\ntime;I;II\ns;mV;mV\n', "{t:.3f};{0};{1}"),
    "numbers": (",0,1,2\n", "{k},{0},{1},{2}"),
    "gap": ("I,II,timestamp\n", "{0},{1},{gap}"),
}


def tables(counts: device_files.Counts) -> list[Seed]:
    """Tables of text of the kinds that people have."""
    found = []
    for name, (head, line) in _TABLES.items():
        lines = [
            line.format(*row, k=k, t=k / 500, ns=10**18 + 2_000_000 * k, gap=4 * (k + 9 * (k > 20)))
            for k, row in enumerate(counts.T)
        ]
        content = (head + "\n".join(lines)).encode()
        found.append(Seed(f"table-{name}", {"a.csv": content}))
    left = [
        f"{name},{','.join(map(str, row))}" for name, row in zip(("I", "II"), counts, strict=False)
    ]
    found.append(Seed("table-left", {"a.csv": "\n".join(left).encode()}))
    found.append(Seed("table-wide", {"a.tsv": ("I\tII\n" + "1\t-2\n" * 40).encode("utf-16")}))
    return found


def devices(counts: device_files.Counts) -> list[Seed]:
    """What machines write."""
    small = counts[:3, :40]
    two_groups = device_files.dicom(small, padding=-32768)
    two_groups.WaveformSequence.append(
        device_files.group((small // 16).astype(np.int8), rate=250.0)
    )
    pieces = device_files.dicom(small, ("I", "II", "V1"))
    for begins, leads, rows in (("100.5", ("V1", "I"), small[1:]), ("0", ("II",), small[1:2])):
        pieces.WaveformSequence.append(device_files.group(rows, leads))
        pieces.WaveformSequence[-1].MultiplexGroupTimeOffset = begins
    channels = pieces.WaveformSequence[0].ChannelDefinitionSequence
    channels[0].ChannelTimeSkew, channels[2].ChannelSampleSkew = "0.004", "3"
    sets = [
        device_files.sequence_set(small, head=f'value="2024010112000{second}.5"')
        for second in (0, 1, 3)
    ]
    relative = device_files.sequence_set(small, head='value="80" unit="ms"')
    eleven = ("I", "II", *(f"V{number}" for number in range(1, 7)), "V3R", "V4R", "V7")
    records = small[:2], ["+0.5", "+0.6", "+3", "+9"], "0.1"
    own = [binary_files.HUFFMAN, [*binary_files.HUFFMAN[1:], (1, 1, 0, 1, 0)]]
    files = {
        "dicom.dcm": device_files.saved(two_groups),
        "bare.dcm": device_files.saved(two_groups)[132:],
        "pieces.dcm": device_files.saved(pieces),
        "aecg.xml": device_files.aecg(small),
        "sets.xml": device_files.aecg_of([sets[:2], sets[2:]]),
        "relative.xml": device_files.aecg_of([[relative, relative]]),
        "gaps.edf": binary_files.edf_records(*records),
        "gaps.bdf": binary_files.edf_records(*records, kind="BDF+D"),
        "stamped.edf": binary_files.edf_records(
            small[:2], ["+0.5", "+0.6", "+0.7", "+0.8"], "0.1", kind="EDF+C"
        ),
        "muse.xml": device_files.muse(small),
        "eleven.xml": device_files.muse(counts[:11, :40], eleven),
        "cardiosoft.xml": device_files.cardiosoft(small),
        "sierra.xml": device_files.sierra(counts[:, :40]),
        "wide.xml": device_files.sierra(counts[:, :40], codec="utf-16"),
        "ishne.ecg": binary_files.ishne(small, comment=b"of no one"),
    }
    scps = {
        "scp.scp": binary_files.scp(small),
        "tables.scp": binary_files.scp(small, tables=own, differences=1),
        "plain.scp": binary_files.scp(small, tables="none", differences=0, starts=[1, 3, 9]),
        "many.scp": binary_files.scp(
            small, tables="none", differences=0, too_many=1, bytes_too_many=2
        ),
        "over.scp": binary_files.scp(
            np.resize(small, (2, 33_000)), tables="none", differences=0, too_many=1
        ),
    }
    return [
        *(Seed(name, {name: content}) for name, content in files.items()),
        *(Seed(name, {name: content}, mend=with_checksums) for name, content in scps.items()),
    ]


def with_checksums(content: bytes) -> bytes:
    """An SCP-ECG file whose checksums fit what it has become."""
    mended = bytearray(content)
    for pointer in range(22, min(142, len(content) - 10), 10):
        _, size, index = struct.unpack_from("<HII", content, pointer)
        if size >= 2 and index and index - 1 + size <= len(content):
            checksum = ccitt(bytes(mended[index + 1 : index - 1 + size]))
            mended[index - 1 : index + 1] = struct.pack("<H", checksum)
    return bytes(mended)


def _many(file: h5py.File) -> None:
    rng = np.random.default_rng(7)
    signal = rng.normal(0, 0.4, (5, 40, 12)).astype("f4")
    signal[:, :5] = 0
    file.create_dataset("tracings", data=signal, chunks=(2, 20, 12), compression="gzip")
    file["exam_id"] = np.arange(5)


def real(folder: Path) -> list[Seed]:
    """Real recordings that are not large."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in claimed_extensions() and path.stat().st_size:
            files = _with_sidecars(path)
            if sum(map(len, files.values())) <= LARGEST and path.parent.name != "TRAIN":
                mend = with_checksums if path.suffix == ".scp" else None
                found.append(Seed(f"{path.parent.name}/{path.name}", files, mend=mend))
    return found


def _with_sidecars(path: Path) -> dict[str, bytes]:
    """A recording and what lies beside it under its name."""
    files = {path.name: path.read_bytes()}
    for beside in sorted(path.parent.glob(f"{path.stem}.*")):
        if beside != path:
            files[beside.name] = beside.read_bytes()
    return files
