"""Every format has what its line in the registry promises; mypy checks the types."""

from __future__ import annotations

from ecgmpi.readers import FORMATS, ishne
from ecgmpi.readers.dicom import record as dicom
from ecgmpi.readers.edf import record as edf
from ecgmpi.readers.hdf5 import record as hdf5
from ecgmpi.readers.matlab import record as matlab
from ecgmpi.readers.numpy_arrays import npy, npz
from ecgmpi.readers.protocol import Container, Linked, Reader, Segmented
from ecgmpi.readers.scp import record as scp
from ecgmpi.readers.table import load as table
from ecgmpi.readers.wfdb import record as wfdb
from ecgmpi.readers.xml_formats import aecg, cardiosoft, muse, sierra

# Each assignment is checked by mypy: a module without a function, or with another type, fails.
READERS: dict[str, Reader] = {
    "aecg": aecg,
    "cardiosoft": cardiosoft,
    "csv": table,
    "dicom": dicom,
    "edf": edf,
    "hdf5": hdf5,
    "ishne": ishne,
    "matlab-4": matlab,
    "matlab-5": matlab,
    "matlab-7.3": hdf5,
    "muse": muse,
    "npy": npy,
    "npz": npz,
    "scp": scp,
    "sierra": sierra,
    "wfdb": wfdb,
}
CONTAINERS: dict[str, Container] = {"hdf5": hdf5, "npy": npy, "npz": npz}
SEGMENTED: dict[str, Segmented] = {"wfdb": wfdb}
LINKED: dict[str, Linked] = {"wfdb": wfdb}


def test_every_format_is_checked_for_what_its_line_promises() -> None:
    for format in FORMATS:
        module = READERS[format.name]
        assert f"ecgmpi.readers.{format.module}" == vars(module)["__name__"]
        for promised, checked in (
            (format.many, CONTAINERS),
            (format.segment_name, SEGMENTED),
            (format.names_others, LINKED),
        ):
            assert bool(promised) == (format.name in checked), format.name
            assert not promised or checked[format.name] is module
    assert len(READERS) == len(FORMATS)
