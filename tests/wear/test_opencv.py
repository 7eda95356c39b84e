"""Where OpenCV comes from, and what is said without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import cv2
import pytest

from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.job_file import JobFile
from ecgmpi.outdir.provenance import versions
from ecgmpi.wear.opencv import opencv_package
from tests.corpora import synthetic
from tests.outputs import run_json
from tests.processes import QUICK, Ended, ecgmpi, run

PAGE = (*QUICK, "--layout", "3x4+1", "--wear", "photo", "--annotate", "boxes", "--workers", "1")

BROKEN = 'raise ImportError("libGL.so.1: cannot open shared object file")\n'


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic(tmp_path_factory.mktemp("opencv") / "in", 2)


def _with_modules(folder: Path, *arguments: object) -> Ended:
    """Run the program where modules of `folder` hide those that are installed."""
    # It may itself be imported from there.
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return run(ecgmpi(*arguments), {"PYTHONPATH": os.pathsep.join(paths)})


@pytest.mark.parametrize("command", ["render", "dry run", "show", "check"])
def test_without_opencv_one_line_says_what_to_install(
    command: str, corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "cv2.py").write_text(BROKEN)
    file, out = corpus / "SYN000001.mat", tmp_path / "OUT"
    arguments: dict[str, tuple[object, ...]] = {
        "render": ("render", corpus, "-o", out, *PAGE),
        "dry run": ("render", corpus, "-o", out, *PAGE, "--dry-run"),
        "show": ("show", file, "-o", tmp_path / "x.png", "--wear", "photo"),
        "check": ("render", corpus, "-o", out, *PAGE, "--check-options"),
    }
    ended = _with_modules(tmp_path, *arguments[command]).expect(2)
    (line,) = ended.err.splitlines()
    assert "libGL.so.1" in line
    assert "pip install 'ecgmpi[worn]'" in line
    assert ended.out == ""
    # Nothing was begun.
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != "") == ["cv2.py"]
    assert not out.exists()


@pytest.mark.slow
def test_without_opencv_all_else_works(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text(BROKEN)
    worn, clean = tmp_path / "worn", tmp_path / "clean"
    run(ecgmpi("render", corpus, "-o", worn, *PAGE)).expect(0)
    _with_modules(tmp_path, "verify", worn, "--roundtrip", "1").expect(0)
    _with_modules(tmp_path, "render", corpus, "-o", clean, *QUICK).expect(0)
    _with_modules(tmp_path, "doctor", tmp_path).expect(0)


def test_its_version_is_written_down_and_another_does_not_resume(
    corpus: Path, tmp_path: Path
) -> None:
    package = opencv_package()
    assert package is not None
    name, number = package
    assert version(name) == number
    assert number.startswith(cv2.__version__)
    out = tmp_path / "OUT"
    command = ecgmpi("render", corpus, "-o", out, *PAGE)
    run(command).expect(0)
    assert run_json(out)["versions"][name] == number
    job_json = out / ".ecgmpi" / "job.json"
    begun = json.loads(job_json.read_text())
    assert begun["versions"][name] == number
    begun["versions"][name] = "4.1.2.30"
    job_json.write_text(json.dumps(begun))
    line = run(command).expect(1).err
    assert f"was begun with other versions of what draws: {name} was 4.1.2.30, now {number}" in line
    assert name in run(ecgmpi("doctor", tmp_path)).expect(0).out


def test_clean_pictures_have_no_version_of_opencv() -> None:
    assert "opencv" not in "".join(JobFile.by(Rendering()).versions)


WHEELS = {
    (False, True): "opencv-python-headless",
    (False, False): "opencv-python",
    (True, True): "opencv-contrib-python-headless",
    (True, False): "opencv-contrib-python",
}


@pytest.mark.parametrize(("contrib", "headless"), WHEELS)
def test_any_wheel_of_it_is_known_by_its_name(
    contrib: bool, headless: bool, tmp_path: Path
) -> None:
    (tmp_path / "cv2").mkdir()
    (tmp_path / "cv2" / "__init__.py").write_text(BROKEN)
    (tmp_path / "cv2" / "version.py").write_text(
        f'opencv_version = "5.1.0.2"\ncontrib = {contrib}\nheadless = {headless}\nrolling = False\n'
    )
    assert _package_with(tmp_path) == [WHEELS[contrib, headless], "5.1.0.2"]


@pytest.mark.parametrize(
    ("module", "said"),
    [("__version__ = '4.6.0'\n", "4.6.0"), (BROKEN, "cannot be loaded")],
)
def test_one_that_a_system_brings_says_its_version_itself(
    module: str, said: str, tmp_path: Path
) -> None:
    # As of a Debian: a single file.
    setup = "def setNumThreads(n): pass\nclass ocl:\n    setUseOpenCL = print\n"
    (tmp_path / "cv2.py").write_text(setup + module)
    assert _package_with(tmp_path) == ["opencv", said]


def test_all_that_is_asked_for_has_a_version() -> None:
    package = opencv_package()
    assert package is not None
    assert package in versions().items()


def _package_with(folder: Path) -> object:
    code = "import json; from ecgmpi.wear.opencv import opencv_package as p; print(json.dumps(p()))"
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    said = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    return json.loads(said.splitlines()[-1])
