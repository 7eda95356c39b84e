"""Which rank of how many this process is, if a launcher started it.

Detected from the environment alone, before any MPI is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

# (rank, size) as each launcher sets them; the first pair that is set counts.
_VARIABLES = (
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
    ("MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"),
    ("PALS_RANKID", "PALS_SIZE"),
    ("FLUX_TASK_RANK", "FLUX_JOB_SIZE"),
    ("JSM_NAMESPACE_RANK", "JSM_NAMESPACE_SIZE"),
)


@dataclass(frozen=True, slots=True)
class Launch:
    """What a launcher said about this process."""

    launcher: str
    rank: int
    size: int


def detect(environment: Mapping[str, str] = os.environ) -> Launch | None:
    """What the launcher says, or None if there is none."""
    for rank, size in _VARIABLES:
        if _number(environment, rank) is not None and _number(environment, size) is not None:
            launcher = "Open MPI" if rank.startswith("OMPI") else "the launcher"
            return Launch(launcher, int(environment[rank]), int(environment[size]))
    # A batch script also has SLURM_PROCID: only a step with several tasks is a launch.
    rank_text, size_text = "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"
    if (
        "SLURM_STEP_ID" in environment
        and _number(environment, rank_text) is not None
        and (_number(environment, size_text) or 0) > 1
    ):
        return Launch("srun", int(environment[rank_text]), int(environment[size_text]))
    return None


def _number(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name, "")
    return int(text) if text.isdigit() else None
