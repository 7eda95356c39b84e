"""What a user may have got wrong: one line, at once, that says what to change."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cluster.conftest import ROOT, Site
from tests.cluster.jobs import RENDER, TWO_BY_TWO, submit
from tests.cluster.slurm import User, said
from tests.cluster.test_array import ARRAY, SCALING


def _complaints(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("render.sh: ", "ecgmpi: "))]


def _one_line(site: Site, user: User, *command: object, **environment: str) -> str:
    """What ``slurm/render.sh`` says on a login node, where it must not find all well."""
    place = site.place()
    ended = site.cluster.command(
        [RENDER, *command],
        place,
        {"ECGMPI_IMAGE": str(site.images["mpich"]), **environment},
        user,
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    (line,) = ended.stderr.splitlines()
    return line


def test_nothing_wrong(site: Site, user: User) -> None:
    place = site.place()
    ended = site.cluster.command(
        [RENDER, site.corpus, "OUT"], place, {"ECGMPI_IMAGE": str(site.images["mpich"])}, user
    )
    assert ended.returncode == 0, ended.stderr
    assert "all is there" in ended.stdout


def test_an_allocation_of_ones_own_is_not_drawn_in(site: Site, user: User) -> None:
    place = site.place()
    ended = site.cluster.command(
        ["salloc", "-N1", "-n1", RENDER, site.corpus, "OUT"],
        place,
        {"ECGMPI_IMAGE": str(site.images["mpich"]), "ECGMPI_SCRATCH": "/of/the/nodes"},
        user,
    )
    assert ended.returncode == 0, ended.stderr
    assert "all is there" in ended.stdout
    assert list((place / "OUT").iterdir()) == []


def test_no_image(site: Site, user: User) -> None:
    line = _one_line(site, user, site.corpus, "OUT", ECGMPI_IMAGE="/nowhere/ecgmpi.sif")
    assert "image /nowhere/ecgmpi.sif is not there: build it with container/build.sh" in line
    assert "ECGMPI_IMAGE=" in line


def test_no_input(site: Site, user: User) -> None:
    assert "INPUT nowhere does not exist" in _one_line(site, user, "nowhere", "OUT")


def test_out_that_cannot_be_written_to(site: Site, user: User) -> None:
    assert "OUT /usr/OUT cannot be created" in _one_line(site, user, site.corpus, "/usr/OUT")
    assert "OUT /usr/share cannot be written to" in _one_line(site, user, site.corpus, "/usr/share")


def test_out_as_render_has_it(site: Site, user: User) -> None:
    line = _one_line(site, user, site.corpus, "-o", "OUT")
    assert "OUT comes second, without -o" in line


def test_links_to_what_the_image_does_not_see(site: Site, user: User) -> None:
    place = site.place()
    (place / "links").mkdir()
    (place / "links" / "one.mat").symlink_to(site.corpus / "SYN000001.mat")
    line = _one_line(site, user, place / "links", "OUT")
    assert "SYN000001.mat, which the image does not see: ECGMPI_BIND=" in line
    bound = site.cluster.command(
        [RENDER, place / "links", "OUT"],
        place,
        {"ECGMPI_IMAGE": str(site.images["mpich"]), "ECGMPI_BIND": str(site.corpus)},
        user,
    )
    assert bound.returncode == 0, bound.stderr


def test_a_link_far_down_is_found_and_each_folder_on_its_way_named(site: Site, user: User) -> None:
    place = site.place()
    deep = place / "links" / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    # One that leads nowhere anywhere is for the job to report, and must not end the search.
    (place / "links" / "nowhere.mat").symlink_to("/nowhere/at/all.mat")
    (place / "current").mkdir()
    (place / "current" / "one.mat").symlink_to(site.corpus / "SYN000001.mat")
    (deep / "one.mat").symlink_to("../../../../../current/one.mat")
    line = _one_line(site, user, place / "links", "OUT")
    assert f"ECGMPI_BIND={place / 'current'},{site.corpus} sbatch" in line
    bound = site.cluster.command(
        [RENDER, place / "links", "OUT"],
        place,
        {"ECGMPI_IMAGE": str(site.images["mpich"])}
        | {"ECGMPI_BIND": f"{place / 'current'},{site.corpus}"},
        user,
    )
    assert bound.returncode == 0, bound.stderr


@pytest.mark.parametrize("command", [(RENDER,), (ARRAY, 2, "--"), (SCALING, 2, "--")])
def test_an_option_that_makes_no_sense(site: Site, user: User, command: tuple[object, ...]) -> None:
    place = site.place()
    image = {"ECGMPI_IMAGE": str(site.images["mpich"])}
    wrong = [*command, site.corpus, "OUT", "--dpi", "7"]
    ended = site.cluster.command(wrong, place, image, user)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    first, second = ended.stderr.splitlines()
    assert first.startswith("ecgmpi: --dpi 7: ")
    assert second == "render.sh: exit 2: the command makes no sense; the reason is above"
    assert list(place.glob("**/*.log")) == []


@pytest.mark.parametrize(
    "command", [(ARRAY, 2, "-t", "1", "--"), (SCALING, 2, "--time=1:30", "--")]
)
def test_a_time_limit_that_is_too_short_is_seen_before_the_queue(
    site: Site, user: User, command: tuple[object, ...]
) -> None:
    place = site.place()
    image = {"ECGMPI_IMAGE": str(site.images["mpich"])}
    # What follows is refused: no job is submitted.
    wrong = [*command, site.corpus, "OUT", "--dpi", "7"]
    ended = site.cluster.command(wrong, place, image, user)
    assert ended.returncode == 2
    limit = 60 if "1" in command else 90
    assert f"a time limit of {limit} s is short" in ended.stderr
    assert "give --time=10 (minutes) or more" in ended.stderr


def test_input_that_is_not_bound(site: Site, user: User) -> None:
    place = site.place()
    image = site.images["mpich"]
    ended = site.cluster.command(
        ["apptainer", "-q", "run", image, "render", site.corpus, "-o", "OUT"], place, user=user
    )
    assert ended.returncode == 2
    (line,) = _complaints(ended.stderr)
    assert str(site.corpus) in line


@pytest.mark.parametrize(("image", "how"), [("mpich", "none"), ("openmpi", "pmi2")])
def test_four_ranks_of_one(site: Site, user: User, image: str, how: str) -> None:
    place = site.place()
    number = submit(
        site, place, *TWO_BY_TWO, image=image, user=user, environment={"ECGMPI_MPI": how}
    )
    job = site.cluster.finished(number)
    log = said(job)
    assert (job.state, job.exit) == ("FAILED", 1), log
    (line,) = [line for line in _complaints(log) if line.startswith("ecgmpi: ")]
    assert "started 4 processes, but each is rank 0 of 1" in line
    assert "--mpi=pmix for Open MPI and srun --mpi=pmi2 for MPICH" in line


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (["--mpi", "lam"], {}, "--mpi lam: choose mpich or openmpi"),
        (["--what"], {}, "no option --what; see"),
        (["/usr/share/none/x.sif"], {}, "cannot write to /usr/share/none: name another IMAGE"),
        ([], {"PYTHON": "/usr/bin/false"}, "has no pip, which fetches the packages"),
        ([], {"APPTAINER": "/nowhere"}, "there is no apptainer here: on a cluster try"),
        ([], {"PIP_INDEX_URL": "http://127.0.0.1:9/"}, "packages of container/build.lock"),
    ],
)
def test_a_build_says_what_is_missing(
    site: Site, user: User, sources: Path, words: list[str], settings: dict[str, str], said: str
) -> None:
    nothing = {"ECGMPI_WHEELS": str(site.place()), "PIP_RETRIES": "0", "PIP_EXTRA_INDEX_URL": ""}
    ended = site.cluster.command(
        ["container/build.sh", *words],
        sources,
        {"PYTHON": "/usr/bin/python3", **nothing, **settings},
        user,
    )
    assert ended.returncode == 1, ended.stdout
    lines = [line for line in ended.stderr.splitlines() if line.startswith("build.sh: ")]
    assert said in lines[0]


def test_a_base_that_cannot_be_fetched_is_said_with_how_to_get_one_without_a_registry(
    site: Site, user: User, sources: Path
) -> None:
    ended = site.cluster.command(
        ["container/build.sh", "--base", "127.0.0.1:9/none/debian:12", site.place() / "x.sif"],
        sources,
        {"PYTHON": "/usr/bin/python3"},
        user,
    )
    assert ended.returncode == 1, ended.stdout
    said = [line for line in ended.stderr.splitlines() if line.startswith("build.sh: ")]
    assert "the base docker://127.0.0.1:9/none/debian:12 could not be fetched" in said[0]
    assert any("debootstrap --variant=minbase bookworm /some/folder" in line for line in said)
    assert any("--base /some/folder" in line for line in said)
    assert any("--base debian.sif" in line for line in said)


def test_scripts_are_clean() -> None:
    scripts = [
        *sorted((ROOT / "slurm").glob("*.sh")),
        *sorted((ROOT / "container").glob("*.sh")),
        *sorted((ROOT / "tests" / "cluster").glob("*.sh")),
        *sorted((ROOT / ".ci").iterdir()),
    ]
    if shutil.which("shellcheck") is None:
        pytest.skip("there is no shellcheck: apt-get install shellcheck")
    ended = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
