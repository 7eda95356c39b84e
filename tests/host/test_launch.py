"""Who started this process, from its environment."""

from __future__ import annotations

import pytest

from ecgmpi.host.launch import Launch, detect


@pytest.mark.parametrize(
    ("environment", "launch"),
    [
        ({}, None),
        ({"PMI_RANK": "1", "PMI_SIZE": "4"}, Launch("the launcher", 1, 4)),
        (
            {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2", "SLURM_PROCID": "0"},
            Launch("Open MPI", 0, 2),
        ),
        (
            {"SLURM_STEP_ID": "0", "SLURM_PROCID": "7", "SLURM_STEP_NUM_TASKS": "8"},
            Launch("srun", 7, 8),
        ),
        # A batch script is not a launch, though Slurm gives it a rank.
        ({"SLURM_JOB_ID": "5", "SLURM_PROCID": "0", "SLURM_NTASKS": "8"}, None),
        ({"PMI_RANK": "x", "PMI_SIZE": "4"}, None),
    ],
)
def test_detect(environment: dict[str, str], launch: Launch | None) -> None:
    assert detect(environment) == launch
