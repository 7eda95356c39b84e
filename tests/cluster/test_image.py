"""The image itself: built by anybody, the same each time, and what it does by hand."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.cluster.conftest import ROOT, Site
from tests.cluster.slurm import User
from tests.outputs import contents, manifest, run_json
from tests.processes import QUICK

README = ROOT / "slurm" / "README.md"

MOST = 240e6
"""Bytes that the image may have, packed as for users."""

# Apptainer records the second of the build, the one thing that cannot be fixed.
ITS_OWN = "/.singularity.d/labels.json"


def _unpacked(image: Path, place: Path) -> dict[str, str]:
    """Path -> kind, rights and SHA-256 of everything in an image."""
    script = (
        "cd / && find . -xdev \\( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp"
        " -o -path ./var/tmp -o -path ./root -o -path ./home -o -path ./etc \\) -prune -o "
        "\\( -type f -printf '%p\\0' \\) | sort -z | xargs -0 sha256sum"
    )
    text = subprocess.run(
        ["apptainer", "-q", "exec", "--no-home", image, "sh", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=place,
    ).stdout
    sums = {path: total for total, path in (line.split("  ", 1) for line in text.splitlines())}
    assert len(sums) > 5000
    sums.pop("." + ITS_OWN)
    return sums


def test_the_readmes_commands_as_they_stand(
    site: Site, user: User, base: Path, sources: Path
) -> None:
    """What anybody types first, without root; and whoever builds it, it is the same image."""
    block = README.read_text(encoding="utf-8").partition("<!-- commands: cluster -->")[2]
    commands = block.partition("```sh\n")[2].partition("```")[0].splitlines()
    assert len(commands) == 5
    settings = {
        "ECGMPI_BASE": str(base),
        "ECGMPI_REVISION": "tested",
        "ECGMPI_WHEELS": str(sources.parent / "wheels of a user"),
        "PYTHON": "/usr/bin/python3",
    }
    (sources.parent / "wheels of a user").mkdir(mode=0o777, exist_ok=True)
    (sources.parent / "wheels of a user").chmod(0o777)
    said = ""
    for command in commands:
        ended = site.cluster.command(["bash", "-c", command], sources, settings, user, timeout=800)
        assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
        said = ended.stdout
    assert "exit 0: complete" in said
    assert len(manifest(sources / "demo" / "out")) == 200

    place, image = site.place(), sources / "ecgmpi.sif"
    assert image.stat().st_size < MOST
    theirs, ours = _unpacked(image, place), _unpacked(site.images["mpich"], place)
    differ = [path for path in sorted(theirs | ours) if theirs.get(path) != ours.get(path)]
    assert differ == []

    labels = subprocess.run(
        ["apptainer", "inspect", "--labels", image], capture_output=True, text=True, check=True
    ).stdout
    assert "org.opencontainers.image.revision: tested" in labels
    assert "org.opencontainers.image.version: " in labels
    assert "ecgmpi.mpi: mpich" in labels


def test_mpirun_in_the_image(site: Site, user: User) -> None:
    for mpi, image in site.images.items():
        place = site.place()
        crowded = ("--map-by", ":OVERSUBSCRIBE", "--bind-to", "none") if mpi == "openmpi" else ()
        ended = site.cluster.command(
            [
                *("apptainer", "-q", "exec", "--bind", site.corpus, image, "mpirun", *crowded),
                *("-n", 4, "ecgmpi", "render", site.corpus, "-o", "OUT", *QUICK),
            ],
            place,
            user=user,
        )
        assert ended.returncode == 0, ended.stderr
        assert len(run_json(place / "OUT")["ranks"]) == 4
        assert contents(place / "OUT") == site.alone
        assert ended.stderr == ""


def test_help_and_test(site: Site, user: User) -> None:
    for image in site.images.values():
        place = site.place()
        said = site.cluster.command(["apptainer", "run-help", image], place, user=user).stdout
        assert "apptainer run ecgmpi.sif render INPUT -o OUT" in said
        tested = site.cluster.command(["apptainer", "-q", "test", image], place, user=user)
        assert "the same bytes as on one" in tested.stdout, tested.stdout + tested.stderr


def test_the_font_cache_is_not_built_again(site: Site, user: User) -> None:
    code = (
        "import matplotlib.font_manager as f, os, pathlib, matplotlib as m; "
        "print(sorted(p.name for p in pathlib.Path(m.get_cachedir()).iterdir()), "
        "pathlib.Path('/opt/ecgmpi/matplotlib').exists())"
    )
    ended = site.cluster.command(
        ["apptainer", "-q", "exec", "--contain", site.images["mpich"], "python3", "-c", code],
        site.place(),
        user=user,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert "fontlist" in ended.stdout
