"""Splits of a finished OUT: a column, whatever its shards; and never one that its shards deny."""

from __future__ import annotations

from pathlib import Path

import pytest

import ecgmpi
from ecgmpi.errors import ExitStatus
from tests.job.relabel.conftest import Drawn
from tests.outputs import assert_same, contents
from tests.processes import run_ecgmpi

PARITY = ("--split", "even=True:val,False:test")
SHARES = ("--split", "50/50")


def command(drawn: Drawn, out: Path, pack: str, *options: object) -> tuple[object, ...]:
    return (*drawn.command(out, pack, None), *options)


def packed(out: Path) -> list[Path]:
    """All files of shards."""
    return sorted(path for path in (out / "shards").rglob("*") if path.is_file())


def table(drawn: Drawn, *columns: str) -> tuple[object, ...]:
    named = ("--metadata-columns", ",".join(columns)) if columns else ()
    return ("--metadata", drawn.new.table, "--metadata-key", drawn.new.key, *named)


@pytest.mark.slow
def test_files_get_the_split_that_render_would_give(drawn: Drawn, tmp_path: Path) -> None:
    rendered = tmp_path / "rendered"
    options = (*table(drawn, "rhythm"), *PARITY)
    run_ecgmpi(*command(drawn, rendered, "files", *options)).expect(3)
    out = drawn.copied("files", drawn.old, tmp_path / "OUT")
    ended = run_ecgmpi("label", out, *options).expect(0)
    assert "split: train 0, val 2, test 3, none 1; by even of new.csv" in ended.out
    assert "\nremoved: age, said\n" in ended.out
    assert_same(contents(out), contents(rendered))
    assert "removed" not in run_ecgmpi("label", out, *options).expect(0).out
    assert "\nremoved: rhythm, split\n" in run_ecgmpi("label", out, "--no-labels").expect(0).out


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["tar", "hdf5"])
def test_shards_that_were_not_divided_hold_several(pack: str, drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied(pack, None, tmp_path / "OUT")
    before = {path.relative_to(out) for path in packed(out)}
    run_ecgmpi("label", out, *SHARES).expect(0)
    assert {path.relative_to(out) for path in packed(out)} == before
    run_ecgmpi("verify", out).expect(0)
    halves = [ecgmpi.dataset(out, split=name, fields="labels") for name in ("train", "test")]
    assert sum(map(len, halves)) == len(ecgmpi.dataset(out))
    for name, half in zip(("train", "test"), halves, strict=True):
        assert all(sample["labels"] == {"split": name} for sample in half)
    labelled = contents(out)
    again = run_ecgmpi(*command(drawn, out, pack, *SHARES)).expect(3)
    assert "nothing was drawn" in again.out
    # What is lost is drawn into the shards that there are.
    packed(out)[0].unlink()
    run_ecgmpi(*command(drawn, out, pack, *SHARES)).expect(3)
    assert_same(contents(out), labelled)
    # From then on it is the job of that command, which divides shards where it begins anew.
    run_ecgmpi(*command(drawn, out, pack, *SHARES), "--overwrite").expect(3)
    assert {path.parent.name for path in packed(out)} == {"train", "test"}


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["tar", "hdf5"])
def test_shards_that_were_divided_keep_their_split(pack: str, drawn: Drawn, tmp_path: Path) -> None:
    out, rendered = tmp_path / "OUT", tmp_path / "rendered"
    run_ecgmpi(*command(drawn, out, pack, *table(drawn), *PARITY)).expect(3)
    run_ecgmpi(*command(drawn, rendered, pack, *table(drawn, "rhythm"), *PARITY)).expect(3)
    before = contents(out)
    for options in (
        ("--no-labels",),
        SHARES,
        (*table(drawn, "rhythm"), "--split", "even=True:test,False:val"),
        (*table(drawn, "rhythm"), "--split", "even=False:test,True:val"),
        drawn.new.options,
    ):
        (line,) = run_ecgmpi("label", out, *options).expect(ExitStatus.COULD_NOT_RUN).complaints
        assert "its shards are divided into the splits val, test" in line
        was = "(--split even=True:val,False:test, by a column of new.csv)"
        assert f"label it with the split that it was drawn with {was}, or" in line
        assert_same(contents(out), before)
    run_ecgmpi("label", out, *table(drawn, "rhythm"), *PARITY).expect(0)
    assert_same(contents(out), contents(rendered))
