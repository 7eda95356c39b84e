"""How keys name recordings."""

from __future__ import annotations

import pytest

from ecgmpi.labels.keys import (
    KeyKind,
    Recording,
    RecordingKeys,
    divided_key,
    folders_above,
    key_of,
)

R500: Recording = (0, "r500/00/00001_hr", "r500/00/00001_hr.hea", b"/d/ptb/r500/00/00001_hr.hea")
WITH_ENDING: Recording = (0, "a/x.mat", "a/x.mat", b"/in/a/x.mat")
EXAM: Recording = (0, "exams#2", "exams.hdf5#2", b"/in/exams.hdf5#2")
DOTS: Recording = (0, "a/rec.v2", "a/rec.v2.mat", b"/in/a/rec.v2.mat")


def keys(kind: KeyKind, recording: Recording) -> set[str]:
    return set(RecordingKeys(kind, "exam_id", lambda _path, _name: ["7", "8", " 9 "]).of(recording))


@pytest.mark.parametrize(
    ("kind", "recording", "value"),
    [
        (KeyKind.RECORD, R500, "00001_hr"),
        (KeyKind.RECORD, WITH_ENDING, " x.mat "),
        (KeyKind.RECORD, EXAM, "exams#2"),
        (KeyKind.PATH, R500, "r500/00/00001_hr"),
        (KeyKind.PATH, R500, "./r500/00/00001_hr.hea"),
        (KeyKind.PATH, WITH_ENDING, "a/x"),
        (KeyKind.PATH, WITH_ENDING, "a/x.mat"),
        (KeyKind.PATH, DOTS, "a/rec.v2"),
        (KeyKind.STEM, R500, "elsewhere/00001_hr.dat"),
        (KeyKind.STEM, R500, "00001_hr"),
        (KeyKind.STEM, R500, r"C:\data\00001_hr.hea"),
        (KeyKind.STEM, DOTS, "rec.v2"),
        (KeyKind.STEM, DOTS, "b/rec.v2.mat.gz"),
        (KeyKind.STEM, EXAM, "exams.hdf5#2"),
        (KeyKind.KEY, EXAM, "9"),
    ],
)
def test_a_value_that_names_a_recording(kind: KeyKind, recording: Recording, value: str) -> None:
    assert key_of(kind, value) in keys(kind, recording)


@pytest.mark.parametrize(
    ("kind", "recording", "value"),
    [
        (KeyKind.RECORD, R500, "1_hr"),
        (KeyKind.RECORD, R500, "00001_hr.hea"),
        (KeyKind.PATH, R500, "00001_hr"),
        (KeyKind.PATH, R500, "00/00001_hr"),
        (KeyKind.PATH, DOTS, "a/rec"),
        (KeyKind.STEM, DOTS, "rec"),
        (KeyKind.KEY, EXAM, "7"),
        (KeyKind.KEY, R500, "7"),
    ],
)
def test_a_value_that_does_not(kind: KeyKind, recording: Recording, value: str) -> None:
    assert key_of(kind, value) not in keys(kind, recording)


def test_an_entry_that_is_not_there() -> None:
    for entries in (None, ["7"]):
        made = RecordingKeys(KeyKind.KEY, "exam_id", lambda _path, _name, e=entries: e)  # type: ignore[misc]
        assert not made.of(EXAM)
        assert made.without == (["exams.hdf5"] if entries is None else [])


@pytest.mark.parametrize(
    ("values", "above"),
    [
        (["ptb/r500/00/1", "ptb/r500/00/2"], "ptb/"),
        (["d/ptb/r500/00/1"], "d/ptb/"),
        (["/d/ptb/r500/00/1"], "/d/ptb/"),
        (["ptb/r500/00/1", "r500/00/2"], ""),
        (["other/r500/00/1"], ""),
        ([], ""),
    ],
)
def test_folders_above_input(values: list[str], above: str) -> None:
    assert folders_above(R500, values) == above


def test_a_key_as_it_is_typed() -> None:
    assert divided_key("a") == ("a", None)
    assert divided_key("a=stem") == ("a", KeyKind.STEM)
    assert divided_key("a=b=path") == ("a=b", KeyKind.PATH)
    assert divided_key("a=paths") == ("a=paths", None)
    assert divided_key("=path") == ("=path", None)
