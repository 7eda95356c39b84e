from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers import ReadHints, read
from tests.readers.helpers.files import FAULTS, deflated, mat5, mat5_by_hand, mat73, matrix, wave
from tests.unprivileged import nobody, open_folder


@pytest.mark.parametrize("file", FAULTS)
def test_a_fault_is_named_with_its_remedy(file: str, tmp_path: Path) -> None:
    content, kind, found, remedy = FAULTS[file]
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        read(path)
    assert caught.value.kind == kind
    assert found in caught.value.message
    assert remedy in caught.value.remedy
    for text in (caught.value.message, caught.value.remedy):
        assert str(tmp_path) not in text
        assert text.isprintable()


def test_text_of_a_file_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "text.mat"
    path.write_bytes(FAULTS["text.mat"][0])
    with pytest.raises(RecordingError) as caught:
        read(path)
    assert "Patient" not in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    (tmp_path / "dangling.mat").symlink_to(tmp_path / "gone.mat")
    for name in ("gone.mat", "dangling.mat", "no/such/folder.mat"):
        with pytest.raises(RecordingError, match="is not there") as caught:
            read(tmp_path / name)
        assert caught.value.kind == FailureKind.MISSING
        assert "--bind" in caught.value.remedy
        assert str(tmp_path) not in str(caught.value)


def test_folder_instead_of_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="a folder") as caught:
        read(tmp_path)
    assert caught.value.kind == FailureKind.UNREADABLE


def test_named_pipe_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mat")
    with pytest.raises(RecordingError, match="not a regular file"):
        read(tmp_path / "pipe.mat")


def test_link_that_leads_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.mat").symlink_to("loop.mat")
    with pytest.raises(RecordingError) as caught:
        read(tmp_path / "loop.mat")
    assert caught.value.kind == FailureKind.UNREADABLE


def test_file_without_permission() -> None:
    with open_folder() as folder:
        path = folder / "secret.mat"
        path.write_bytes(mat5({"data": wave()}))
        # What is imported on the way may lie where nobody else may look.
        read(path)
        path.chmod(0)
        with nobody(), pytest.raises(RecordingError, match="Permission denied"):
            read(path)


def test_out_of_memory_is_a_failure_of_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    path = tmp_path / "a.mat"
    path.write_bytes(mat5({"data": wave()}))
    monkeypatch.setattr("ecgmpi.readers.matlab.record.record_from_array", exhausted)
    with pytest.raises(RecordingError) as caught:
        read(path)
    assert caught.value.kind == FailureKind.MEMORY


@pytest.mark.parametrize("file", ["bomb_by_dimensions.mat", "compressed_holds_more.mat"])
def test_a_bomb_is_not_inflated(file: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_bytes(FAULTS[file][0])
    assert path.stat().st_size < 20_000
    with pytest.raises(RecordingError):
        read(path)
    tracemalloc.start()
    try:
        with pytest.raises(RecordingError):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("write", [mat5, lambda v: mat5(v, True), mat73])
def test_the_size_limit_is_the_hint(write: object, tmp_path: Path) -> None:
    assert callable(write)
    path = tmp_path / "a.mat"
    path.write_bytes(write({"data": wave(12, 50)}))
    assert read(path, ReadHints(max_bytes=12 * 50 * 8)).n_samples == 50
    with pytest.raises(RecordingError) as caught:
        read(path, ReadHints(max_bytes=12 * 50 * 8 - 1))
    assert caught.value.kind == FailureKind.TOO_LARGE


def test_names_from_inside_a_file_stay_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(mat5_by_hand(matrix(b"a\nb\x1b[31m" + b"x" * 200, (1, 1), b"\0" * 8)))
    with pytest.raises(RecordingError) as caught:
        read(path)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200


def test_the_variable_wanted_is_read_though_a_later_one_is_cut_off(tmp_path: Path) -> None:
    content = mat5({"data": wave(), "later": wave()})
    path = tmp_path / "a.mat"
    path.write_bytes(content[:-100])
    assert read(path).n_leads == 12


@pytest.mark.parametrize("pack", [lambda variable: variable, deflated])
def test_the_variable_wanted_is_read_though_an_earlier_one_is_damaged(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    damaged = pack(matrix(b"a", (1, 1), b"\0" * 8, mx_class=99))
    path = tmp_path / "a.mat"
    path.write_bytes(mat5_by_hand(damaged, matrix(b"data", (12, 1), b"\0" * 96)))
    assert read(path).n_leads == 12
    # It may be the one wanted, so what is wrong with it is said where there is no other.
    path.write_bytes(mat5_by_hand(damaged, matrix(b"b", (12, 1), b"\0" * 96)))
    with pytest.raises(RecordingError, match="unknown class") as caught:
        read(path)
    assert caught.value.kind == FailureKind.CORRUPT


def test_values_of_another_variable_do_not_matter(tmp_path: Path) -> None:
    values = [matrix(name, (12, 5), b"\0" * 8, storage=0) for name in (b"a", b"b")]
    path = tmp_path / "a.mat"
    path.write_bytes(mat5_by_hand(*values, deflated(matrix(b"c", (1, 1), b"\0" * 8))[:-4]))
    with pytest.raises(RecordingError) as caught:
        read(path, ReadHints(key="a"))
    assert caught.value.kind == FailureKind.CORRUPT
    path.write_bytes(mat5_by_hand(*values))
    with pytest.raises(RecordingError, match=r"holds a \(12x5 double\), b \(12x") as caught:
        read(path)
    assert caught.value.kind == FailureKind.NO_VARIABLE


def test_objects_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(FAULTS["table.mat"][0])
    with pytest.raises(RecordingError, match=r"no variable 'x'; the file holds data \("):
        read(path, ReadHints(key="x"))
