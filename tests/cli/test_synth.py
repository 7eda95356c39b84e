from __future__ import annotations

from pathlib import Path

from tests.processes import run_ecgmpi


def test_it_says_how_many_are_new(tmp_path: Path) -> None:
    first = run_ecgmpi("synth", tmp_path / "in", "-n", "2", "--duration", "1").expect(0)
    assert first.out == f"2 recordings in {tmp_path / 'in'}\n"
    again = run_ecgmpi("synth", tmp_path / "in", "-n", "2", "--duration", "1").expect(0)
    assert again.out == f"2 recordings in {tmp_path / 'in'}, 0 of them new\n"
    more = run_ecgmpi("synth", tmp_path / "in", "-n", "3", "--duration", "1").expect(0)
    assert more.out == f"3 recordings in {tmp_path / 'in'}, 1 of them new\n"


def test_what_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for status, words, *options in (
        (2, "make it shorter", tmp_path / "in", "--duration", "1e8"),
        (2, "make it shorter", tmp_path / "in", "--duration", "inf"),
        (2, "above 0", tmp_path / "in", "--rate", "nan"),
        (1, "cannot be written: File exists; name another folder", tmp_path / "file"),
        (1, "cannot be written: Not a directory; name another", tmp_path / "file" / "in"),
    ):
        done = run_ecgmpi("synth", *options).expect(status)
        assert words in done.err
        assert len(done.complaints) == 1
    assert not (tmp_path / "in").exists()
