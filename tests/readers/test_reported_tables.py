"""Tables that people reported, and more of each kind that differ in what does not matter."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers import ReadHints, read
from tests.readers.helpers.dialects import generate, try_one
from tests.readers.helpers.reported import Right

TWELVE = {("I", 0): -0.115, ("I", 222): 0.781, ("III", 222): -0.677, ("V6", 222): 0.930}
MITBIH = {("MLII", 0): -0.145, ("MLII", 1000): -0.395, ("V5", 1000): -0.270}
UNNAMED = {("I", 1000): -0.395, ("II", 1000): -0.270}

REPORTED = {
    "time_column_last.csv": Right(STANDARD_LEADS, 600, 250, TWELVE, assumed=("unit",)),
    "index_then_time.csv": Right(STANDARD_LEADS, 600, 250, TWELVE, assumed=("unit",)),
    "sensor_ns_ms.csv": Right(("ecg",), 1300, 130, {("ecg", 0): -0.115, ("ecg", 222): 0.781}),
    "polar_text_stamps.csv": Right(("ecg",), 1300, 130, {("ecg", 0): -0.115, ("ecg", 222): 0.781}),
    "time_whole_ms.csv": Right(("MLII", "V5"), 2400, 360, MITBIH, assumed=("unit",)),
    "timestamp_us.csv": Right(STANDARD_LEADS, 400, 250, TWELVE, assumed=("unit",)),
    "time_with_gap.csv": Right(STANDARD_LEADS, 900, 250, TWELVE, assumed=("unit",)),
    "rdsamp_seconds.txt": Right(("I", "II"), 2400, 360, UNNAMED, assumed=("unit", "leads")),
    "rdsamp_counts.txt": Right(
        ("I", "II"), 2400, 500, {("I", 0): 995, ("II", 0): 1011}, assumed=("rate", "unit", "leads")
    ),
    "quoted_names_counts.csv": Right(
        ("MLII", "V5"), 2400, 500, {("MLII", 0): 995, ("V5", 0): 1011}, assumed=("rate", "unit")
    ),
    "units_below_names.csv": Right(("MLII", "V5"), 2400, 360, MITBIH),
    "apple_watch.csv": Right(("I",), 2560, 512, {("I", 0): -0.115, ("I", 222): 0.781}),
    "sep_names_units.csv": Right(
        ("I", "II", "Vx-RL"), 1024, 512, {("I", 0): -0.115, ("II", 0): -0.04, ("Vx-RL", 0): 0.025}
    ),
    "rate_in_comment.txt": Right(
        ("ECG",), 5000, 1000, {("ECG", 0): 2044, ("ECG", 1): 2044}, assumed=("unit",)
    ),
    "numbers_as_names.csv": Right(
        STANDARD_LEADS, 600, 500, TWELVE, assumed=("rate", "unit", "leads")
    ),
    "names_left_of_rows.csv": Right(STANDARD_LEADS, 600, 500, TWELVE, assumed=("rate", "unit")),
}


@pytest.mark.parametrize("name", REPORTED)
def test_a_reported_table_is_read_right(name: str, test_data: Path) -> None:
    record = REPORTED[name].check(test_data / "reported" / name)
    said = "; ".join((*record.notes, *record.unused))
    assert "Person" not in said
    assert "1900" not in said
    if name == "time_with_gap.csv":
        assert np.isnan(record.signal[:, 300:600]).all()
        assert np.isfinite(record.signal[:, 600:]).all()
        assert "1 gap of 300 samples" in said
    if name == "rate_in_comment.txt":
        assert record.unused == ("resolution or scale in line 3",)
        assert record.signal.max() == 2503


WALK = np.cumsum(np.random.default_rng(3).integers(-90, 91, (3, 300)), axis=1)
"""uV; never even, as no lead is."""


def table(
    head: str,
    time: Callable[[int], str] | None = None,
    mark: str = ",",
    *,
    last: bool = False,
    point: str = ".",
    n: int = 300,
) -> str:
    """Lines `head`, then lines of the three leads in mV and of ``time(k)`` of sample `k`."""
    lines = [head] if head else []
    for k in range(n):
        cells = [f"{value / 1000:.3f}" for value in WALK[:, k]]
        if time is not None:
            cells.insert(len(cells) if last else 0, time(k))
        lines.append(mark.join(cells).replace(".", point))
    return "\n".join(lines) + "\n"


def three(rate: float, *assumed: str, leads: tuple[str, ...] = ("I", "II", "III")) -> Right:
    values = {(lead, 100): WALK[row, 100] / 1000 for row, lead in enumerate(leads)}
    values |= {(lead, 299): WALK[row, 299] / 1000 for row, lead in enumerate(leads)}
    return Right(leads, 300, rate, values, tolerance=1e-6, assumed=assumed)


NAMES = "I,II,III"
SIMILAR = [
    # time as the last column, and among the leads
    (
        "a.csv",
        table(f"{NAMES},Time [s]", lambda k: f"{k / 250:.4f}", last=True),
        three(250, "unit"),
    ),
    (
        "a.csv",
        table(f"{NAMES},elapsed_ms", lambda k: f"{k * 4:.0f}", last=True),
        three(250, "unit"),
    ),
    (
        "a.tsv",
        table("I\tII\tIII\ttimer", lambda k: f"{k / 250:.6f}", "\t", last=True),
        three(250, "unit"),
    ),
    # a saved index before time
    ("a.csv", table(f",t,{NAMES}", lambda k: f"{k},{k / 250:.3f}"), three(250, "unit")),
    (
        "a.csv",
        table(f"sample,time,{NAMES}", lambda k: f"{k + 7},{k / 250:.3f}"),
        three(250, "unit"),
    ),
    (
        "a.csv",
        table(f"index,frame,time,{NAMES}", lambda k: f"{k},{k},{k / 250:.3f}"),
        three(250, "unit"),
    ),
    # two columns of time, one of them of nanoseconds or of text
    (
        "a.csv",
        table(
            "sensor timestamp [ns];t [ms];I [mV];II [mV];III [mV]",
            lambda k: f"{599626023839800192 + k * 4000000};{k * 4:.3f}",
            ";",
        ),
        three(250),
    ),
    (
        "a.csv",
        table(
            f"datetime,time_s,{NAMES}", lambda k: f"2024-01-01 12:00:{k / 250:06.3f},{k / 250:.3f}"
        ),
        three(250, "unit"),
    ),
    (
        "a.csv",
        table(f"timestamp_ns,{NAMES}", lambda k: f"{10**18 + k * 4000000}"),
        three(250, "unit"),
    ),
    # text alone
    ("a.csv", table(f"clock,{NAMES}", lambda k: f"12:00:{k / 250:06.3f}"), three(250, "unit")),
    (
        "a.csv",
        table(f"time,{NAMES}", lambda k: f"2024-01-01T12:00:{k / 250:06.3f}Z"),
        three(250, "unit"),
    ),
    ("a.csv", table(f"time,{NAMES}", lambda k: f"'0:{k / 250:06.3f}'"), three(250, "unit")),
    # few digits
    ("a.csv", table(f"time_ms,{NAMES}", lambda k: f"{k * 1000 / 360:.0f}"), three(360, "unit")),
    (
        "a.csv",
        table(f"time (s),{NAMES}", lambda k: f"{int(k * 1000 / 128) / 1000}"),
        three(128, "unit"),
    ),
    ("a.csv", table(f"time (s),{NAMES}", lambda k: f"{k / 499.5:.6f}"), three(499.5, "unit")),
    # a unit that only its values tell
    ("a.csv", table(f"timestamp,{NAMES}", lambda k: f"{k * 2000}"), three(500, "unit")),
    ("a.csv", table(f"timestamp,{NAMES}", lambda k: f"{k * 0.5}"), three(2000, "unit")),
    ("a.csv", table(f"timestamp,{NAMES}", lambda k: f"{k * 4000000}"), three(250, "unit")),
    # no names, as rdsamp prints
    ("a.txt", table("", lambda k: f"  {k / 250:.3f}", "\t "), three(250, "unit", "leads")),
    ("a.txt", table("", lambda k: f"{k}", "\t"), three(500, "rate", "unit", "leads")),
    ("a.txt", table("", lambda k: f"{k}", "   "), three(500, "rate", "unit", "leads")),
    # names and units of all kinds
    ("a.csv", table("'sample #','I','II','III'", lambda k: f"{k}"), three(500, "rate", "unit")),
    (
        "a.csv",
        table('"index";"I";"II";"III"', lambda k: f"{k}", ";", point=","),
        three(500, "rate", "unit"),
    ),
    ("a.csv", table("'#','lead i','LEAD II','III'", lambda k: f"{k}"), three(500, "rate", "unit")),
    ("a.csv", table(f"time,{NAMES}\nsec,mV,mV,mV", lambda k: f"{k / 250:.3f}"), three(250)),
    (
        "a.txt",
        table("Elapsed time  I  II  III\n(s)  (mV)  (mV)  (mV)", lambda k: f"{k / 250:.3f}", "  "),
        three(250),
    ),
    ("a.csv", table("t/ms;I/mV;II/mV;III/mV", lambda k: f"{k * 4}", ";", point=","), three(250)),
    # keys and values above
    ("a.csv", "Name,Test Person\nAbtastrate,250 Hertz\nEinheit,mV\n\n" + table(NAMES), three(250)),
    ("a.csv", "Patient: Test Person\nfs = 250\n" + table(NAMES), three(250, "unit")),
    ("a.csv", "Sampling Interval,0.004\nUnit,mV\nLeads,I II III\n" + table(""), three(250)),
    # Shimmer, and a first line for a spreadsheet
    ("a.csv", "sep=;\n" + table(NAMES.replace(",", ";"), None, ";"), three(500, "rate", "unit")),
    (
        "a.csv",
        '"sep=\t"\n' + table("LA-RA\tLL-RA\tIII\nmV\tmV\tmV", None, "\t"),
        three(500, "rate"),
    ),
    ("a.csv", "sep=,\n" + table("ECG_LA-RA (mV),ECG_LL-RA (mV),III (mV)"), three(500, "rate")),
    # comments
    (
        "a.txt",
        "# Sampling Rate (Hz):= 250\n# Labels:= I, II, III\n" + table("", None, "\t"),
        three(250, "unit"),
    ),
    ("a.csv", "% recorded at 0.25 kHz\n" + table(f"# {NAMES}"), three(250, "unit")),
    (
        "a.txt",
        "# OpenSignals Text File Format\n"
        '# {"00:07": {"column": ["nSeq", "I1", "A1", "A2", "A3"], "sampling rate": 250,'
        ' "label": ["A1", "A2", "A3"], "sensor": ["I", "II", "III"], "resolution": [4, 1, 10]}}\n'
        "# EndOfHeader\n" + table("", lambda k: f"{k % 16}\t0", "\t"),
        three(250, "unit"),
    ),
    # numbers of the columns
    ("a.csv", table("0,1,2"), three(500, "rate", "unit", "leads")),
    ("a.csv", table(",0,1,2", lambda k: f"{k}"), three(500, "rate", "unit", "leads")),
    ("a.csv", table("time,0,1,2", lambda k: f"{k / 250:.3f}"), three(250, "unit", "leads")),
]


@pytest.mark.parametrize(("name", "text", "right"), SIMILAR)
@pytest.mark.parametrize(
    ("end", "codec"), [("\n", "utf-8"), ("\r\n", "utf-8-sig"), ("\r", "utf-16")]
)
def test_a_table_like_a_reported_one(
    name: str, text: str, right: Right, end: str, codec: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(text.replace("\n", end).encode(codec))
    record = right.check(tmp_path / name)
    assert "Person" not in "; ".join((*record.notes, *record.unused))


@pytest.mark.parametrize(
    ("left", "mark"), [("{};", ";"), ('"{}", ', ", "), ("{}\tmV\t", "\t"), ("Lead {},", ",")]
)
def test_names_at_the_left_of_lines(left: str, mark: str, tmp_path: Path) -> None:
    lines = [
        left.format(name) + mark.join(f"{value / 1000:.3f}" for value in row)
        for name, row in zip(("I", "II", "III"), WALK, strict=True)
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    three(500, *("rate",) if "mV" in left else ("rate", "unit")).check(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "time",
    [lambda k: f"{(k + (k > 99) * 20) / 250:.3f}", lambda k: f"{(k + (k > 99) * 20) * 4000}"],
)
def test_a_gap_in_time_is_a_gap(time: Callable[[int], str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table(f"time,{NAMES}", time))
    record = read(tmp_path / "a.csv")
    assert (record.rate, record.n_samples) == (250, 320)
    assert np.isnan(record.signal[:, 100:120]).all()
    np.testing.assert_allclose(record.signal[:, 120:], WALK[:, 100:] / 1000, atol=1e-6)
    assert (
        "1 gap of 20 samples together by column 'time', the first before line 102" in record.notes
    )


def test_a_number_of_samples_that_jumps_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table(f"sample,{NAMES}", lambda k: f"{k + (k > 99) * 20}"))
    assert np.isnan(read(tmp_path / "a.csv").signal[:, 100:120]).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            table(f"time,{NAMES}", lambda k: f"{(k - (k > 99) * 20) / 250:.3f}"),
            "goes back .* in line 102",
        ),
        (table("", lambda k: f"{(k - (k > 99) * 20) / 250:.3f}"), "time jumps: column 1 goes back"),
        (
            table(f"time,{NAMES}", lambda k: f"{(k + (k > 99) * 0.3) / 250:.5f}"),
            "time jumps.*is not even in line 102",
        ),
        (
            table(f"time,t_ms,{NAMES}", lambda k: f"{k / 250:.3f},{k * 2}"),
            "'time' gives 250 Hz.* 't_ms' 500 Hz",
        ),
        (
            "# fs: 500\n" + table(f"time,{NAMES}", lambda k: f"{k / 250:.3f}"),
            "line 1 states 500 Hz.*gives 250 Hz",
        ),
        ("fs: 500\nrate: 250\n" + table(NAMES), "line 1 states a rate of 500 Hz, and line 2"),
        ("Unit: uV\n" + table("I (mV),II (mV),III (mV)"), "line 1 states uV.*is in mV"),
    ],
)
def test_a_contradiction_is_refused_and_named(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(RecordingError, match=words) as caught:
        read(tmp_path / "a.csv")
    assert caught.value.kind is FailureKind.CONTRADICTORY


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table(f"time,{NAMES}", lambda k: f"{k}"), "column 'time', whose unit is not stated"),
        (
            table(f"time (s),{NAMES}", lambda k: f"{k * 4}"),
            "column 'time (s)', which gives 0.25 Hz, outside",
        ),
        (table(f"time,{NAMES}", lambda _: "7"), "column 'time', which does not rise"),
        (
            "# fs: 5 Hz\n" + table(NAMES),
            "rate of 5 Hz, which is outside 20 Hz to 100 kHz, in line 1",
        ),
        ("# gain: 200\n" + table(NAMES), "resolution or scale in line 1"),
        ("Leads: I, II\n" + table(""), "names in line 1"),
        (table("I (counts),II (counts),III (counts)"), "unit of counts of column 'I (counts)'"),
    ],
)
def test_what_is_stated_and_not_used_is_reported(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    record = read(tmp_path / "a.csv")
    assert any(words in one for one in record.unused)
    assert record.assumed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table(f"{NAMES},label", lambda _: "0", last=True), "column 'label' left out"),
        (table(f"{NAMES},note", lambda _: "ok", last=True), "column 4 left out: it holds text"),
        (
            table(f"nSeq,{NAMES}", lambda k: f"{k % 256}"),
            "column 'nSeq' left out: it counts samples",
        ),
        ("A. Person\n" + table(NAMES), "line 1 left out: neither names nor numbers"),
    ],
)
def test_what_is_left_out_is_named(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    record = read(tmp_path / "a.csv")
    assert record.leads == ("I", "II", "III")
    assert words in "; ".join(record.notes)
    assert "Person" not in "; ".join(record.notes)


def test_a_lead_by_its_name_is_kept_whatever_its_values(tmp_path: Path) -> None:
    ramp = "\n".join(f"{k},{k * 0.004:.3f}" for k in range(50))
    (tmp_path / "a.csv").write_text(f"II,V1\n{ramp}\n")
    assert read(tmp_path / "a.csv").leads == ("II", "V1")


@pytest.mark.parametrize("text", ["0,274\n0,360\n0,297\n", "I\n0,274\n0,360\n0,297\n"])
def test_a_comma_that_may_be_two_things_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(RecordingError, match="decimal"):
        read(tmp_path / "a.csv")


def test_a_decimal_comma_in_a_single_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Rate,512 Hertz\nEinheit,mV\n\n0,074\n-0,360\n0,297\n1,2\n")
    record = read(tmp_path / "a.csv")
    np.testing.assert_allclose(record.signal, [[0.074, -0.36, 0.297, 1.2]], atol=1e-6)
    assert record.rate == 512


def test_counts_become_millivolts_as_the_user_says(test_data: Path) -> None:
    hints = ReadHints(rate=360, adc_gain=200)
    record = read(test_data / "reported" / "quoted_names_counts.csv", hints)
    assert record.rate == 360
    assert record["MLII"][0] == pytest.approx(995 / 200)


def stamps(first: str, step_us: float, back: int = 0) -> Callable[[int], str]:
    """Times of day from `first` on, which go back by so many steps at sample 100."""
    start = datetime.fromisoformat(f"2024-01-31T{first}")

    def stamp(k: int) -> str:
        moment = start + timedelta(microseconds=step_us * (k - (k > 99) * back))
        return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"

    return stamp


ONCE_WRONG = [
    (table(f"t(ns),{NAMES}", lambda k: f"{k * 4_000_000}"), three(250, "unit")),
    (table("'0','1','2','3'", lambda k: f"{k + 1}"), three(500, "rate", "unit", "leads")),
    (table("0,1,2,3", stamps("12:00:00", 4000)), three(250, "unit", "leads")),
    (table("# ,t,I,II,III", lambda k: f"{k + 5},{k / 250:.3f}"), three(250, "unit")),
    (table("t\tI\tII\tIII\ns\tmV\tmV\tmV", lambda k: f"{k / 250:.3f}", "\t"), three(250)),
    ("Sample Rate: 250\n" + table("", None, " "), three(250, "unit", "leads")),
    ("fs: 250\n" + table("I II III", None, "  "), three(250, "unit")),
    ("Leads: I, II, III\n" + table(""), three(500, "rate", "unit")),
    (table("", lambda k: f"{(k + 3) % 16}"), three(500, "rate", "unit", "leads")),
    (table(NAMES + ",label,Unnamed: 0", lambda k: f"0,{k}", last=True), three(500, "rate", "unit")),
    # Even times that single precision holds exactly, though they are not of it.
    (table(f"time,{NAMES}", stamps("23:59:58", 7812.5)), three(128, "unit")),
]


@pytest.mark.parametrize(("text", "right"), ONCE_WRONG)
def test_a_table_that_was_read_wrongly_once(text: str, right: Right, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text)
    right.check(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table(f"time,{NAMES}", lambda k: f"{(k - (k > 99) * 400) / 250:.3f}"), "time jumps"),
        (table(f"time,{NAMES}", stamps("23:59:59.700", 4000, 80)), "time jumps"),
        (table(f"time,{NAMES}", lambda k: f"{k + k // 43}"), "its unit is not stated"),
        (table(f"time,{NAMES}", lambda k: f"{(k + (k > 6) * 50) / 333:.3f}", n=15), "length"),
        ("I\n0,321\n0,344\n", "a decimal point"),
    ],
)
def test_a_table_that_is_refused_and_was_read_wrongly_once(
    text: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(RecordingError, match=words):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("first", ["NaN", "", "NA"])
@pytest.mark.parametrize("head", ["I (mV);II (mV)\n", ""])
def test_a_first_sample_that_is_missing_stays(head: str, first: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{head}{first};{first}\n0.1;0.2\n0.3;0.1\n")
    record = read(tmp_path / "a.csv")
    assert record.signal.shape == (2, 3)
    assert np.isnan(record.signal[:, 0]).all()


def test_a_rate_that_the_digits_leave_open_is_told_with_what_they_allow(tmp_path: Path) -> None:
    text = table(f"time,{NAMES}", lambda k: f"{k / 499.5:.4f}", n=30)
    (tmp_path / "a.csv").write_text(text)
    assert "Hz (the digits of the times allow 498.2" in "; ".join(read(tmp_path / "a.csv").notes)


FOUND = "7/18009 7/24675 7/36334 7/40415 11/6218 12/3655 100/50 100/7315"
"""Tables of the command that were read wrongly when it was run for the first time."""


@pytest.mark.parametrize("seed", FOUND.split())
def test_a_drawn_table_that_was_read_wrongly_once(seed: str, tmp_path: Path) -> None:
    assert try_one(generate(random.Random(seed)), tmp_path)[1] is None


@settings(max_examples=60, derandomize=True, database=None)
@given(st.randoms(use_true_random=False))
def test_random_dialects_come_back_or_are_refused(drawn: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert try_one(generate(drawn), Path(folder))[1] is None


def test_most_random_dialects_are_read(tmp_path: Path) -> None:
    tables = [generate(random.Random(f"most/{number}")) for number in range(60)]
    came = [try_one(one, tmp_path)[0] for one in tables if not one.wrong]
    assert came.count("read") > 0.95 * len(came)
