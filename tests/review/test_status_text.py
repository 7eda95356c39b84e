"""What status prints fits on a screen, and never says more than is true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecgmpi.amounts import duration
from ecgmpi.corpus.chunks import Chunks
from ecgmpi.outdir.lease_holders import Holder
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.activity import Activity
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.result import Result
from ecgmpi.review.job_state import JobState, State
from ecgmpi.review.ranks import rank_states
from ecgmpi.review.status import Status, as_json
from ecgmpi.review.status_text import MOST_RANKS, MOST_REASONS, as_text
from tests.review.report.recordings import broken, heart, result, write

NOW = 1e9


@pytest.fixture(scope="module")
def journals(tmp_path_factory: pytest.TempPathFactory) -> JournalIndex:
    """Forty recordings that are done; two of them failed."""
    one = heart()
    done: list[Result] = [
        broken(index) if index in (3, 20) else result(index, one) for index in range(40)
    ]
    return write(tmp_path_factory.mktemp("journals"), done)


def of(
    state: State,
    journals: JournalIndex | None,
    expected: int = 0,
    n_ranks: int = 3,
    silent: int | None = None,
    per_s: int = 2,
    out: Path = Path("/data/OUT"),
) -> Status:
    ranks = []
    for number in range(n_ranks):
        one = Activity(number, n_ranks, 0, "", f"node{number:03d}", 4, began=NOW - 60, every=2.0)
        one.renewed, one.doing, one.recordings = NOW, "drawing", 60 * per_s
        for second in range(60):
            for _ in range(per_s):
                one.history.count(second, failed=False)
        ranks.append((one, NOW - 3600 if number == silent else NOW - 1))
    job = JobState(
        JobPaths(out), state, [Holder(None, 1.0, False)], journals, Chunks.undivided(4, expected)
    )
    return Status(job, rank_states(ranks, job.alive, NOW))


def test_rate_and_time_left_are_those_of_all_ranks(journals: JournalIndex) -> None:
    status = of(State.RUNNING, journals, expected=21_640)
    lines = as_text(status).splitlines()
    assert lines[0] == "OUT /data/OUT: running (a job that just began)"
    assert lines[1] == "  40 of 21,640 recordings done (0.2 %), 2 failed, 21,600 left"
    assert lines[2] == "  6.0 recordings/s now, 6.0 in this run; about 1 h left"
    assert lines[3] == "  failed: truncated 2"
    assert lines[-1] == "next: ecgmpi status /data/OUT --watch, or ecgmpi report /data/OUT"
    assert as_json(status)["seconds_left"] == 3600.0


@pytest.mark.parametrize("failures", [False, True])
def test_a_report_is_named_only_where_there_is_one(
    failures: bool, journals: JournalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not failures:
        monkeypatch.setattr(journals, "total", replace(journals.total, failed=0))
    status = of(State.COMPLETE, journals, 40, out=tmp_path)
    page, listed = tmp_path / "report.html", tmp_path / "failures.csv"
    assert as_text(status).splitlines()[-1] == (
        f"next: look at {listed}; ecgmpi report {tmp_path}"
        if failures
        else f"next: ecgmpi report {tmp_path}; ecgmpi verify {tmp_path}"
    )
    page.write_text("")
    assert as_text(status).splitlines()[-1] == (
        f"next: look at {page} and {listed}"
        if failures
        else f"next: look at {page}; ecgmpi verify {tmp_path}"
    )


def test_no_rate_is_no_guess(journals: JournalIndex) -> None:
    said = as_text(of(State.RUNNING, journals, expected=100, n_ranks=0))
    assert "time left is not known yet" in said
    assert as_json(of(State.RUNNING, journals, 100, 0))["seconds_left"] is None


def test_a_share_is_not_100_while_one_recording_is_left(
    journals: JournalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "(100.0 %), 2 failed, 0 left" in as_text(of(State.RUNNING, journals, expected=40))
    nearly = replace(journals.total, recordings=999_999)
    monkeypatch.setattr(journals, "total", nearly)
    assert "(99.9 %), 2 failed, 1 left" in as_text(of(State.RUNNING, journals, expected=10**6))


def test_a_thousand_ranks_fit_on_a_screen_and_the_one_in_trouble_comes_first(
    journals: JournalIndex,
) -> None:
    lines = as_text(of(State.RUNNING, journals, 10**6, n_ranks=1000, silent=977)).splitlines()
    assert len(lines) < MOST_RANKS + 12
    table = [line.split() for line in lines if "node" in line]
    assert len(table) == MOST_RANKS
    assert table[0][:2] == ["977", "node977"]
    assert [row[0] for row in table[1:4]] == ["0", "1", "2"]
    assert "  and 976 more ranks, none in trouble: --json has all" in lines
    assert max(map(len, lines)) <= 100


def test_columns_stand_below_their_headings(journals: JournalIndex) -> None:
    lines = as_text(of(State.RUNNING, journals, 100, n_ranks=12, silent=11)).splitlines()
    begin = next(number for number, line in enumerate(lines) if "host" in line)
    heading, rows = lines[begin], lines[begin + 1 : begin + 13]
    assert len({line.index("node") for line in rows} | {heading.index("host")}) == 1
    end = heading.index("recordings") + len("recordings")
    assert {line[end - 3 : end] for line in rows} == {"120"}
    assert rows[11].endswith("silent for 1 h")


def test_many_reasons_are_cut_short(
    journals: JournalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = {f"kind{number}": 5 + number for number in range(10)}
    monkeypatch.setattr(journals, "total", replace(journals.total, failures=failures))
    said = as_text(of(State.RUNNING, journals, 100)).splitlines()
    (line,) = (line for line in said if line.startswith("  failed:"))
    # The most frequent ones are named.
    assert line.startswith("  failed: kind9 14, kind8 13, ")
    assert line.count("kind") == MOST_REASONS
    assert line.endswith(", 4 more reasons")


def test_names_of_any_bytes_are_printed_on_one_line(journals: JournalIndex) -> None:
    job = of(State.STOPPED, journals, 100).job
    odd = JobState(
        JobPaths(Path("/data/a\nb\udce9 '")), State.STOPPED, [], journals, Chunks.undivided(4, 100)
    )
    said = as_text(Status(odd, []))
    assert said.splitlines()[0].startswith("OUT /data/a\\x0ab\\xe9 ': stopped")
    assert job.called == "/data/OUT"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (3599.6, "1 h"),
        (3600 * 24 - 1, "23 h 59 min"),
        (86400 * 400, "400 d"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, words: str) -> None:
    assert duration(seconds) == words
