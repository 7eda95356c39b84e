"""One recording drawn, wherever it is to go."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path

import pytest
from PIL import Image

from tests.corpora import synthetic
from tests.processes import ecgmpi, run_ecgmpi

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return synthetic(tmp_path / "in", 1) / "SYN000001.mat"


def show(recording: Path, *options: object) -> list[object]:
    return ["show", recording, "--dpi", "60", *options]


def test_a_file_is_replaced(recording: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_text("old")
    done = run_ecgmpi(*show(recording, "-o", picture)).expect(0)
    assert picture.read_bytes().startswith(PNG)
    assert done.out.startswith(f"{picture}: ")


def test_an_error_names_the_file(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.mat").write_text("nothing")
    for arguments, words in (
        (show(tmp_path / "bad.mat"), "not-recognised"),
        (show(recording, "--leads", "X"), "no lead X"),
    ):
        done = run_ecgmpi(*arguments).expect(1)
        (line,) = done.complaints
        assert line.startswith(f"ecgmpi: {arguments[1]}: ")
        assert words in line


@pytest.mark.parametrize("name", ["x.gif", "x.TIFF", "x.webp"])
def test_another_kind_of_picture_is_refused(recording: Path, tmp_path: Path, name: str) -> None:
    done = run_ecgmpi(*show(recording, "-o", tmp_path / name)).expect(2)
    assert ".png, .svg, .pdf, .jpg, .jpeg" in done.err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("name", "options", "beginning", "size"),
    [
        ("x.svg", (), b"<?xml", "mm"),
        ("x.PDF", (), b"%PDF-", "mm"),
        ("x.jpeg", ("--quality", "50"), b"\xff\xd8", "pixels"),
        ("x.jpg", ("--format", "jpg"), b"\xff\xd8", "pixels"),
        ("picture", ("--format", "svg"), b"<?xml", "mm"),
        ("v1.2", (), PNG, "pixels"),
    ],
)
def test_the_ending_says_which_format(
    recording: Path,
    tmp_path: Path,
    name: str,
    options: tuple[str, ...],
    beginning: bytes,
    size: str,
) -> None:
    done = run_ecgmpi(*show(recording, "-o", tmp_path / name, *options)).expect(0)
    assert (tmp_path / name).read_bytes().startswith(beginning)
    assert done.out.splitlines()[0].endswith(size)


def test_an_ending_and_a_format_that_differ_are_refused(recording: Path, tmp_path: Path) -> None:
    picture = tmp_path / "x.pdf"
    done = run_ecgmpi(*show(recording, "-o", picture, "--format", "png")).expect(2)
    assert done.complaints == [
        f"ecgmpi: -o {picture} is a pdf but --format is png: leave out one of them"
    ]
    assert not picture.exists()


def test_a_format_without_a_name_gives_it_its_ending(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_ecgmpi(*show(recording, "--format", "svg")).expect(0)
    run_ecgmpi(*show(recording, "--layout", "3x4", "--format", "jpg")).expect(0)
    assert sorted(path.name for path in tmp_path.glob("SYN*")) == [
        "SYN000001.jpg",
        "SYN000001_II.svg",
    ]


def test_a_pipe_is_written_to(recording: Path, tmp_path: Path) -> None:
    pipe, taken = tmp_path / "pipe", bytearray()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: taken.extend(pipe.read_bytes()), daemon=True)
    reader.start()
    run_ecgmpi(*show(recording, "-o", pipe)).expect(0)
    reader.join(10)
    assert taken.startswith(PNG)
    assert pipe.is_fifo()


@pytest.mark.parametrize("to_file", [False, True])
def test_standard_output_gets_the_picture_and_nothing_else(
    recording: Path, tmp_path: Path, to_file: bool
) -> None:
    # By a link of our own: a mistake must not replace the real one.
    link = tmp_path / "stdout"
    link.symlink_to("/dev/stdout")
    command = list(map(str, ecgmpi(*show(recording, "-o", link))))
    picture = tmp_path / "picture.png"
    if to_file:
        with picture.open("wb") as target:
            done = subprocess.run(command, stdout=target, stderr=subprocess.PIPE, check=True)
        data = picture.read_bytes()
    else:
        done = subprocess.run(command, capture_output=True, check=True)
        data = done.stdout
    run_ecgmpi(*show(recording, "-o", tmp_path / "direct.png")).expect(0)
    assert data == (tmp_path / "direct.png").read_bytes()
    assert b"pixels" in done.stderr
    assert link.is_symlink()


def test_what_a_link_leads_to_is_written_to(recording: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    run_ecgmpi(*show(recording, "-o", link)).expect(0)
    assert link.is_symlink()
    assert not os.path.isfile("/dev/null")  # noqa: PTH113


def test_the_format_of_a_file_of_options_holds_where_no_ending_says_another(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "job.toml"
    config.write_text('format = "jpg"\nquality = 60\n')
    run_ecgmpi(*show(recording, "--config", config)).expect(0)
    assert (tmp_path / "SYN000001_II.jpg").read_bytes().startswith(b"\xff\xd8")
    config.write_text('format = "svg"\n')
    run_ecgmpi(*show(recording, "--config", config, "-o", "named.png")).expect(0)
    assert (tmp_path / "named.png").read_bytes().startswith(PNG)


def test_a_long_worn_strip_has_a_size_of_its_own(tmp_path: Path) -> None:
    """And what hides its ink is told apart from the mask of leads, in the files themselves."""
    recording = synthetic(tmp_path / "in", 1, duration=10) / "SYN000001.mat"
    options = ("--wear", "photo", "--annotate", "boxes", "--masks", "bits")
    done = run_ecgmpi(*show(recording, "-o", tmp_path / "x.png", *options)).expect(0)
    said = dict(line.split(": ", 1) for line in done.out.splitlines() if not line.startswith(" "))
    sizes = []
    for name in ("x.png", "x~photo1.jpg"):
        with Image.open(tmp_path / name) as image:
            assert said[str(tmp_path / name)] == f"{image.width} x {image.height} pixels"
            sizes.append(image.size)
    assert sizes[0] != sizes[1]
    with Image.open(tmp_path / "x~photo1.hidden.png") as image:
        assert json.loads(image.info["ecgmpi"]) == {"hidden": 255, "record": "SYN000001"}
        assert {value for _, value in image.getcolors() or ()} == {0, 255}
