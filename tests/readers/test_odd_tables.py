"""Tables that programs and people leave odd: what is not understood is never passed by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError
from ecgmpi.readers import read

LENGTH = 80
ONE = [f"{value:.3f}" for value in np.sin(np.arange(LENGTH) / 7)]
TWO = [f"{value:.3f}" for value in np.cos(np.arange(LENGTH) / 5)]
TIMES = [f"{number / 250:.3f}" for number in range(LENGTH)]


def table(names: str, *columns: Sequence[object], mark: str = ",") -> str:
    """Lay columns out below a line of names."""
    rows = zip(*columns, strict=True)
    return "\n".join([names, *(mark.join(map(str, row)) for row in rows)]) + "\n"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return path


def record_of(tmp_path: Path, text: str) -> Record:
    return read(write(tmp_path, text))


def refusal_of(tmp_path: Path, text: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read(write(tmp_path, text))
    return caught.value


def with_cell(column: Sequence[str], place: int, cell: str) -> list[str]:
    return [*column[:place], cell, *column[place + 1 :]]


@pytest.mark.parametrize("place", [0, LENGTH // 2, LENGTH - 4])
@pytest.mark.parametrize("cell", ["?", "\u22120.115"])
def test_a_cell_of_text_in_a_lead_or_in_time_is_refused_by_its_line(
    cell: str, place: int, tmp_path: Path
) -> None:
    rows = ((TIMES, with_cell(ONE, place, cell)), (with_cell(TIMES, place, cell), ONE))
    for column, (times, lead) in enumerate(rows, 1):
        refused = refusal_of(tmp_path, table("time,I,II", times, lead, TWO))
        found = f", column {3 - column} is not a number" if place else " holds numbers and text"
        assert f"line {place + 2}{found}" in refused.message
        assert "remove that line" in refused.remedy


def test_lines_of_sums_below_the_samples_are_no_samples(tmp_path: Path) -> None:
    refused = refusal_of(tmp_path, table("time,I,II", TIMES, ONE, TWO) + "Mean,0.1,0.2\nSD,1,1\n")
    assert f"line {LENGTH + 2}, column 1 is not a number" in refused.message


def test_times_that_are_not_understood_are_told(tmp_path: Path) -> None:
    record = record_of(tmp_path, table("time,I,II", [f"{time}s" for time in TIMES], ONE, TWO))
    assert (record.leads, record.assumed[0]) == (("I", "II"), "rate")
    assert record.unused == ("column 1, which holds times that are not understood",)


def test_names_hold_across_a_line_that_is_neither_names_nor_samples(tmp_path: Path) -> None:
    record = record_of(tmp_path, table("time,V5,V6\n---,---,---", TIMES, ONE, TWO))
    assert (record.leads, record.rate, record.n_samples) == (("V5", "V6"), 250.0, LENGTH)
    assert "line 2 left out: neither names nor numbers" in record.notes


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("zero", [900, 12000])
def test_commas_that_may_divide_thousands_are_refused(zero: int, mark: str, tmp_path: Path) -> None:
    one, two = ([f"{zero + round(1000 * float(v)):,}" for v in lead] for lead in (ONE, TWO))
    refused = refusal_of(tmp_path, table(f"I{mark}II", one, two, mark=mark).replace("-", ""))
    assert "thousands" in refused.message


def test_decimal_commas_with_three_digits_are_read(tmp_path: Path) -> None:
    text = table("I;II", ONE, TWO, mark=";").replace(".", ",")
    np.testing.assert_allclose(record_of(tmp_path, text).signal, np.array([ONE, TWO], float), 1e-6)


@pytest.mark.parametrize("name", ["sample", "Unnamed: 0", "frame", "index"])
@pytest.mark.parametrize("step", [2, 10])
def test_numbers_of_every_second_sample_are_not_milliseconds(
    name: str, step: int, tmp_path: Path
) -> None:
    numbers = range(0, step * LENGTH, step)
    record = record_of(tmp_path, table(f"{name},I,II", numbers, ONE, TWO))
    assert (record.leads, record.assumed[0]) == (("I", "II"), "rate")
    assert record.unused == (f"column '{name}', which does not count by one in line 3",)


def test_an_index_of_times_is_time(tmp_path: Path) -> None:
    assert record_of(tmp_path, table("Unnamed: 0,I", TIMES, ONE)).rate == 250.0
    numbers = range(0, 4 * LENGTH, 4)
    assert record_of(tmp_path, table("sample (ms),I", numbers, ONE)).rate == 250.0


def test_a_comma_in_a_time_of_day_divides_no_thousands(tmp_path: Path) -> None:
    clock = [f"10:00:{number / 250:06.3f}" for number in range(LENGTH)]
    text = table("time;I", clock, ONE, mark=";").replace(".", ",")
    record = record_of(tmp_path, text.replace("0,000;", "0,0;"))
    assert (record.leads, record.rate) == (("I",), 250.0)


@pytest.mark.parametrize(
    "line",
    [
        "# sampling rate: 250 Hz, mains 50 Hz",
        "# ECG recorded with 24 bit at 250 SPS, 60 Hz notch on",
        "# filter 0.05-40 Hz; sampled at 250 Hz",
    ],
)
def test_a_rate_beside_a_filter_is_read(line: str, tmp_path: Path) -> None:
    assert record_of(tmp_path, f"{line}\n{table('I,II', ONE, TWO)}").rate == 250.0


@pytest.mark.parametrize(
    ("line", "unused"),
    [
        ("rate,72", "rate 72, which may be that of the heart, in line 1"),
        ("freq: 60 Hz", "freq 60, which may be that of the mains, in line 1"),
        ("# Frequency = 50", "frequency 50, which may be that of the mains, in line 1"),
        ("# low-pass filter 150 Hz", ""),
    ],
)
def test_other_rates_are_not_the_rate_of_samples(line: str, unused: str, tmp_path: Path) -> None:
    record = record_of(tmp_path, f"{line}\n{table('I,II', ONE, TWO)}")
    assert (record.rate, record.assumed[0]) == (500.0, "rate")
    assert "; ".join(record.unused) == unused


def test_x_and_y_are_time_and_a_lead(tmp_path: Path) -> None:
    record = record_of(tmp_path, table("x,y", TIMES, ONE))
    assert (record.leads, record.rate) == (("y",), 250.0)
    vectors = record_of(tmp_path, table("X,Y,Z", ONE, TWO, ONE[::-1]))
    assert vectors.leads == ("X", "Y", "Z")


@pytest.mark.parametrize("name", ["time", "time (s)"])
def test_time_that_falls_is_refused(name: str, tmp_path: Path) -> None:
    refused = refusal_of(tmp_path, table(f"{name},I", TIMES[::-1], ONE))
    assert "goes back in line 3" in refused.message


@pytest.mark.parametrize("names", ["record,sample,I", "patient_id,sample,I"])
@pytest.mark.parametrize("ids", [(100, 101), ("A", "B")])
def test_recordings_one_below_the_other_are_refused(
    ids: tuple[object, object], names: str, tmp_path: Path
) -> None:
    half = LENGTH // 2
    text = table(names, [ids[0]] * half + [ids[1]] * half, [*range(half), *range(half)], ONE)
    refused = refusal_of(tmp_path, text)
    assert f"column 1, which says which one a line is of, changes in line {half + 2}" in (
        refused.message
    )
    same = record_of(tmp_path, table(names, [ids[0]] * LENGTH, range(LENGTH), ONE))
    assert same.leads == ("I",)


def test_blank_lines_between_samples_are_told(tmp_path: Path) -> None:
    first, second = table("I,II", ONE, TWO), table("", ONE, TWO)
    record = record_of(tmp_path, first + second)
    assert record.n_samples == 2 * LENGTH
    assert "1 blank line among the samples left out" in record.notes
    behind = record_of(tmp_path, first + "\n# the end\n\n")
    assert [note for note in behind.notes if "among" in note] == [
        "1 line of comment among the samples left out"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Name,Jane Doe",
        "name,Doe,Jane",
        "Patient: Jane Doe",
        "Patient name;Doe, Jane",
        "Nachname: Doe",
        "Operator,Doe",
    ],
)
@pytest.mark.parametrize("width", [1, 2, 3])
def test_who_a_recording_is_of_names_no_lead(width: int, line: str, tmp_path: Path) -> None:
    rows = zip(*(ONE, TWO, ONE)[:width], strict=True)
    path = write(tmp_path, "\n".join([line, *map(",".join, rows)]))
    try:
        seen = repr(read(path))
    except RecordingError as error:
        seen = repr(error)
    assert "Doe" not in seen
    assert "Jane" not in seen


@pytest.mark.parametrize("line", ["Doe, Jane", "Doe: Jane", "Jane;Doe"])
def test_a_title_that_is_divided_names_no_single_lead(line: str, tmp_path: Path) -> None:
    record = record_of(tmp_path, table(line, ONE))
    assert record.leads == ("I",)
    assert "line 1 left out: neither names nor numbers" in record.notes


def test_a_column_that_repeats_the_rate_states_it(tmp_path: Path) -> None:
    for rates in ([250] * LENGTH, [250, *[""] * (LENGTH - 1)]):
        record = record_of(tmp_path, table("ECG,Fs", ONE, rates))
        assert (record.leads, record.rate) == (("ECG",), 250.0)
        assert "rate 250 Hz from column 'Fs'" in record.notes
    refused = refusal_of(tmp_path, table("time,I,fs", TIMES, ONE, [500] * LENGTH))
    assert "column 'fs' states 500 Hz, and column 'time' gives 250 Hz" in refused.message


@pytest.mark.parametrize("names", ["", "I,II\n"])
def test_a_rate_above_the_samples_is_no_sample(names: str, tmp_path: Path) -> None:
    columns = (ONE, TWO) if names else (ONE,)
    first = ",".join(["250"] * len(columns))
    refused = refusal_of(tmp_path, f"{names}{first}{table('', *columns)}")
    assert "may be the rate" in refused.message
    assert "--rate" in refused.remedy


def test_labview_states_rate_and_unit_for_each_channel(tmp_path: Path) -> None:
    head = (
        "LabVIEW Measurement\t\nSeparator\tTab\nOperator\tJane Doe\n***End_of_Header***\t\n\t\n"
        "Channels\t2\t\nSamples\t80\t80\nY_Unit_Label\tmV\tmV\nX0\t0.0\t0.0\n"
        "Delta_X\t0.004000\t0.004000\n***End_of_Header***\t\t\n"
    )
    for names, first in (("X_Value", TIMES), ("", [""] * LENGTH)):
        rows = table(f"{names}\tI\tII", first, ONE, TWO, mark="\t")
        record = record_of(tmp_path, head + rows)
        assert (record.leads, record.rate, record.assumed) == (("I", "II"), 250.0, ())
        assert "Doe" not in repr(record)


def test_what_neurokit_derives_is_no_lead_and_no_rate(tmp_path: Path) -> None:
    derived = ["ECG_Rate", "ECG_R_Peaks", "ECG_P_Onsets", "ECG_Quality", "ECG_Phase_Atrial"]
    values: list[list[float]] = [[72.5] * LENGTH, *([[0.0] * LENGTH] * 4)]
    record = record_of(
        tmp_path, table(",".join(["", "ECG_Clean", *derived]), range(LENGTH), ONE, *values)
    )
    assert (record.leads, record.assumed[0]) == (("ECG_Clean",), "rate")
    assert len([note for note in record.notes if "no signal by its name" in note]) == 5


def test_labchart_states_names_and_units_in_lines_of_their_own(tmp_path: Path) -> None:
    head = "Interval=\t0.004 s\nChannelTitle=\tV5\tV6\nUnitName=\tmV\tmV\n"
    for first in (TIMES, None):
        columns = [first, ONE, TWO] if first else [ONE, TWO]
        record = record_of(tmp_path, head + table("", *columns, mark="\t").lstrip("\n"))
        assert (record.leads, record.rate, record.assumed) == (("V5", "V6"), 250.0, ())


@pytest.mark.parametrize("names", ["sec,I,II", "I,II"])
def test_acqknowledge_counts_the_samples_in_a_line_of_its_own(names: str, tmp_path: Path) -> None:
    timed = names.startswith("sec")
    columns = (TIMES, ONE, TWO) if timed else (ONE, TWO)
    counts = f"{',' if timed else ''}{LENGTH},{LENGTH}"
    record = record_of(tmp_path, table(f"{names}\n{counts}", *columns))
    assert (record.leads, record.n_samples) == (("I", "II"), LENGTH)
    assert "line 2 left out: it counts the samples below" in record.notes


def test_three_times_of_which_two_are_equal_are_not_even(tmp_path: Path) -> None:
    refused = refusal_of(
        tmp_path,
        table(
            "time,I",
            ["0.000", "0.000", "0.004"],
            ONE[:3],
        ),
    )
    assert "is not even" in refused.message


def test_a_first_sample_that_is_as_large_as_the_rest_is_long_is_a_sample(tmp_path: Path) -> None:
    samples = [59, *(number % 7 - 3 for number in range(59))]
    (tmp_path / "a.csv").write_text("# ECG\n" + "".join(f"{value}\n" for value in samples))
    record = read(tmp_path / "a.csv")
    assert record.signal[0].tolist() == samples


@pytest.mark.parametrize("first", ["1", "inf"])
def test_infinities_are_refused_and_not_warned_of(first: str, tmp_path: Path) -> None:
    rows = [first, "2", *["inf"] * 20]
    (tmp_path / "a.csv").write_text("a,II\n" + "".join(f"{value},0.1\n" for value in rows))
    with pytest.raises(RecordingError):
        read(tmp_path / "a.csv")
