"""``ecgmpi label``: what it makes of an OUT is what render would have made with that table."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

import ecgmpi
from ecgmpi.errors import UsageError
from tests.job.relabel.conftest import PACKS, SECRET, Drawn, Labels, N, label
from tests.labels.corpora import challenge, code_15, write_table
from tests.outputs import assert_same, contents, n_journaled, run_json
from tests.processes import QUICK, run_ecgmpi

SLOW = pytest.mark.slow


def held(out: Path) -> bytes:
    """All bytes of an OUT."""
    return b"".join(path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file())


@pytest.mark.parametrize("pack", PACKS)
def test_other_labels_are_those_of_render(pack: str, drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied(pack, drawn.old, tmp_path / "OUT")
    assert SECRET.encode() in held(out)
    label(out, drawn.new)
    assert_same(contents(out), contents(drawn.out(pack, drawn.new)))
    # Nothing is left of what the new labels do not name: not in the catalogue, not in a journal.
    assert SECRET.encode() not in held(out)


@pytest.mark.parametrize("pack", PACKS)
def test_labels_come_and_go(pack: str, drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied(pack, drawn.new, tmp_path / "OUT")
    summary = label(out, None)
    assert (summary.columns, summary.rewritten) == ((), N)
    plain = contents(out)
    assert "unmatched.csv" not in plain
    label(out, drawn.new)
    assert_same(contents(out), contents(drawn.out(pack, drawn.new)))
    label(out, None)
    assert_same(contents(out), plain)
    # Twice is once.
    journaled = n_journaled(out)
    assert label(out, None).rewritten == 0
    assert n_journaled(out) == journaled


@SLOW
def test_the_report_names_no_command_that_is_refused(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    run_ecgmpi("label", out, *drawn.new.options).expect(0)
    run_ecgmpi("report", out).expect(0)
    page = (out / "report.html").read_text()
    assert "ecgmpi render INPUT... -o OUT --retry-failed" in page
    assert "What gave it other labels since then" in page
    assert f"ecgmpi label {out} --metadata {drawn.new.table}" in page


@SLOW
@pytest.mark.parametrize("pack", PACKS)
def test_what_follows_the_command(pack: str, drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied(pack, drawn.old, tmp_path / "OUT")
    ended = run_ecgmpi("label", out, *drawn.new.options).expect(0)
    said = "labels of new.csv: 5 of 6 recordings have a row by id=record; 1 has none"
    assert f"ecgmpi: {said}" in ended.err
    assert said in ended.out
    assert f"labels of 6 recordings in {out}: rhythm, age, even" in ended.out
    run_ecgmpi("verify", out).expect(0)
    again = run_ecgmpi(*drawn.command(out, pack, drawn.new)).expect(3)
    assert "nothing was drawn" in again.out
    (line,) = run_ecgmpi(*drawn.command(out, pack, drawn.old)).expect(1).complaints
    assert "--metadata-columns was rhythm,age,even, now age,said" in line
    assert_same(contents(out), contents(drawn.out(pack, drawn.new)))
    run_ecgmpi("label", out, "--no-labels", "-q").expect(0)
    assert_same(contents(out), contents(drawn.out(pack, None)))
    assert "nothing was drawn" in run_ecgmpi(*drawn.command(out, pack, None)).expect(3).out


def test_a_data_set_has_the_same_labels_however_they_came(drawn: Drawn, tmp_path: Path) -> None:
    found = []
    for pack in PACKS:
        out = drawn.copied(pack, drawn.old, tmp_path / pack)
        label(out, drawn.new)
        found.append([sample["labels"] for sample in ecgmpi.dataset(out, fields="labels")])
    np.testing.assert_equal(found[0], found[1])
    np.testing.assert_equal(found[0], found[2])
    np.testing.assert_equal(found[0][0], {"rhythm": "", "age": np.nan, "even": np.nan})
    np.testing.assert_equal(found[0][2], {"rhythm": "SR", "age": 1.5, "even": 0.0})


@SLOW
def test_files_without_json_change_in_the_manifest_alone(drawn: Drawn, tmp_path: Path) -> None:
    for name, options in (("labelled", drawn.new.options), ("plain", ())):
        command = ("render", drawn.corpus, "-o", tmp_path / name, *QUICK, "--leads", "II")
        run_ecgmpi(*command, *options).expect(3)
    ended = run_ecgmpi("label", tmp_path / "plain", *drawn.new.options).expect(0)
    assert "no JSON had to be written" in ended.out
    assert_same(contents(tmp_path / "plain"), contents(tmp_path / "labelled"))
    assert "nothing was drawn" in run_ecgmpi(*command, *drawn.new.options).expect(3).out


@SLOW
def test_run_json_tells_of_both_runs(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    before = run_json(out)
    run_ecgmpi("label", out, *drawn.new.options).expect(0)
    after = run_json(out)
    assert after["labels"][0]["table"] == "new.csv"
    assert after["options"]["--metadata-columns"] == "rhythm,age,even"
    assert after["labelled"]["command"][1:3] == ["label", str(out)]
    same = before.keys() - {"labels", "options"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


@SLOW
def test_several_processes_make_the_same(drawn: Drawn, tmp_path: Path) -> None:
    for pack, options in (("tar", ("--shard-recordings", "1")), ("files", ("--annotate", "boxes"))):
        command = ("render", drawn.corpus, *QUICK, "--leads", "II", "--pack", pack, *options)
        wanted, out = tmp_path / f"{pack}-wanted", tmp_path / pack
        run_ecgmpi(*command, "-o", wanted, *drawn.new.options).expect(3)
        run_ecgmpi(*command, "-o", out, *drawn.old.options).expect(3)
        run_ecgmpi("label", out, *drawn.new.options, "--workers", "3").expect(0)
        assert_same(contents(out), contents(wanted))


@SLOW
def test_labels_that_are_read_from_input(tmp_path: Path) -> None:
    corpus = challenge(tmp_path / "challenge")
    command = ("render", corpus, *QUICK, "--leads", "II", "--pack", "tar")
    header = ("--metadata", "header", "--metadata-columns", "Age,Dx")
    run_ecgmpi(*command, "-o", tmp_path / "wanted", *header).expect(0)
    run_ecgmpi(*command, "-o", tmp_path / "OUT").expect(0)
    changed = corpus / "WFDBRecords" / "01" / "JS00002.hea"
    text, times = changed.read_text(), changed.stat()
    changed.write_text(text.replace("49", "50"))
    (line,) = run_ecgmpi("label", tmp_path / "OUT", *header).expect(1).complaints
    assert "read from INPUT, which is not as it was drawn (WFDBRecords/01/JS00002.hea)" in line
    changed.write_text(text)
    os.utime(changed, ns=(times.st_atime_ns, times.st_mtime_ns))
    run_ecgmpi("label", tmp_path / "OUT", *header).expect(0)
    assert_same(contents(tmp_path / "OUT"), contents(tmp_path / "wanted"))


@SLOW
def test_keys_in_files_of_many_recordings(tmp_path: Path) -> None:
    corpus = code_15(tmp_path / "code")
    command = ("render", corpus, *QUICK, "--leads", "II", "--pack", "hdf5")
    table = (corpus / "exams.csv").rename(tmp_path / "exams.csv")
    keyed = Labels(table, "exam_id=key", "age,is_male").options
    run_ecgmpi(*command, "-o", tmp_path / "wanted", *keyed).expect(0)
    run_ecgmpi(*command, "-o", tmp_path / "OUT").expect(0)
    run_ecgmpi("label", tmp_path / "OUT", *keyed).expect(0)
    assert_same(contents(tmp_path / "OUT"), contents(tmp_path / "wanted"))


@SLOW
@pytest.mark.parametrize("pack", ["files", "tar"])
def test_pages(pack: str, drawn: Drawn, tmp_path: Path) -> None:
    options = ("--layout", "3x4", "--pack", pack, "--annotate", "boxes")
    command = ("render", drawn.corpus, *QUICK, *options)
    run_ecgmpi(*command, "-o", tmp_path / "wanted", *drawn.new.options).expect(3)
    run_ecgmpi(*command, "-o", tmp_path / "OUT").expect(3)
    run_ecgmpi("label", tmp_path / "OUT", *drawn.new.options).expect(0)
    assert_same(contents(tmp_path / "OUT"), contents(tmp_path / "wanted"))


def test_a_table_that_does_not_fit_changes_nothing(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    before = contents(out)
    job = json.loads((out / ".ecgmpi" / "job.json").read_text())
    other = write_table(tmp_path / "t.csv", ["id", "x"], [["nobody", 1]])
    labels = Labels(other, "id", "x")
    with pytest.raises(UsageError, match="no row matches a recording by id=record"):
        label(out, labels)
    assert_same(contents(out), before)
    assert json.loads((out / ".ecgmpi" / "job.json").read_text()) == job
    assert not list((out / ".ecgmpi").glob("*.new"))
    assert b"nobody" not in held(out)
