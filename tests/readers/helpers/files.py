"""Files as other programs write them, and files with one fault each."""

from __future__ import annotations

import io
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.io import savemat

Array = npt.NDArray[Any]


def wave(leads: int = 12, samples: int = 50, dtype: str = "f8") -> Array:
    values = np.random.default_rng(leads * 1000 + samples).normal(0, 100, (leads, samples))
    return values.astype(dtype)


def mat5(variables: dict[str, Any], compressed: bool = False) -> bytes:
    file = io.BytesIO()
    savemat(cast(Any, file), variables, do_compression=compressed)
    return file.getvalue()


def mat4(variables: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    savemat(cast(Any, file), variables, format="4")
    return file.getvalue()


def hdf5(fill: Callable[[h5py.File], object], userblock: int = 0) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.h5"
        with h5py.File(path, "w", userblock_size=userblock) as file:
            fill(file)
        return path.read_bytes()


def mat73(variables: dict[str, Array], matlab_class: str = "double", **options: Any) -> bytes:
    def fill(file: h5py.File) -> None:
        for name, values in variables.items():
            dataset = file.create_dataset(name, data=values.T, **options)
            dataset.attrs["MATLAB_class"] = np.bytes_(matlab_class)

    return with_matlab_header(hdf5(fill, userblock=512))


def with_matlab_header(content: bytes) -> bytes:
    header = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    return header + content[len(header) :]


def element(kind: int, content: bytes, order: str = "<") -> bytes:
    padding = b"\0" * (-len(content) % 8)
    return struct.pack(order + "II", kind, len(content)) + content + padding


def matrix(
    name: bytes,
    shape: tuple[int, ...],
    values: bytes,
    *,
    mx_class: int = 6,
    storage: int = 9,
    order: str = "<",
) -> bytes:
    """A variable of a MATLAB 5 file, true or not."""
    flags = element(6, struct.pack(order + "II", mx_class, 0), order)
    dims = element(5, struct.pack(f"{order}{len(shape)}i", *shape), order)
    return element(
        14, flags + dims + element(1, name, order) + element(storage, values, order), order
    )


def mat5_by_hand(*variables: bytes, order: str = "<") -> bytes:
    mark = b"\x00\x01IM" if order == "<" else b"\x01\x00MI"
    return b"MATLAB 5.0 MAT-file".ljust(124) + mark + b"".join(variables)


def deflated(variable: bytes) -> bytes:
    content = zlib.compress(variable)
    return struct.pack("<II", 15, len(content)) + content


def _with(array: Array, place: Any, value: float) -> Array:
    array = array.copy()
    array[place] = value
    return array


def _opaque() -> bytes:
    flags = element(6, struct.pack("<II", 17, 0))
    parts = [element(1, name) for name in (b"data", b"MCOS", b"table")]
    return mat5_by_hand(element(14, flags + b"".join(parts) + matrix(b"", (1, 1), b"\0" * 8)))


def _other_file(file: h5py.File) -> None:
    file["data"] = h5py.ExternalLink("elsewhere.h5", "/data")


def _loop(file: h5py.File) -> None:
    file["data"] = h5py.SoftLink("/other")
    file["other"] = h5py.SoftLink("/data")


def _group(file: h5py.File) -> None:
    file.create_group("data").attrs["MATLAB_class"] = np.bytes_("struct")
    file["data/signal"] = wave()


def _sparse(file: h5py.File) -> None:
    file.create_group("data").attrs["MATLAB_sparse"] = 12
    file["data/ir"] = np.arange(3)


def _empty(file: h5py.File) -> None:
    dataset = file.create_dataset("data", data=np.array([12, 0], dtype="u8"))
    dataset.attrs["MATLAB_class"] = np.bytes_("double")
    dataset.attrs["MATLAB_empty"] = np.int32(1)


def _complex(file: h5py.File) -> None:
    pair = np.zeros((50, 12), dtype=[("real", "f8"), ("imag", "f8")])
    file.create_dataset("data", data=pair).attrs["MATLAB_class"] = np.bytes_("double")


def _cell(file: h5py.File) -> None:
    dataset = file.create_dataset("data", (1, 2), dtype=h5py.ref_dtype)
    dataset.attrs["MATLAB_class"] = np.bytes_("cell")


def _bomb(file: h5py.File) -> None:
    file.create_dataset("data", (12, 50_000_000), "f8", chunks=(12, 1000), compression="gzip")


def _one_chunk_bomb(file: h5py.File) -> None:
    dataset = file.create_dataset(
        "data", (12, 50), "f8", chunks=(1 << 15, 1 << 14), maxshape=(None, None)
    )
    assert dataset.chunks


_HALF = mat5({"data": wave(12, 5000)})
_HALF_COMPRESSED = mat5({"data": wave(12, 5000)}, compressed=True)
_ONE = struct.pack("<d", 1.0)
_V73 = mat73({"data": wave(12, 5000)})

FAULTS: dict[str, tuple[bytes, str, str, str]] = {
    # file: content, class, part of the message, part of the remedy
    "zero_bytes.mat": (b"", "empty-file", "no bytes", "copy"),
    "text.mat": (b"Name: A. Patient\n" * 20, "not-recognised", "plain text", "convert"),
    "zeros.mat": (b"\0" * 900, "corrupt", "900 bytes are all zero", "copy the file again"),
    "picture.mat": (b"\x89PNG\r\n\x1a\n" + b"\0" * 90, "not-recognised", "a PNG", "convert"),
    "noise.mat": (bytes(range(255, 120, -1)), "not-recognised", "ff fe fd", "convert"),
    "header_only.mat": (_HALF[:128], "no-variable", "no variable at all", "save the samples"),
    "truncated_header.mat": (_HALF[:100], "truncated", "100 bytes long", "copy the file"),
    "truncated_tag.mat": (_HALF[:133], "truncated", "5 bytes into the tag", "copy the file"),
    "truncated_half.mat": (_HALF[:240000], "truncated", "of the 480,048 bytes", "copy the file"),
    "truncated_compressed.mat": (_HALF_COMPRESSED[:9000], "truncated", "after 8,864", "copy"),
    "truncated_v73_header.mat": (_V73[:300], "truncated", "300 bytes long", "copy the file"),
    "truncated_v73.mat": (_V73[:9000], "truncated", "after 9,000 of the", "copy the file"),
    "truncated_v4.mat": (mat4({"data": wave()})[:999], "truncated", "of the 4,800", "copy"),
    "v73_without_hdf5.mat": (
        with_matlab_header(b"\0" * 9000), "corrupt", "no HDF5 data", "save it again",
    ),
    "v73_damaged.mat": (_V73[:530] + b"\xff" * 900 + _V73[1430:], "corrupt", "HDF5", "again"),
    "checksum.mat": (
        _HALF_COMPRESSED[:-1] + bytes([_HALF_COMPRESSED[-1] ^ 1]), "corrupt", "damaged", "copy",
    ),
    "not_an_element.mat": (mat5_by_hand(b"\xff" * 16), "corrupt", "byte 128", "copy"),
    "negative_dimension.mat": (
        mat5_by_hand(matrix(b"data", (12, -5), _ONE)), "corrupt", "dimension of -5", "copy",
    ),
    "no_such_class.mat": (
        mat5_by_hand(matrix(b"data", (1, 1), _ONE, mx_class=99)), "corrupt", "class", "copy",
    ),
    "no_such_storage.mat": (
        mat5_by_hand(matrix(b"data", (1, 1), _ONE, storage=77)), "corrupt", "type", "copy",
    ),
    "storage_zero.mat": (
        mat5_by_hand(deflated(matrix(b"data", (12, 5), b"\0" * 480, storage=0))),
        "corrupt", "type", "copy",
    ),
    "one_dimension.mat": (
        mat5_by_hand(matrix(b"data", (12,), b"\0" * 96)), "corrupt", "the dimensions", "copy",
    ),
    "fewer_values_than_dimensions.mat": (
        mat5_by_hand(matrix(b"data", (12, 500), _ONE)), "corrupt", "keeps 8 bytes", "copy",
    ),
    "compressed_holds_more.mat": (
        mat5_by_hand(deflated(matrix(b"data", (1, 1), _ONE) + b"\0" * 10**6)),
        "corrupt", "does not end where its values do", "copy",
    ),
    "bomb_by_dimensions.mat": (
        mat5_by_hand(deflated(matrix(b"data", (12, 10**9), b"\0" * 10**6))),
        "too-large", "45,776 MiB", "shorter files",
    ),
    "bomb_v73.h5": (hdf5(_bomb), "too-large", "4,578 MiB", "shorter files"),
    "bomb_chunk.h5": (hdf5(_one_chunk_bomb), "too-large", "a chunk of", "shorter files"),
    "wrong_key.mat": (
        mat5({"ecg": wave(), "fs": 500.0, "noise": wave(2)}), "no-variable",
        "'ECG.data'; the file holds ecg (12x50 double), fs (1x1 ", "--key ecg",
    ),
    "wrong_key_v73.mat": (
        mat73({"ecg": wave(), "noise": wave(2)}), "no-variable",
        "holds ecg (12x50 double)", "--key ecg",
    ),
    "wrong_key_v4.mat": (
        mat4({"ecg": wave(), "noise": wave(2)}), "no-variable", "ecg (12x50 double)", "--key ecg",
    ),
    "struct.mat": (
        mat5({"data": {"signal": wave()}}), "not-numeric", "holds a struct", "plain array",
    ),
    "cell.mat": (
        mat5({"data": np.array([wave(), "a"], dtype=object)}), "not-numeric", "cell", "plain",
    ),
    "text_variable.mat": (mat5({"data": "normal"}), "not-numeric", "holds text", "plain array"),
    "text_variable_v4.mat": (mat4({"data": "normal"}), "not-numeric", "holds text", "plain"),
    "sparse.mat": (
        mat5({"data": scipy.sparse.csc_array(wave())}), "not-numeric", "a sparse matrix", "plain",
    ),
    "table.mat": (_opaque(), "not-numeric", "an object of a class", "plain array"),
    "logical.mat": (mat5({"data": wave() > 0}), "not-numeric", "true and false", "plain"),
    "complex.mat": (mat5({"data": wave() + 1j}), "complex", "complex numbers", "real part"),
    "complex_v4.mat": (mat4({"data": wave() + 1j}), "complex", "complex numbers", "real part"),
    "complex_v73.mat": (
        with_matlab_header(hdf5(_complex, 512)), "complex", "complex numbers", "real part",
    ),
    "cell_v73.mat": (with_matlab_header(hdf5(_cell, 512)), "not-numeric", "a cell", "plain"),
    "struct_v73.mat": (
        with_matlab_header(hdf5(_group, 512)), "not-numeric", "a struct of signal", "plain",
    ),
    "sparse_v73.mat": (
        with_matlab_header(hdf5(_sparse, 512)), "not-numeric", "a sparse matrix", "plain",
    ),
    "text_v73.mat": (
        mat73({"data": wave(1, 9, "u2")}, "char"), "not-numeric", "holds text", "plain",
    ),
    "empty_v73.mat": (with_matlab_header(hdf5(_empty, 512)), "no-samples", "empty", "leave"),
    "link_out_of_file.h5": (hdf5(_other_file), "not-supported", "another file", "name that"),
    "link_loop.h5": (hdf5(_loop), "corrupt", "HDF5", "copy"),
    "three_axes.mat": (
        mat5({"data": np.zeros((12, 5, 2))}), "wrong-shape", "3 axes (12x5x2)", "one recording",
    ),
    "many_leads.mat": (mat5({"data": wave(65, 70)}), "wrong-shape", "65 leads", "--key"),
    "no_samples.mat": (mat5({"data": wave(12, 0)}), "no-samples", "(12x0)", "leave"),
    "all_nan.mat": (
        mat5({"data": np.full((12, 50), np.nan)}), "all-nan", "all 600 samples", "leave",
    ),
    "infinite.mat": (
        mat5({"data": _with(wave(), (2, [7, 9]), np.inf)}),
        "infinite", "2 samples are not finite: lead III, sample 7 is infinite", "NaN",
    ),
    "beyond_float32.mat": (
        mat5({"data": _with(wave(), (11, 3), -1e300)}),
        "corrupt", "1 sample is beyond the range of any ECG: lead V6, sample 3 is -1e+300",
        "another type or byte order",
    ),
}  # fmt: skip
