"""The chapter on worn paper: its commands and code run, and its tables are those of the package."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ecgmpi
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.toml_file import load
from ecgmpi.wear.mapping.control_grid import ControlGrid
from ecgmpi.wear.profile_text import ALTERNATIVES
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.registry import EFFECTS
from tests.loaders.chapters import code, run_commands
from tests.processes import run
from tests.wear import overlay
from tests.wear.tables import CHAPTER, STAGES, TABLES, between

TEXT = CHAPTER.read_text(encoding="utf-8")


@pytest.mark.parametrize("mark", TABLES)
def test_a_table_is_what_the_package_has(mark: str) -> None:
    found = between(mark).search(TEXT)
    assert found is not None
    assert found[2] == TABLES[mark](), "python -m tests.wear.tables writes it again"


def test_every_effect_is_in_a_table() -> None:
    assert [effect for stage in STAGES.values() for effect in stage] == list(EFFECTS)
    used = {name for profile in PROFILES.values() for name in profile.uses}
    assert used <= {effect.name for effect in EFFECTS}


def test_the_profile_that_it_shows_can_be_used(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.S | re.M)
    (tmp_path / "job.toml").write_text(shown, encoding="utf-8")
    rendering: Rendering = load(tmp_path / "job.toml").build(Rendering, {})
    (bedside,) = rendering.worn
    assert (bedside.name, bedside.copies, rendering.level) == ("bedside", 2, 3.0)
    assert bedside.profile.crop
    assert bedside.profile.format == "png"
    changed = PROFILES["photo"].uses.keys() ^ bedside.profile.uses.keys()
    assert changed == {"stains", "jpeg_quality"}


@pytest.mark.parametrize("profile", PROFILES)
def test_no_profile_has_alternatives_at_once(profile: str) -> None:
    for group in ALTERNATIVES:
        assert len(PROFILES[profile].uses.keys() & set(group)) <= 1


@pytest.mark.slow
def test_commands_and_code_run_as_they_stand(tmp_path: Path) -> None:
    assert TEXT.count("\n```toml") == 1
    run_commands(CHAPTER, tmp_path, 10.0)
    images = tmp_path / "demo" / "out" / "images"
    named = re.findall(r"^    demo/out/images/(\S+)", TEXT, re.M)
    assert len(named) == 7
    assert all((images / name).is_file() for name in named)
    assert (tmp_path / "demo" / "page~photo1.jpg").is_file()
    said = ""
    for block in code(CHAPTER, "plain"):
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        said += run([sys.executable, "-c", block], {"PATH": path}, cwd=tmp_path).expect(0).out
    # The few lines that need no ecgmpi say of a pixel what ecgmpi says.
    grid = ControlGrid.of_npy((images / "SYN000001~photo1.map.npy").read_bytes())
    place = grid.backward(np.array([[400.0, 300.0]]))[0]
    printed = re.findall(r"^\[ *([\d.]+) +([\d.]+) *\]$", said, re.M)
    np.testing.assert_allclose(np.array(printed, float)[0], place, atol=0.5 / 32 + 1e-6)
    overlay.main([str(tmp_path / "demo" / "out"), str(tmp_path / "over.png")])
    shown = np.asarray(Image.open(tmp_path / "over.png"))
    (sample,) = ecgmpi.dataset(tmp_path / "demo" / "out", series="photo", fields="image")[:1]
    assert shown.shape == sample["image"].shape
    for colour in (overlay.WHITE, overlay.GREEN):
        assert (shown == colour).all(axis=2).sum() > 500
