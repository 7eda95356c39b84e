from __future__ import annotations

import io
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.io import loadmat, whosmat

from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError
from ecgmpi.readers import NO_HINTS, ReadHints, read
from ecgmpi.readers.matlab.variables import usual_head
from tests.readers.helpers.files import Array, hdf5, mat4, mat5, mat5_by_hand, mat73, matrix, wave

WRITERS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "matlab-5": mat5,
    "matlab-5-compressed": lambda variables: mat5(variables, compressed=True),
    "matlab-4": mat4,
    "matlab-7.3": mat73,
    "hdf5": lambda variables: hdf5(lambda file: [file.update(variables)]),
}


def read_bytes(content: bytes, hints: ReadHints = NO_HINTS, suffix: str = ".mat") -> Record:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(content)
        return read(path, hints)


def attempt(content: bytes) -> Record | RecordingError:
    try:
        return read_bytes(content)
    except RecordingError as error:
        return error


@pytest.mark.parametrize("writer", WRITERS)
@given(
    array=hnp.arrays(
        st.sampled_from(["f4", "f8"]),
        st.tuples(st.integers(1, 64), st.integers(65, 90)),
        elements=st.floats(-1000, 1000, width=32),
    )
)
@settings(max_examples=15, deadline=None)
def test_what_is_written_is_read(writer: str, array: Array) -> None:
    record = read_bytes(WRITERS[writer]({"data": array}))
    np.testing.assert_array_equal(record.signal, array.astype(np.float32))
    assert record.format == writer.removesuffix("-compressed")
    assert record.signal.flags.c_contiguous
    assert not record.signal.flags.writeable


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("shape", [(12, 50), (12, 5), (8, 50), (64, 65), (2, 3), (1, 50)])
def test_transposed_is_the_same(writer: str, shape: tuple[int, int]) -> None:
    array = wave(*shape)
    upright = read_bytes(WRITERS[writer]({"data": array}))
    transposed = read_bytes(WRITERS[writer]({"data": array.T}))
    np.testing.assert_array_equal(upright.signal, transposed.signal)
    assert upright.leads == transposed.leads
    assert upright.n_leads == shape[0]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "dtype", ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f8", ">i2"]
)
def test_every_type_of_number(dtype: str, compressed: bool) -> None:
    array = (np.arange(600).reshape(12, 50) % 100).astype(dtype)
    record = read_bytes(mat5({"data": array}, compressed))
    np.testing.assert_array_equal(record.signal, array)


def test_doubles_that_matlab_stored_as_bytes() -> None:
    # MATLAB keeps whole numbers of a double array in the smallest type that holds them.
    values = np.arange(24, dtype="u1")
    content = mat5_by_hand(matrix(b"data", (12, 2), values.tobytes(), storage=2))
    np.testing.assert_array_equal(read_bytes(content).signal, values.reshape(12, 2, order="F"))


def test_big_endian_file() -> None:
    array = wave()
    values = array.astype(">f8").tobytes(order="F")
    content = mat5_by_hand(matrix(b"data", (12, 50), values, order=">"), order=">")
    np.testing.assert_array_equal(read_bytes(content).signal, array.astype("f4"))


def test_values_kept_within_their_tag() -> None:
    # savemat keeps four bytes or less so.
    record = read_bytes(mat5({"data": np.array([[1, 2]], dtype="i2")}))
    np.testing.assert_array_equal(record.signal, [[1, 2]])


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_few_values_of_one_byte(count: int, compressed: bool) -> None:
    array = np.arange(1, count + 1, dtype="u1")[None]
    np.testing.assert_array_equal(read_bytes(mat5({"data": array}, compressed)).signal, array)


@pytest.mark.parametrize("text", [b"", b"MA\0", b"\0" * 20])
def test_text_of_the_header_does_not_matter(text: bytes) -> None:
    content = mat5({"data": wave()})
    content = text.ljust(124, b"\0") + content[124:]
    assert read_bytes(content).n_leads == 12


def test_names_that_scipy_uses_itself() -> None:
    content = mat5_by_hand(matrix(b"__header__", (12, 1), np.arange(12.0).tobytes()))
    np.testing.assert_array_equal(
        read_bytes(content, ReadHints(key="__header__")).signal[:, 0], np.arange(12)
    )


@pytest.mark.parametrize("writer", WRITERS)
def test_key_names_the_variable(writer: str) -> None:
    content = WRITERS[writer]({"other": wave(3, 40), "second": wave(2, 30)})
    assert read_bytes(content, ReadHints(key="second")).signal.shape == (2, 30)


def test_key_may_be_a_path_in_hdf5() -> None:
    content = hdf5(lambda file: [file.update({"a/b": wave(8, 70)})])
    assert read_bytes(content, ReadHints(key="a/b"), ".h5").n_leads == 8


def test_soft_link_within_an_hdf5_file() -> None:
    def fill(file: h5py.File) -> None:
        file["group/real"] = wave(8, 70)
        file["data"] = h5py.SoftLink("/group/real")

    assert read_bytes(hdf5(fill), suffix=".h5").n_leads == 8


def test_content_comes_before_the_extension() -> None:
    assert read_bytes(mat5({"data": wave()}), suffix=".h5").format == "matlab-5"
    assert read_bytes(mat73({"data": wave()}), suffix="").format == "matlab-7.3"
    assert read_bytes(hdf5(lambda f: [f.update({"data": wave()})])).format == "hdf5"


SEEDS = [
    mat5({"other": np.arange(5.0), "data": wave()}),
    mat5({"other": np.arange(5.0), "data": wave(12, 200)}, compressed=True),
    mat5({"data": wave(dtype="i2")}, compressed=True),
    mat4({"other": np.arange(5.0), "data": wave()}),
    mat73({"data": wave()}, compression="gzip", chunks=(50, 12)),
]


@given(
    seed=st.sampled_from(SEEDS),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), max_size=4),
    early=st.booleans(),
)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(seed=SEEDS[0], cut=0.5, flips=[], early=False)
def test_damage_anywhere_is_a_record_or_an_error_in_words(
    seed: bytes, cut: float, flips: list[tuple[float, int]], early: bool
) -> None:
    content = bytearray(seed if early and flips else seed[: round(cut * len(seed))])
    for place, mask in flips:
        if content:
            span = min(300, len(content)) if early else len(content)
            content[min(int(place * span), len(content) - 1)] ^= mask
    outcome = attempt(bytes(content))
    if isinstance(outcome, RecordingError):
        assert outcome.message.isprintable()
        assert outcome.remedy.isprintable()


@given(
    place=st.integers(128, len(SEEDS[1]) - 1),
    mask=st.integers(1, 255),
)
@settings(max_examples=200, deadline=None)
def test_damage_in_compressed_values_never_passes(place: int, mask: int) -> None:
    content = bytearray(SEEDS[1])
    content[place] ^= mask
    outcome = attempt(bytes(content))
    # What is damaged then is the variable before it, of which only the head is read.
    if isinstance(outcome, Record):
        np.testing.assert_array_equal(outcome.signal, wave(12, 200).astype("f4"))


HEADS: dict[str, Any] = {
    "data": wave(3, 20),
    "n": np.arange(6, dtype=np.int16).reshape(1, 6),
    "a_name_that_is_longer_than_most_others": np.zeros((2, 3, 4, 5), np.uint8),
    "truth": np.array([[True, False]]),
    "twofold": np.array([[1 + 2j]]),
    "text": "leads",
    "cells": np.array([["I", "II"]], dtype=object),
    "struct": {"fs": 500.0, "data": wave(2, 3)},
    "few": scipy.sparse.csc_array(np.eye(4)),
    "nothing": np.zeros((0, 12)),
}


def heads(content: bytes) -> Iterator[bytes]:
    """Each variable of a MATLAB 5 file that is not compressed, from its tag on."""
    at = 128
    while at < len(content):
        (length,) = struct.unpack_from("<I", content, at + 4)
        yield content[at : at + 8 + length]
        at += 8 + length


def asked_of_scipy(head: bytes) -> Any:
    """What scipy says of a variable; None where it fails."""
    file = io.BytesIO(mat5({})[:128] + head + bytes(-len(head) % 8))
    try:
        (found,) = whosmat(cast("str", file), chars_as_strings=False)
    except Exception:
        return None
    return found


def test_a_usual_head_is_parsed_without_scipy() -> None:
    for head, name in zip(heads(mat5(HEADS)), HEADS, strict=True):
        (flags,) = struct.unpack_from("<I", head, 16)
        found = usual_head(head[:1024], "<", flags)
        assert found == asked_of_scipy(head)
        assert found is not None
        assert found[0] == name


@given(
    which=st.integers(0, len(HEADS) - 1),
    damage=st.lists(st.tuples(st.integers(0, 79), st.integers(0, 255)), max_size=4),
    length=st.one_of(st.none(), st.integers(16, 120)),
    longer=st.sampled_from([0, 0, 1, 4, 7, 8, 1000, -1, -8]),
)
@settings(max_examples=500, deadline=None)
def test_scipy_parses_a_usual_head_in_the_same_way(
    which: int, damage: list[tuple[int, int]], length: int | None, longer: int
) -> None:
    head = bytearray(list(heads(mat5(HEADS)))[which][:1024])
    for place, value in damage:
        # The tag, and that of the flags, are checked before.
        if 16 <= place < len(head):
            head[place] = value
    cut = bytes(head[:length])
    if len(cut) < 24:
        return
    cut = cut[:4] + struct.pack("<I", max(len(cut) - 8 + longer, 1)) + cut[8:]
    (flags,) = struct.unpack_from("<I", cut, 16)
    found = usual_head(cut, "<", flags)
    assert found is None or found == asked_of_scipy(cut)


def test_numbers_are_read_without_scipy(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    for compressed in (False, True):
        path.write_bytes(mat5({"data": wave(), "fs": 500.0}, compressed=compressed))
        code = "import sys, ecgmpi; ecgmpi.read(sys.argv[1]); print('scipy' in sys.modules)"
        command = [sys.executable, "-c", code, str(path)]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        assert said.stdout == "False\n"


def test_scipy_reads_the_same_of_the_real_corpus(test_data: Path) -> None:
    files = sorted((test_data / "first_china").rglob("*.mat"))
    assert files
    for path in files:
        expected = loadmat(path, variable_names=["data"])["data"].astype(np.float32)
        np.testing.assert_array_equal(read(path).signal, expected)


def test_physionet_challenge_file_by_its_key(test_data: Path) -> None:
    path = test_data / "cinc2021" / "E07500.mat"
    record = read(path, ReadHints(key="val", units="uV"))
    np.testing.assert_array_equal(record.signal, np.float32(loadmat(path)["val"] / 1000.0))


@pytest.mark.parametrize("write", [mat4, mat5, lambda v: mat5(v, compressed=True), mat73])
@pytest.mark.parametrize("name", ["fs", "sampling_rate", "zzz"])
def test_a_rate_that_the_file_says(
    write: Callable[[dict[str, Any]], bytes], name: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(write({"data": wave(), name: np.array([[128.0]])}))
    expected = 500.0 if name == "zzz" else 128.0
    record = read(path)
    assert record.rate == expected
    assert any(f"rate {expected:g} Hz" in note for note in record.notes)
    # The file knows better than the user, who does not know each file.
    assert read(path, ReadHints(rate=9.0)).rate == (9.0 if name == "zzz" else 128.0)


def test_a_member_of_a_struct(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    for compressed in (False, True):
        fields = {"sex": "Male", "data": wave(), "other": wave(3)}
        path.write_bytes(mat5({"age": 7.0, "ECG": fields}, compressed))
        np.testing.assert_array_equal(read(path).signal, wave().astype("f4"))
        record = read(path, ReadHints(key="ECG.other"))
        np.testing.assert_array_equal(record.signal, wave(3).astype("f4"))
        with pytest.raises(RecordingError, match="no member 'x'; it has sex, data, other"):
            read(path, ReadHints(key="ECG.x"))


def test_the_names_of_the_members_of_a_struct_may_be_no_bomb(tmp_path: Path) -> None:
    content = bytearray(mat5({"ECG": {"a": wave(), "data": wave()}}))
    names = content.index(b"a".ljust(8, b"\0"))
    for offset in range(names - 40, names):
        changed = content.copy()
        changed[offset : offset + 4] = (2**31 - 1).to_bytes(4, "little")
        (tmp_path / "a.mat").write_bytes(changed)
        begun = time.process_time()
        with suppress(RecordingError):
            read(tmp_path / "a.mat")
        assert time.process_time() - begun < 2


def test_channels_joined_by_labchart_are_not_one_lead() -> None:
    joined = {
        "data": np.tile(wave(1, 600), 2),
        "datastart": [[1], [601]],
        "dataend": [[600], [1200]],
    }
    refused = attempt(mat5(joined))
    assert isinstance(refused, RecordingError)
    assert "LabChart" in refused.message
    single = attempt(mat5({"data": wave(1, 600), "datastart": [[1]], "dataend": [[600]]}))
    assert isinstance(single, Record)
    assert single.n_samples == 600


def test_a_struct_without_a_known_name_is_read_by_its_member() -> None:
    content = mat5({"ecg": {"signal": wave(12, 600), "fs": 250.0}})
    refused = attempt(content)
    assert isinstance(refused, RecordingError)
    assert refused.remedy.endswith("--key ecg.MEMBER")
    assert read_bytes(content, ReadHints(key="ecg.signal")).rate == 250.0
