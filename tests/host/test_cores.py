"""Never more cores than allowed, and none left idle by how ranks were bound."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.host.cores import default_workers, quota

MASKS = st.lists(st.frozensets(st.integers(0, 15), min_size=1), min_size=1, max_size=8)


@pytest.fixture(autouse=True)
def _no_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)


def test_unbound_ranks_divide_the_node() -> None:
    node = [frozenset(range(16))] * 4
    assert [default_workers(mask, node) for mask in node] == [4, 4, 4, 4]


def test_bound_ranks_keep_what_they_were_given() -> None:
    node = [frozenset({0, 1}), frozenset({2, 3, 4})]
    assert [default_workers(mask, node) for mask in node] == [2, 3]


@given(node=MASKS)
def test_together_no_more_workers_than_cores_but_for_the_one_each_rank_needs(
    node: list[frozenset[int]],
) -> None:
    workers = [default_workers(mask, node) for mask in node]
    assert all(workers)
    assert sum(w for w in workers if w > 1) <= len(frozenset().union(*node))


def test_quota_and_slurm_lower_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    node = [frozenset(range(16))] * 2
    assert default_workers(node[0], node, limit=6.0) == 3
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "2")
    assert default_workers(node[0], node, limit=6.0) == 2


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"cpu.max": "max 100000"}, None),
        ({"cpu.max": "250000 100000"}, 2.5),
        ({"job/cpu.max": "100000 100000", "cpu.max": "400000 100000"}, 1.0),
        ({"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, 3.0),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({}, None),
    ],
)
def test_the_tightest_quota_counts(
    tmp_path: Path, files: dict[str, str], limit: float | None
) -> None:
    for name, text in files.items():
        path = tmp_path / "fs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    membership = tmp_path / "cgroup"
    membership.write_text("0::/job\n")
    assert quota(tmp_path / "fs", membership) == limit
