"""Messages between a supervisor and a worker, whatever the worker writes."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.job.pool.channel import Channel, GarbledError

Ends = tuple[Channel, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    line = Channel(ours)
    yield line, theirs
    line.close()
    theirs.close()


def wire(*messages: object) -> bytes:
    """`messages` as they pass over a channel."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for message in messages:
            Channel(ours).send(message)
        return theirs.recv(1 << 20)


@given(
    messages=st.lists(st.one_of(st.binary(max_size=300), st.integers(), st.text()), min_size=1),
    cuts=st.lists(st.integers(1, 400), max_size=20),
)
def test_messages_come_whole_and_in_order_however_they_are_cut(
    messages: list[object], cuts: list[int]
) -> None:
    ours, theirs = socket.socketpair()
    line, data, got = Channel(ours), wire(*messages), []
    for cut in [*cuts, len(data)]:
        theirs.sendall(data[:cut])
        data = data[cut:]
        got += line.take()
    assert got == messages
    theirs.close()
    with pytest.raises(EOFError):
        line.take()
    line.close()


def test_what_has_not_come_is_not_waited_for(ends: Ends) -> None:
    line, other = ends
    assert line.take() == []
    whole = wire("hello")
    other.sendall(whole[:-1])
    assert line.take() == []
    other.sendall(whole[-1:])
    assert line.take() == ["hello"]


@pytest.mark.parametrize(
    "rubbish",
    [b"warning: value out of range\n", b"ECL1" + b"\xff" * 8, b"\0" * 64],
    ids=["text", "length", "zeros"],
)
def test_rubbish_is_noticed(rubbish: bytes, ends: Ends) -> None:
    line, other = ends
    other.sendall(rubbish)
    with pytest.raises(GarbledError):
        line.take()


def test_a_message_that_was_altered_is_noticed(ends: Ends) -> None:
    line, other = ends
    whole = bytearray(wire({"a": "row"}))
    whole[-3] ^= 1
    other.sendall(whole)
    with pytest.raises(GarbledError):
        line.take()
