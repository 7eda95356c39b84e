"""How names of any bytes are written: so that each can be read anywhere, and none is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.errors import UsageError
from ecgmpi.names import original, readable, typed, typed_path, written
from ecgmpi.outdir.provenance import write_run
from ecgmpi.results.result import one_line
from ecgmpi.results.tables import encode

# Bytes at random seldom meet what matters: backslashes, and what looks like an escape.
BYTES = st.binary(max_size=12).map(lambda raw: raw.translate(None, b"\0/"))
PIECES = st.sampled_from(
    rb"\ \\ \x \xff \xFF \x0a x ff".split()
    + b"\xff \xe9 \xc3\xa9 \xc2\x85 \xed\xa0\x80 \xc0\xaf \xe2\x80\xae a\nb".split(b" ")
)
PARTS = st.lists(BYTES | PIECES, max_size=6).map(b"".join)
PATHS = st.lists(PARTS, min_size=1, max_size=3).map(b"/".join).map(os.fsdecode)

CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"])
ORDINARY = st.text(CHARACTERS.filter(lambda c: c != "\\"))


@given(PATHS)
def test_a_name_can_be_found_again_by_what_is_written(name: str) -> None:
    assert original(written(name)) == name


@given(PATHS, PATHS)
def test_no_two_names_are_written_alike(one: str, other: str) -> None:
    assert (written(one) == written(other)) == (one == other)


@given(PATHS)
def test_what_is_written_is_utf8_on_one_line(name: str) -> None:
    text = written(name)
    assert text.encode().decode() == text
    assert len(f"{text}.".splitlines()) == 1
    assert {"Cc", "Cs", "Zl", "Zp"}.isdisjoint(map(unicodedata.category, text))


@given(PATHS)
def test_folders_are_written_one_by_one(name: str) -> None:
    assert written(name).split("/") == [written(part) for part in name.split("/")]


@given(ORDINARY)
def test_an_ordinary_name_is_written_as_it_is(name: str) -> None:
    assert written(name) == original(name) == readable(name) == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"SYN 000,1", "SYN 000,1"),
        (b"dir\\file", r"dir\file"),
        (b"bad\\xFF", r"bad\xFF"),
        ("ÄKG א 👩‍⚕️ e\u0301\u00e9".encode(), "ÄKG א 👩‍⚕️ e\u0301\u00e9"),
        (b"bad\xff", r"bad\xff"),
        (b"bad\\xff", r"bad\\xff"),
        (b"bad\\\\xff", r"bad\\\\xff"),
        (b"a\\b\n", r"a\\b\x0a"),
        (b"a\\b/\n", r"a\b/\x0a"),
        ("a\u2028\x85".encode(), r"a\xe2\x80\xa8\xc2\x85"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
    ],
)
def test_some_names(name: bytes, text: str) -> None:
    assert written(os.fsdecode(name)) == text
    assert os.fsencode(original(text)) == name


@given(st.text(st.characters(categories=["Cs", "Cc", "Lu", "Zs"])))
def test_text_that_is_no_name_of_a_file_is_still_utf8(text: str) -> None:
    for line in (written(text), readable(text), one_line(text)):
        assert line.encode().decode() == line
    encode(text).decode()


def test_an_error_names_any_file() -> None:
    assert str(UsageError("no caf\udce9\x1b[2J\nin it")) == "no caf\\xe9\\x1b[2J\nin it"


def test_the_facts_of_a_run_are_utf8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ecgmpi", "caf\udce9", "caf\\xe9"])
    write_run(tmp_path / "run.json", {"inputs": ["/in/\udcff"], "options": {"key": "\udcff"}})
    facts = json.loads((tmp_path / "run.json").read_text())
    assert facts["command"] == ["ecgmpi", r"caf\xe9", r"caf\\xe9"]
    assert facts["inputs"] == [r"/in/\xff"]
    json.dumps(facts, ensure_ascii=False).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8:surrogateescape", "ascii", "latin-1:strict"])
def test_a_terminal_of_any_encoding_shows_any_name(encoding: str, tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + "/caf\u20ac".encode() + b"\xff.mat"
    done = subprocess.run(
        [sys.executable, "-m", "ecgmpi", "inspect", file],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        timeout=60,
        check=False,
    )
    name = "caf\u20ac\\xff.mat" if encoding.startswith("utf-8") else "caf\\u20ac\\xff.mat"
    first = done.stdout.decode(encoding.partition(":")[0]).splitlines()[0]
    assert first == f"{tmp_path}/{name}"


@settings(max_examples=50, deadline=None)
@given(st.lists(PATHS, min_size=1, max_size=8))
def test_a_shell_reads_what_is_typed_as_the_name(names: list[str]) -> None:
    line = " ".join(map(typed, names))
    assert readable(line) == line
    said = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {line}"], stdout=subprocess.PIPE, check=True
    ).stdout
    assert said.split(b"\0")[:-1] == [os.fsencode(name) for name in names]


def test_a_path_that_looks_like_an_option_is_typed_as_a_path() -> None:
    assert [typed_path(path) for path in ("-o", "--help me", "a-b")] == [
        "./-o",
        "'./--help me'",
        "a-b",
    ]
