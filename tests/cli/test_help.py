"""Help that can be read: ``--help`` is what most people use, ``--help-all`` every option."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from ecgmpi.cli import main
from ecgmpi.options.option import GROUPS, flag_of
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running

USUAL = {
    *("--out", "--layout", "--leads", "--speed", "--gain", "--dpi", "--theme", "--format"),
    *("--annotate", "--rate", "--units", "--workers", "--dry-run", "--retry-failed", "--overwrite"),
}


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints, which ends well."""
    assert main(words) == 0
    return capsys.readouterr().out


def listed(text: str) -> dict[str, str]:
    """Long spelling of each option that a help lists -> its paragraph, on one line."""
    found = {}
    for entry in re.split(r"\n(?=  -|\n)", text):
        if match := re.match(r"  (?:-\w[^-]*, )?(--[\w-]+)", entry):
            found[match[1]] = " ".join(entry.split())
    return {flag: entry for flag, entry in found.items() if not flag.startswith("--help")}


def headings(text: str) -> list[str]:
    """The groups of a help, in its order."""
    return [line[:-1] for line in text.splitlines() if line[:-1] in GROUPS and line[-1] == ":"]


def shown(name: str, default: object) -> str:
    """How the help spells an option: the one that is not the default."""
    return name.replace("--", "--no-", 1) if default is True else name


def test_help_lists_the_fifteen_options_that_people_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = asked(capsys, "render", "--help")
    assert listed(text).keys() == USUAL
    assert len(USUAL) == 15
    # Whoever trains looks for these.
    words = "--help-all show all options, also for shards (--pack) and for labels and splits"
    assert words in " ".join(text.split())
    assert asked(capsys, "render", "-h") == text


def test_help_all_lists_every_option_under_its_heading(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = asked(capsys, "render", "--help-all")
    assert headings(text) == list(GROUPS)
    found = listed(text)
    entries = [*fields(Rendering), *fields(Running)]
    declared = {shown(flag_of(entry), entry.default) for entry in entries}
    assert found.keys() == declared | {"--out", "--config"}
    for name, group in (("--rate", "input"), ("--verbose", "messages"), ("--mask", "ground truth")):
        before = text[: re.search(rf"\n  (-\w, )?{name}\b", text).start()]  # type: ignore[union-attr]
        assert headings(before)[-1] == group
    assert [
        flag for flag, said in found.items() if "(default: " not in said and "default: " not in said
    ] == ["--out"]
    for flag, unit in (
        ("--start", "s"),
        ("--speed", "mm/s"),
        ("--rate", "Hz"),
        ("--memory", "MiB"),
    ):
        assert f"({unit}, default: " in found[flag]


def test_show_has_both_and_no_option_of_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    some, all_of_it = (listed(asked(capsys, "show", words)) for words in ("--help", "--help-all"))
    assert some.keys() < all_of_it.keys()
    assert some.keys() < USUAL
    assert not {"--workers", "--pack"} & all_of_it.keys()
    assert not {"job and limits", "messages"} & set(headings(asked(capsys, "show", "--help-all")))


def test_a_help_hides_no_option_from_the_parser(capsys: pytest.CaptureFixture[str]) -> None:
    text = asked(capsys, "render", "--help")
    assert "--mask" not in text
    # Refused for what it means, not as an option that is not there.
    assert main(["render", "in", "-o", "out", "--no-assume", "--mask", "--no-cabrera"]) != 0
    assert "--mask: " in capsys.readouterr().err
