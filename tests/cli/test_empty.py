"""A variable of a script that is not set makes an empty name: not the current folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import ecgmpi
from ecgmpi.errors import UsageError
from tests.corpora import synthetic
from tests.processes import QUICK, run
from tests.processes import ecgmpi as command


@pytest.mark.parametrize(
    ("called", "arguments"),
    [
        ("-o", ("render", "in", *QUICK, "-o", "")),
        ("-o", ("render", "in", *QUICK, "--out=")),
        ("-o", ("render", "in", *QUICK, "-o", "", "--dry-run")),
        ("INPUT", ("render", "", *QUICK, "-o", "out")),
        ("INPUT", ("render", "in", "", *QUICK, "-o", "out")),
        ("--config", ("render", "in", *QUICK, "-o", "out", "--config", "")),
        ("OUT", ("merge", "")),
        ("OUT", ("synth", "")),
        ("FILE", ("inspect", "")),
        ("FILE", ("show", "")),
        ("-o", ("show", "in/SYN000001.mat", "-o", "")),
    ],
)
def test_an_empty_name_is_one_line_and_nothing_is_written(
    called: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    synthetic(tmp_path / "in", 1)
    done = run(command(*arguments), cwd=tmp_path).expect(2)
    assert done.complaints == [
        f"ecgmpi: {called} is empty: name a file or folder, ./ for the current one"
    ]
    assert done.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_from_python_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    synthetic(tmp_path / "in", 1)
    for inputs, out in (("in", ""), ("", "out"), (["in", ""], "out")):
        with pytest.raises(UsageError, match="is empty"):
            ecgmpi.render(inputs, out)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
