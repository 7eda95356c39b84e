"""Commands that a report tells to type are those that somebody would have typed."""

from __future__ import annotations

import shlex

from ecgmpi.cli import parser
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text
from ecgmpi.review.report.commands import Commands

TYPED = ("/opt/bin/ecgmpi", "render", "in put", "-o", "O U T", "--retry-failed")


def commands(rendering: Rendering, *typed: str) -> Commands:
    return Commands("O U T", as_text(rendering), typed)


def test_what_is_as_by_default_is_not_typed() -> None:
    made = commands(Rendering())
    assert made.show("a.mat", "", "a.png") == "ecgmpi show a.mat -o a.png"
    assert made.inspect("a b.mat") == "ecgmpi inspect 'a b.mat'"
    assert made.grep("aVR inverted", "manifest.csv") == (
        "grep -F 'aVR inverted' 'O U T/manifest.csv'"
    )


def test_options_that_change_the_picture_are_typed_and_those_of_a_job_are_not() -> None:
    rendering = Rendering(pack="tar", shard_recordings=5, speed=50, assume=False, repair_limb=True)
    assert commands(rendering).show("a.mat", "V1", "a.png") == (
        "ecgmpi show a.mat --no-assume --leads V1 --speed 50 --repair-limb -o a.png"
    )


def test_a_strip_shows_one_lead_of_those_that_the_job_drew_and_a_page_all() -> None:
    strip = commands(Rendering(leads=("I", "II")))
    assert strip.show("a.mat", "II", "a.png") == "ecgmpi show a.mat --leads II -o a.png"
    page = commands(Rendering(layout="6x2", leads=("I", "II")))
    assert page.show("a.mat", "", "a.png") == (
        "ecgmpi show a.mat --layout 6x2 --leads I,II -o a.png"
    )


def test_a_lead_that_is_turned_over_can_be_typed() -> None:
    made = commands(Rendering(leads=("-aVR", "I"), rate=250.0))
    line = made.show("a.mat", "-aVR", "-a.png")
    assert line == "ecgmpi show a.mat --rate 250 --leads=-aVR -o ./-a.png"
    typed = parser().parse_args(shlex.split(line)[1:])
    assert (str(typed.file), str(typed.out)) == ("a.mat", "-a.png")
    assert typed.leads == "-aVR"


def test_many_pages_have_no_one_name() -> None:
    made = commands(Rendering(layout="12x1", pages="all"))
    assert made.show("a.mat", "", "a.png") == "ecgmpi show a.mat --layout 12x1 --pages all"


def test_the_same_command_again_is_what_was_typed_without_its_place() -> None:
    made = commands(Rendering(), *TYPED)
    assert made.again() == "ecgmpi render 'in put' -o 'O U T' --retry-failed"
    assert made.again("--retry-failed") == made.again()
    assert commands(Rendering(), *TYPED[:-1]).again("--retry-failed") == made.again()
    assert commands(Rendering()).again("--retry-failed") == (
        "ecgmpi render INPUT... -o OUT --retry-failed"
    )


def test_what_was_drawn_is_not_removed_by_the_command_that_tries_failures_again() -> None:
    for word in ("--overwrite", "--overw", "--ov"):
        made = commands(Rendering(), "ecgmpi", "render", "in", "-o", "out", word)
        assert made.again("--retry-failed") == "ecgmpi render in -o out --retry-failed"
        # Before the job is complete, the same command resumes it.
        assert made.again() == f"ecgmpi render in -o out {word}"


def test_the_command_of_a_job_is_not_typed_again_once_out_has_other_labels() -> None:
    label = ("/opt/bin/ecgmpi", "label", "O U T", "--no-labels")
    made = Commands("O U T", as_text(Rendering()), TYPED, "", label)
    # With the labels that it names, OUT would be refused.
    assert made.again("--retry-failed") == "ecgmpi render INPUT... -o OUT --retry-failed"
    assert made.ran == "ecgmpi render 'in put' -o 'O U T' --retry-failed"
    assert made.labelled == "ecgmpi label 'O U T' --no-labels"
    assert commands(Rendering(), *TYPED).labelled == ""
