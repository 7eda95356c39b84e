"""Never more memory than the node, its control group and Slurm allow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecgmpi.host.memory import MIB, allowed, share, unreclaimable_bytes, worker_limit
from ecgmpi.options.running import LEAST_MEMORY_MIB
from tests.corpora import synthetic
from tests.processes import QUICK, ecgmpi, run

NODE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(autouse=True)
def _no_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({}, NODE),
        ({"memory.max": "max"}, NODE),
        ({"job/memory.max": "300000000", "memory.max": "400000000"}, 300_000_000),
        ({"job/step/memory.max": "max", "job/memory.max": "300000000"}, 300_000_000),
        ({"memory/memory.limit_in_bytes": "200000000"}, 200_000_000),
        ({"memory/job/memory.limit_in_bytes": "100000000"}, 100_000_000),
        ({"memory/memory.limit_in_bytes": "9223372036854771712"}, NODE),
    ],
)
def test_the_tightest_limit_counts(tmp_path: Path, files: dict[str, str], limit: int) -> None:
    for name, text in files.items():
        path = tmp_path / "fs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    membership = tmp_path / "cgroup"
    membership.write_text("4:memory:/job\n0::/job/step\n")
    assert allowed(tmp_path / "fs", membership) == limit


def test_slurm_lowers_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "128")
    assert allowed(tmp_path, tmp_path / "none") == 128 * MIB
    monkeypatch.setenv("SLURM_MEM_PER_CPU", "16")
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "2")
    assert allowed(tmp_path, tmp_path / "none") == 32 * MIB


def test_workers_share_it_and_leave_some() -> None:
    assert share(2, 4, of=800 * MIB) * 8 == 720 * MIB
    assert worker_limit(100.0, LEAST_MEMORY_MIB, 2, 4) == 100 * MIB


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_more_workers_than_there_is_memory_for_are_refused_before_anything_is_done(
    dry: tuple[str, ...], tmp_path: Path
) -> None:
    corpus, out = synthetic(tmp_path / "in", 1), tmp_path / "OUT"
    n_workers = NODE // (40 * MIB)
    line = ecgmpi("render", corpus, "-o", out, *QUICK, "--workers", n_workers, *dry)
    done = run(line).expect(2)
    (said,) = done.complaints
    assert f"{n_workers:,} workers would share " in said
    assert "fewer --workers" in said
    assert "--memory" in said
    assert not out.exists()
    # A node of which Slurm grants too little even for one.
    line = ecgmpi("render", corpus, "-o", out, *QUICK, "--workers", "1", *dry)
    little = {"SLURM_MEM_PER_NODE": "70"}
    (said,) = run(line, little).expect(2).complaints
    assert "1 worker would share 63 MiB of " in said
    assert not out.exists()
    # Who says how much each may take is believed.
    run([*line, "--memory", "300"], little).expect(0)


def test_what_a_process_holds() -> None:
    code = "import sys; data = b'1' * (64 << 20); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 64 * MIB <= unreclaimable_bytes(process.pid) < 100 * MIB
        process.communicate()
    assert unreclaimable_bytes(process.pid) == 0
