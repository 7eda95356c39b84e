"""Options of worn copies: which, how many, and profiles of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecgmpi.errors import UsageError
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text, from_text
from ecgmpi.options.toml_file import load
from ecgmpi.wear.profiles import PROFILES

OWN = """
[wear.bedside]
base = "photo"
copies = 3
format = "png"
stains = { probability = 0.25, count = [1, 2] }
camera = { yaw_deg = [-3, 3] }
curl = false
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "job.toml"
    path.write_text(text, encoding="utf-8")
    return path


def from_toml(folder: Path, text: str, **given: Any) -> Rendering:
    rendering: Rendering = load(written(folder, text)).build(Rendering, given)
    return rendering


def copies(rendering: Rendering) -> dict[str, int]:
    return {one.name: one.copies for one in rendering.worn}


def test_profiles_and_copies() -> None:
    assert copies(Rendering(wear="scan,photo:2")) == {"scan": 1, "photo": 2}  # type: ignore[arg-type]
    assert copies(Rendering()) == {}
    assert [one.profile for one in Rendering(wear=("fax",)).worn] == [PROFILES["fax"]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"wear": ("foto",)}, "--wear foto: there is no such profile; do you mean photo"),
        ({"wear": ("Photo:2",)}, "--wear Photo: there is no such profile; do you mean photo"),
        ({"wear": ("photo:x",)}, "give PROFILE or PROFILE:N, such as photo:2"),
        ({"wear": ("photo:0",)}, "give 1 to 99 copies"),
        ({"wear": ("photo", "photo")}, "write photo:2"),
        ({"wear": ("photo",), "wear_level": 6.0}, "^--wear-level 6: give at most 5$"),
        ({"wear_level": 1.0}, "--wear-level is for worn copies: add --wear"),
        ({"seed": 7}, "--seed is for worn copies"),
        ({"clean": False}, "--no-clean is for worn copies"),
        ({"wear": ("photo",), "wear_profiles": "[]"}, "not a JSON object of tables"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Rendering(**given)


def test_a_profile_of_ones_own_changes_a_built_in_one(tmp_path: Path) -> None:
    rendering = from_toml(tmp_path, OWN)
    assert copies(rendering) == {"bedside": 3}
    (bedside,) = (one.profile for one in rendering.worn)
    photo = PROFILES["photo"]
    assert bedside.format == "png"
    assert "curl" in photo.uses
    assert bedside.uses.keys() == (photo.uses.keys() | {"stains"}) - {"curl"}
    assert bedside.uses["stains"].probability == 0.25
    assert ("count", 1.0, 2.0) in bedside.uses["stains"].ranges
    before = {name: pair for name, *pair in photo.uses["camera"].ranges}
    after = {name: pair for name, *pair in bedside.uses["camera"].ranges}
    assert after == before | {"yaw_deg": [-3.0, 3.0]}


def test_the_command_line_says_which_profiles_of_a_file_are_used(tmp_path: Path) -> None:
    text = OWN.replace("wear.bedside", "profiles.bedside").replace("copies = 3\n", "")
    assert copies(from_toml(tmp_path, text)) == {}
    assert copies(from_toml(tmp_path, text, wear="bedside,scan:2")) == {"bedside": 1, "scan": 2}
    assert copies(from_toml(tmp_path, OWN, wear="scan")) == {"scan": 1}


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("[wear.photo]", "there is a profile of that name already"),
        ("[wear.Bed]", "name it with lower-case letters"),
        ("[wear.a]\nbase = 'foto'", "base = 'foto': choose from scan"),
        ("[wear.a]\nbase = ['scan']", "choose from scan"),
        ("[wear.a]\nformat = 'gif'", "format = 'gif': choose from jpg, png"),
        ("[wear.a]\ncrop = 1", "crop = 1: give true or false"),
        ("[wear.a]\nstain = false", "no effect 'stain': do you mean stains"),
        ("[wear.a]\nstains = 3", "stains = 3: give a table"),
        ("[wear.a]\nstains = { counts = 3 }", "no parameter 'counts': do you mean count"),
        ("[wear.a]\nstains = { count = [3, 1] }", "the least and the greatest"),
        ("[wear.a]\nstains = { count = [1, 2, 3] }", "the least and the greatest"),
        ("[wear.a]\nstains = { count = [] }", "the least and the greatest"),
        ("[wear.a]\nstains = { count = 1.5 }", "count = 1.5: give whole numbers"),
        ("[wear.a]\nstains = true", "stains = true: give a table"),
        ("[wear.a]\nlevel = 3", "no effect 'level'; choose from base, format, crop, stroke_weight"),
        ("[wear.a]\ncopies = '2'", "copies = '2': give a whole number, without quotes"),
        ("[profiles.a]\ncopies = 2", r"call the section \[wear.NAME\]"),
        ("[wear]\nphoto = 2", r'write wear = \["photo:2"\]'),
        ("wear = 'scan'\n[wear.a]\nbase = 'photo'", r"beside wear = ... write \[profiles.NAME\]"),
        ("[wear.a]\nstains = { count = 1000 }", "count = 1000: give 0 to"),
        ("[wear.a]\nstains = { probability = 2 }", "give a number from 0 to 1"),
        (
            "[wear.a]\nbase = 'photo'\nscanner = { rotation_deg = 1 }",
            "it has scanner and camera, .* add scanner = false or camera = false",
        ),
        ("[wear.a]\nplaten = {}\ndesk = {}", "it has desk and platen"),
        ("[wear.a]\ncopies = 0", "--wear a:0: give 1 to 99 copies"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(tmp_path: Path, section: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        from_toml(tmp_path, section)


def test_options_of_wear_come_back_from_their_text(tmp_path: Path) -> None:
    for rendering in (
        Rendering(wear=("scan", "photo:2"), wear_level=3.5, seed=12, clean=False),
        from_toml(tmp_path, OWN, wear="bedside,scan"),
    ):
        again = from_text(as_text(rendering))
        assert again == rendering
        assert again.worn == rendering.worn


def test_an_out_of_before_there_was_wear_has_none() -> None:
    said = as_text(Rendering())
    for flag in ("--wear", "--wear-level", "--seed", "--clean", "--wear-profiles"):
        del said[flag]
    assert from_text(said) == Rendering()


def test_profiles_that_are_not_used_do_not_make_another_job(tmp_path: Path) -> None:
    plain = Rendering(wear=("scan",))
    assert from_toml(tmp_path, OWN, wear="scan") == plain
