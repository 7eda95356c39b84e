"""One job in several parts, in any order, at once or not, whatever happens to them."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.options.quantities import Part
from tests.corpora import BAD, synthetic
from tests.outputs import assert_same, contents, n_journaled, run_json
from tests.processes import QUICK, Ended, run, started

Alone = tuple[dict[str, str], Ended]


@given(st.integers(1, 40), st.integers(0, 500))
def test_each_chunk_is_in_one_part(of: int, chunk: int) -> None:
    parts = [Part(number, of) for number in range(1, of + 1)]
    assert sum(part.has(chunk) for part in parts) == 1


@pytest.mark.slow
@pytest.mark.parametrize("of", [pytest.param(1, marks=pytest.mark.slow), 5])
def test_parts_at_once_make_the_same(
    of: int, mixed41: Path, alone41: Alone, ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    line = [ecgmpi, "render", mixed41, "-o", out, *QUICK, "--workers", "1"]
    with ExitStack() as stack:
        parts = [
            stack.enter_context(started([*line, "--part", f"{number}/{of}"]))
            for number in range(1, of + 1)
        ]
        for running in parts:
            assert running.wait(120).status in (0, 3)
    assert not (out / "manifest.h5").exists()
    ended = run([ecgmpi, "merge", out]).expect(3)
    assert f"{len(BAD)} failed" in ended.out
    assert_same(contents(out), alone41[0])
    assert [part["part"] for part in run_json(out)["parts"]] == [
        f"{number}/{of}" for number in range(1, of + 1)
    ]
    # Again: the same.
    run([ecgmpi, "merge", out]).expect(3)
    assert_same(contents(out), alone41[0])


@pytest.mark.slow
def test_more_parts_than_recordings(ecgmpi: Path, tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "corpus", 2), tmp_path / "OUT"
    line = [ecgmpi, "render", corpus, "-o", out, *QUICK]
    for number in (3, 1, 2):
        run([*line, "--part", f"{number}/3"]).expect(0)
    run([ecgmpi, "merge", out]).expect(0)
    run([*line[:4], tmp_path / "whole", *QUICK]).expect(0)
    assert_same(contents(out), contents(tmp_path / "whole"))


@pytest.mark.slow
def test_a_part_that_was_killed(
    many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    part = [ecgmpi, "render", many, "-o", out, *QUICK, "--part"]
    with started([*part, "2/2"]) as running:
        running.until(lambda: n_journaled(out) > 0)
        running.signal(signal.SIGKILL)
    run([*part, "1/2"]).expect(0)
    (line,) = run([ecgmpi, "merge", out]).expect(1).complaints
    assert "run --part 2/2 again, then merge" in line
    run([*part, "2/2"]).expect(0)
    run([ecgmpi, "merge", out]).expect(0)
    assert_same(contents(out), alone_many)
    # Nothing was drawn twice but what was in flight.
    assert "nothing was drawn" in run([*part, "1/2"]).expect(0).out


@pytest.mark.slow
def test_render_without_part_draws_what_parts_have_left(
    many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    line = [ecgmpi, "render", many, "-o", out, *QUICK]
    run([*line, "--part", "1/3"]).expect(0)
    ended = run(line).expect(0)
    assert "this run: 100" in ended.out
    assert_same(contents(out), alone_many)


@pytest.mark.slow
def test_what_parts_refuse(mixed41: Path, ecgmpi: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    line = [ecgmpi, "render", mixed41, "-o", out, *QUICK]
    for wrong in ("4/3", "0/3", "1", "a/b", "1/3/5"):
        (said,) = run([*line, "--part", wrong]).expect(2).complaints
        assert "give K/N, part K of N, such as 3/8" in said
    (said,) = run([*line, "--part", "1/3", "--overwrite"]).expect(2).complaints
    assert "would remove what the other parts did" in said
    assert not out.exists()
    run([*line, "--part", "1/3"])
    (said,) = run([*line, "--part", "2/3", "--speed", "50"]).expect(1).complaints
    assert "--speed was 25, now 50" in said
    (said,) = run([ecgmpi, "merge", mixed41]).expect(1).complaints
    assert "holds no job" in said


def test_other_inputs_are_refused(many: Path, mixed41: Path, ecgmpi: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    run([ecgmpi, "render", mixed41, "-o", out, *QUICK, "--part", "1/2"]).expect(3)
    other = [ecgmpi, "render", many, "-o", out, *QUICK, "--part", "2/2"]
    (said,) = run(other).expect(1).complaints
    assert "begun with other inputs" in said


def _two_parts(ecgmpi: Path, corpus: Path, out: Path) -> list[object]:
    """Both halves of a job are done; the command that did them, but for its ``--part``."""
    line = [ecgmpi, "render", corpus, "-o", out, *QUICK]
    for number in (1, 2):
        run([*line, "--part", f"{number}/2"])
    return line


def _merge_refused(ecgmpi: Path, out: Path) -> str:
    """The one line that merge says, and nothing else."""
    (said,) = run([ecgmpi, "merge", out]).expect(1).complaints
    return said


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b'{"status": 0, "par',
        b"[]",
        b"\xff\xfe",
    ],
)
def test_a_damaged_note_of_a_part_is_named_before_anything_is_written(
    damage: bytes, mixed41: Path, alone41: Alone, ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    line = _two_parts(ecgmpi, mixed41, out)
    (out / ".ecgmpi" / "parts" / "2-of-2.json").write_bytes(damage)
    said = _merge_refused(ecgmpi, out)
    assert "run --part 2/2 again" in said
    assert not (out / "manifest.h5").exists()
    assert "nothing was drawn" in run([*line, "--part", "2/2"]).out
    run([ecgmpi, "merge", out]).expect(3)
    assert_same(contents(out), alone41[0])


@pytest.mark.slow
@pytest.mark.parametrize("damage", [pytest.param(b"", marks=pytest.mark.slow), b"\xa5" * 5000])
def test_any_part_rebuilds_a_damaged_catalogue(
    damage: bytes, mixed41: Path, alone41: Alone, ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    line = _two_parts(ecgmpi, mixed41, out)
    catalogue = out / ".ecgmpi" / "catalogue.sqlite"
    catalogue.write_bytes(damage)
    said = _merge_refused(ecgmpi, out)
    assert "catalogue.sqlite is damaged" in said
    assert "remove it, run any one --part again" in said
    catalogue.unlink()
    # Only what was missing is tried again.
    said = run([*line, "--part", "1/2"]).expect(3).out
    assert "this run: 1 in " in said
    assert "1 recording had failed before" in said
    run([ecgmpi, "merge", out]).expect(3)
    assert_same(contents(out), alone41[0])
