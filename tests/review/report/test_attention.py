"""What needs attention is told the worst first, and each says what to do."""

from __future__ import annotations

from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text
from ecgmpi.results.activity import Activity
from ecgmpi.review.ranks import RankState
from ecgmpi.review.report.attention import RANK, Matter, matters
from ecgmpi.review.report.commands import Commands

COMMANDS = Commands("OUT", as_text(Rendering()))


def rank(
    number: int = 0,
    recordings: int = 100,
    speed: float | None = 1.0,
    silent_for: float = 0.0,
    lost: dict[str, int] | None = None,
    supervisors: int = 0,
    ended: bool = False,
) -> RankState:
    one = Activity(number, 4, 0, "", f"node{number}", 2, pid=4711, doing="drawing")
    one.recordings, one.workers_lost, one.supervisors_lost = recordings, lost or {}, supervisors
    return RankState(one, silent_for, 1.0, 1.0, speed, silent_for > 0, silent_for, ended)


def told(*ranks: RankState) -> list[Matter]:
    return matters(None, ranks, COMMANDS, {}, listed=False)


def test_ranks_that_do_well_need_none() -> None:
    assert told(*(rank(number) for number in range(4))) == []


def test_a_silent_rank_is_named_with_its_process_and_host() -> None:
    (matter,) = told(rank(0), rank(2, silent_for=75.0, speed=0.1))
    assert matter.about == RANK
    assert matter.title == "rank 2 on node2 is silent for 1 min 15 s"
    assert "it was drawing, with 100 recordings done" in matter.example
    assert "process 4711 on node2" in matter.remedy
    assert (matter.count, matter.more) == (None, 0)


def test_a_rank_of_a_job_that_has_ended_is_not_waited_for() -> None:
    (matter,) = told(rank(2, silent_for=75.0, ended=True))
    assert matter.title == "rank 2 on node2 is silent for the last 1 min 15 s"
    assert "look at its log in OUT/.ecgmpi/log, and at node2" in matter.remedy
    assert "drains" not in matter.remedy


def test_a_slow_rank_is_named_with_what_it_did_of_all() -> None:
    (matter,) = told(rank(0, 900), rank(3, 100, speed=0.25), rank(1, 1000))
    assert matter.title == "rank 3 on node3 is slow: 0.25 x the usual speed"
    assert "100 of the 2,000 recordings of this run" in matter.example
    assert "what else runs on node3" in matter.remedy


def test_processes_that_were_lost_are_counted_by_what_they_were_lost_to() -> None:
    (matter,) = told(rank(1, lost={"timeout": 3, "memory": 1}, supervisors=2))
    assert matter.title == "rank 1 on node1 lost processes"
    assert matter.example == "memory 1, timeout 3, supervisor 2"


def test_a_rank_may_need_it_for_more_than_one_reason() -> None:
    assert [matter.title for matter in told(rank(1, speed=0.5, lost={"timeout": 1}))] == [
        "rank 1 on node1 is slow: 0.50 x the usual speed",
        "rank 1 on node1 lost processes",
    ]
    both = rank(1, speed=0.5)
    both.activity.silences = [(20.0, 50.0), (70.0, 90.0)]
    assert [matter.title for matter in told(both)] == [
        "rank 1 on node1 is slow: 0.50 x the usual speed",
        "rank 1 on node1 stood still",
    ]
