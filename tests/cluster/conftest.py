from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.slurm import Cluster, User, missing_programs
from tests.outputs import contents
from tests.processes import QUICK

FOLDER = "ECGMPI_TEST_CLUSTER"
"""Environment variable: a folder that ordinary users can look into, for images and OUTs."""

SYSTEMS = "ECGMPI_PRISTINE"
"""Environment variable: a folder with a Debian 12 that .ci/pristine uses, too."""

ORDINARY = "ecgmpi-user"
"""A user that .ci/run makes."""

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(900))


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster and what is installed on it.

    Attributes
    ----------
    cluster
        Two nodes.
    images
        The image of each MPI.
    corpus
        200 recordings.
    alone
        What one process without MPI makes of them.
    """

    cluster: Cluster
    images: dict[str, Path]
    corpus: Path
    alone: dict[str, str]

    def place(self) -> Path:
        """A fresh folder, with a space in its name, that all nodes and users see."""
        folder = self.corpus.parent / f"work {uuid.uuid4().hex[:8]}"
        folder.mkdir()
        folder.chmod(0o1777)
        return folder


@pytest.fixture(scope="session")
def folder() -> Path:
    """Where images, clusters and OUTs are made."""
    given = os.environ.get(FOLDER)
    if not given:
        pytest.skip(f"{FOLDER} is not set: a folder for a cluster of its own")
    if os.geteuid() != 0:
        pytest.skip(f"{FOLDER} is set, but a cluster needs root")
    if missing := missing_programs():
        pytest.skip(f"{FOLDER} is set, but there is no {', '.join(missing)}")
    made = Path(given)
    made.mkdir(parents=True, exist_ok=True)
    made.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def user() -> User:
    """Somebody who is not root."""
    try:
        found = pwd.getpwnam(ORDINARY)
    except KeyError:
        pytest.skip(f"{FOLDER} is set, but there is no user {ORDINARY}: useradd -m {ORDINARY}")
    return User(found.pw_name, found.pw_uid, found.pw_gid, Path(found.pw_dir))


@pytest.fixture(scope="session")
def base(folder: Path) -> Path:
    """A Debian 12 as small as the one in registries: what debootstrap makes, as an image."""
    image = folder / "base.sif"
    if not image.exists():
        system = Path(os.environ.get(SYSTEMS) or folder / "debian") / "bookworm"
        own = folder / "tmp"
        own.mkdir(exist_ok=True)
        own.chmod(0o1777)
        _made(ROOT / ".ci" / "debian-base", "bookworm", system)
        _made(
            *("apptainer", "build", "--fakeroot", "--force", "--bind", f"{own}:/tmp"),
            *("--mksquashfs-args", "-all-root -comp zstd -Xcompression-level 1", image, system),
        )
    return image


def _made(*command: str | Path) -> None:
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-3000:]


@pytest.fixture(scope="session")
def sources(folder: Path, user: User) -> Path:
    """The repository as an ordinary user has it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    there = folder / "a clone"
    shutil.rmtree(there, ignore_errors=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (there / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, there / name)
    subprocess.run(["chown", "-R", str(user.uid), there], check=True)
    return there


def _build(sources: Path, base: Path, image: Path, mpi: str) -> None:
    """Build an image as root."""
    built = subprocess.run(
        ["container/build.sh", "--mpi", mpi, "--base", base, image],
        cwd=sources,
        env=os.environ
        | {"ECGMPI_ZSTD_LEVEL": "1", "ECGMPI_REVISION": "tested", "PYTHON": "/usr/bin/python3"}
        | {"ECGMPI_WHEELS": str(image.parent / "wheels")},
        capture_output=True,
        text=True,
        check=False,
    )
    text = built.stdout + built.stderr
    assert built.returncode == 0, text[-5000:]
    assert "tested: 6 recordings on 2 ranks, the same bytes as on one" in text


@pytest.fixture(scope="session")
def images(folder: Path, base: Path, sources: Path) -> dict[str, Path]:
    """An image of each MPI, from scratch but for ECGMPI_TEST_KEEP_IMAGES."""
    made = {}
    for mpi in ("mpich", "openmpi"):
        made[mpi] = folder / f"{mpi}.sif"
        if not (made[mpi].exists() and os.environ.get("ECGMPI_TEST_KEEP_IMAGES")):
            _build(sources, base, made[mpi], mpi)
    return made


@pytest.fixture(scope="session")
def site(folder: Path, images: dict[str, Path]) -> Iterator[Site]:
    """Two nodes, two images, 200 recordings."""
    work = folder / f"run-{uuid.uuid4().hex[:8]}"
    work.mkdir()
    inside = ["apptainer", "-q", "exec", "--bind", str(work), str(images["mpich"]), "ecgmpi"]
    corpus, out = work / "corpus", work / "alone"
    for command in (
        ["synth", corpus, "-n", "200", "--duration", "2"],
        ["render", corpus, "-o", out, *QUICK],
    ):
        subprocess.run([*inside, *map(str, command)], check=True, capture_output=True)
    cluster = Cluster(work / "slurm", 2, [folder, ROOT])
    try:
        cluster.start()
        yield Site(cluster, images, corpus, contents(out))
    finally:
        cluster.stop()
        shutil.rmtree(work, ignore_errors=True)
