"""``--compression``: what lands in OUT, what belongs to it, and when a job resumes."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgmpi.outdir.paths import JobPaths
from tests.corpora import synthetic
from tests.outputs import assert_same, contents
from tests.processes import run_ecgmpi as run

PAGES = ("--layout", "3x4+1", "--dpi", "100", "--annotate", "boxes", "--mask")
SMALL = ("--compression", "small")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic(tmp_path_factory.mktemp("in"), 2)


@pytest.mark.slow
def test_small_pictures_and_masks_have_the_same_pixels(corpus: Path, tmp_path: Path) -> None:
    for name, options in {"plain": (), "small": SMALL}.items():
        run("render", corpus, "-o", tmp_path / name, *PAGES, *options).expect(0)
    for ending, most in ((".png", 0.75), (".mask.png", 0.65)):
        plain, small = (
            tmp_path / name / f"images/SYN000001{ending}" for name in ("plain", "small")
        )
        with Image.open(plain) as one, Image.open(small) as other:
            assert np.array_equal(np.asarray(one), np.asarray(other))
            assert one.getpalette() == other.getpalette()
        assert small.stat().st_size <= most * plain.stat().st_size
    run("verify", tmp_path / "small").expect(0)
    said = json.loads((tmp_path / "small/run.json").read_text())
    assert said["versions"]["zlib-ng"] == version("zlib-ng")
    assert said["options"]["--compression"] == "small"


@pytest.mark.slow
def test_shards_hold_small_pictures(corpus: Path, tmp_path: Path) -> None:
    for name, options in {"plain": (), "small": SMALL}.items():
        run(
            "render", corpus, "-o", tmp_path / name, "--pack", "tar", "--dpi", "100", *options
        ).expect(0)
    plain, small = (
        (tmp_path / name / "shards/000000.tar").stat().st_size for name in ("plain", "small")
    )
    assert small < 0.9 * plain
    run("verify", tmp_path / "small").expect(0)


@pytest.mark.slow
def test_a_job_is_resumed_with_its_own_compression_alone(corpus: Path, tmp_path: Path) -> None:
    paths = JobPaths(tmp_path / "out")
    command = ("render", corpus, "-o", paths.out, "--dpi", "60")
    run(*command).expect(0)
    whole = contents(paths.out)
    refused = run(*command, *SMALL).expect(1)
    assert "--compression was not given, now small" in refused.err
    assert_same(contents(paths.out), whole)
    # One that does not know the option, as of an earlier version; fast is what it drew.
    document = json.loads(paths.job_json.read_text())
    assert document["versions"].keys() == {"matplotlib", "isal", "zlib-ng"}
    del document["options"]["--compression"]
    paths.job_json.write_text(json.dumps(document))
    for options in ((), ("--compression", "fast")):
        assert "nothing was drawn" in run(*command, *options).expect(0).out
    run(*command, *SMALL, "--overwrite").expect(0)
    small = contents(paths.out)
    assert "nothing was drawn" in run(*command, *SMALL).expect(0).out
    refused = run(*command, "--compression", "fast").expect(1)
    assert "--compression was small, now not given" in refused.err
    document = json.loads(paths.job_json.read_text())
    assert document["versions"].keys() == {"matplotlib", "zlib-ng"}
    document["versions"]["zlib-ng"] = "0.1"
    paths.job_json.write_text(json.dumps(document))
    refused = run(*command, *SMALL).expect(1)
    assert "other versions of what draws: zlib-ng was 0.1, now " in refused.err
    assert_same(contents(paths.out), small)


@pytest.mark.slow
def test_an_out_that_was_begun_before_the_option_can_still_be_decoded(
    corpus: Path, tmp_path: Path
) -> None:
    paths = JobPaths(tmp_path / "out")
    run(
        "render", corpus, "-o", paths.out, "--layout", "3x4", "--annotate", "boxes", "--dpi", "300"
    ).expect(0)
    document = json.loads(paths.job_json.read_text())
    del document["options"]["--compression"]
    paths.job_json.write_text(json.dumps(document))
    run("verify", paths.out, "--roundtrip", "1").expect(0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--compression", "tiny"), "--compression tiny: choose from fast, small"),
        (("--format", "jpg", *SMALL), "--compression is for png: leave it out, or"),
        (("--format", "svg", "--compression", "fast"), "--compression is for png"),
    ],
)
def test_what_cannot_be_is_refused(
    corpus: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    assert words in run("render", corpus, "-o", tmp_path / "out", *options).expect(2).err
    assert not (tmp_path / "out").exists()


def test_one_recording_is_shown_small_and_a_file_of_options_may_say_so(
    corpus: Path, tmp_path: Path
) -> None:
    config = tmp_path / "job.toml"
    config.write_text('compression = "small"\n')
    (recording, *_) = sorted(corpus.glob("*.mat"))
    sizes = []
    for k, options in enumerate(((), SMALL, ("--config", config))):
        picture = tmp_path / f"{k}.png"
        run("show", recording, "-o", picture, "--dpi", "100", *options).expect(0)
        sizes.append(picture.stat().st_size)
    assert sizes[0] > sizes[1] == sizes[2]


@pytest.mark.slow
def test_an_estimate_knows_the_compression(corpus: Path, tmp_path: Path) -> None:
    said = []
    for options in ((), SMALL):
        told = run("render", corpus, "-o", tmp_path / "out", "--dry-run", *options).expect(0).out
        found = re.search(r"about 24 pictures, ([\d.]+) kB", told)
        assert found, told
        said.append(float(found[1]))
    assert said[1] < 0.85 * said[0]
