"""Files that crash, hang, eat or confuse whoever reads them cost themselves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.poisoned import HARMFUL, add, poisoned
from tests.mpi.flavours import MissingError, mpich
from tests.outputs import contents, failures, half_written, manifest, run_json, table
from tests.processes import QUICK, run

pytestmark = pytest.mark.slow

EXPECTED = {
    "segfault": ("crashed: SIGSEGV", "ended with SIGSEGV, twice", "leave it out"),
    "exit": ("crashed: exit status 7", "ended with exit status 7, twice", "leave it out"),
    # What the kernel does to the largest process when the node has no memory left.
    "killed": ("crashed: SIGKILL", "ended with SIGKILL, twice", "memory ran out"),
    "sleep": ("timeout", "not done after 4 s, twice", "--timeout"),
    "stop": ("timeout", "not done after 4 s, twice", "--timeout"),
    "eat-at-once": ("memory", "a worker may take 200 MiB", "--memory"),
    "eat-slowly": ("memory", "a worker may take 200 MiB", "--memory"),
    "eat-shared": ("memory", "took more than 200 MiB", "--memory"),
    "hang-up": ("crashed: hung up", "hung up, twice", "leave it out"),
    "babble": ("crashed: garbled answer", "sent a garbled answer, twice", "leave it out"),
    "half-a-message": ("timeout", "not done after 4 s, twice", "--timeout"),
    "leave-a-child": ("crashed: exit status 7", "ended with exit status 7, twice", "leave it out"),
}
"""Harm -> class, and parts of the message and of the remedy."""

GOOD = 30
OPTIONS = (*QUICK, "--workers", "2", "--timeout", "4", "--memory", "200")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good recordings with every kind of poison among them."""
    folder = poisoned(tmp_path_factory.mktemp("poisoned") / "in", GOOD)
    for place, harm in enumerate(EXPECTED):
        add(folder, harm, 2 * place + 1)
    return folder


@pytest.fixture(scope="module")
def out(corpus: Path, ecgmpi: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a job makes of it; `run` looks for processes that were left behind."""
    out = tmp_path_factory.mktemp("poisoned") / "OUT"
    run([ecgmpi, "render", corpus, "-o", out, *OPTIONS], HARMFUL).expect(3)
    return out


@pytest.mark.parametrize("harm", EXPECTED)
def test_it_fails_with_its_class_and_says_what_to_do(harm: str, out: Path) -> None:
    kind, message, remedy = EXPECTED[harm]
    rows = [row for row in failures(out) if row["name"].endswith(f"_{harm}")]
    assert [row["class"] for row in rows] == [kind]
    assert message in rows[0]["message"]
    assert remedy in rows[0]["remedy"]
    assert list((out / "images").glob(f"*_{harm}*")) == []


def test_every_other_recording_is_drawn_as_if_nothing_had_happened(
    corpus: Path, out: Path, ecgmpi: Path, tmp_path: Path
) -> None:
    names = [row["name"] for row in manifest(out)]
    assert names == sorted(path.stem for path in corpus.iterdir())
    assert len(failures(out)) == len(EXPECTED)
    assert half_written(out) == []
    good = tmp_path / "good"
    good.mkdir()
    for path in corpus.glob("*.mat"):
        (good / path.name).symlink_to(path)
    run([ecgmpi, "render", good, "-o", tmp_path / "OUT", *QUICK]).expect(0)
    drawn = {path: digest for path, digest in contents(out).items() if path.startswith("images")}
    undisturbed = contents(tmp_path / "OUT")
    assert drawn == {path: undisturbed[path] for path in undisturbed if path.startswith("images")}
    rows = [row for row in manifest(out) if row["status"] == "drawn"]
    assert rows == table(tmp_path / "OUT" / "manifest.csv")


def test_hosts_and_what_was_lost_are_told_in_run_json_alone(out: Path) -> None:
    [rank] = run_json(out)["ranks"]
    lost = rank["workers_lost"]
    assert (lost["crashed"], lost["memory"]) == (12, 6)
    # On a busy machine good ones may take too long once, too.
    assert lost["timeout"] >= 6
    for name in ("manifest.csv", "failures.csv"):
        assert rank["host"] not in (out / name).read_text().replace(",", " ").split()


def test_done_once_it_is_done(corpus: Path, out: Path, ecgmpi: Path) -> None:
    ended = run([ecgmpi, "render", corpus, "-o", out, *OPTIONS], HARMFUL).expect(3)
    assert "nothing was drawn" in ended.out


@pytest.mark.mpi
def test_the_same_bytes_on_three_ranks(ecgmpi: Path, tmp_path: Path) -> None:
    try:
        launcher = mpich()
    except MissingError as missing:
        pytest.skip(str(missing))
    corpus = poisoned(tmp_path / "in", 20, segfault=3, exit=4, hang_up=9, babble=17, killed=18)
    command = ["render", corpus, "-o"]
    run([ecgmpi, *command, tmp_path / "one", *QUICK], HARMFUL).expect(3)
    run(launcher.command(3, *command, tmp_path / "three", *QUICK), HARMFUL).expect(3)
    assert contents(tmp_path / "one") == contents(tmp_path / "three")
    ranks = run_json(tmp_path / "three")["ranks"]
    assert sum(rank["workers_lost"].get("crashed", 0) for rank in ranks) == 10


@pytest.mark.parametrize("given", ["63", "none", "-5"])
def test_a_bound_that_makes_no_sense_is_refused(
    given: str, mixed41: Path, ecgmpi: Path, tmp_path: Path
) -> None:
    command = [ecgmpi, "render", mixed41, "-o", tmp_path / "OUT", f"--memory={given}"]
    ended = run(command).expect(2)
    assert len(ended.complaints) == 1, ended.err
    assert "--memory" in ended.complaints[0]
