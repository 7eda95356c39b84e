"""What the row of a recording says that cost a worker, a supervisor or the job."""

from __future__ import annotations

import pytest

from ecgmpi.corpus.item import Item
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.host.memory import MIB
from ecgmpi.job.pool import failures
from ecgmpi.job.pool.messages import Answer
from ecgmpi.results.result import failed

ITEM = Item(3, "R3", "R3.mat", "/abs/R3.mat")


@pytest.mark.parametrize(
    ("failure", "kind", "found"),
    [
        (failures.timeout(2.5), "timeout", "not done after 2.5 s, twice"),
        (failures.memory(512 * MIB), "memory", "it took more than 512 MiB of memory, twice"),
        (failures.crash("SIGSEGV"), "crashed: SIGSEGV", "ended with SIGSEGV, twice"),
        (failures.crash("exit status 7"), "crashed: exit status 7", "exit status 7, twice"),
        (failures.crash(""), "crashed: hung up", "read or drew it hung up, twice"),
        (failures.GARBLED, "crashed: garbled answer", "a garbled answer, twice"),
        (failures.supervisor("SIGKILL"), "crashed: supervisor SIGKILL", "SIGKILL, twice"),
    ],
)
def test_a_loss_is_a_class_and_what_was_found(
    failure: failures.WorkerFailure, kind: str, found: str
) -> None:
    row = failures.twice(ITEM, failure, failure).recording
    assert (row["status"], row["source"], row["class"]) == ("failed", "R3.mat", kind)
    assert row["message"].endswith(found)
    assert row["remedy"]


def test_two_different_losses_are_both_named_the_last_first() -> None:
    row = failures.twice(ITEM, failures.timeout(2.0), failures.crash("SIGKILL")).recording
    assert row["class"] == "crashed: SIGKILL"
    assert row["message"].endswith("ended with SIGKILL; before that: not done after 2 s")
    # A kill that no one sent is most likely the kernel's, for memory.
    assert "memory ran out" in row["remedy"]
    assert "--memory" in row["remedy"]


def test_only_a_worker_that_ran_out_of_memory_is_lost_by_its_own_report() -> None:
    memory = failed(ITEM, RecordingError(FailureKind.MEMORY, "there was not enough memory", "wait"))
    answer = Answer.of(memory)
    assert answer.out_of_memory is memory
    loss = failures.out_of_memory(memory, 64 * MIB)
    assert loss.error.message == "there was not enough memory (a worker may take 64 MiB)"
    corrupt = RecordingError(FailureKind.CORRUPT, "it is broken", "repair it")
    assert Answer.of(failed(ITEM, corrupt)).out_of_memory is None


def test_a_recording_that_took_the_job_down_says_how_often_and_what_to_do() -> None:
    row = failures.too_often(ITEM).recording
    assert row["class"] == "crashed: job died"
    assert "3 times, the last time alone" in row["message"]
    assert "leave it out" in row["remedy"]
