"""The same bytes for the same picture, wherever in memory it is compressed."""

from __future__ import annotations

import threading
import zlib
from collections import Counter

import numpy as np
import pytest

from ecgmpi.drawing import LAYOUTS
from ecgmpi.drawing.encode.png import _deflate
from ecgmpi.ecg.synthetic import synthesize


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 70, 5000, 300_000])
def test_deflated_data_come_back(size: int) -> None:
    data = np.random.default_rng(size).integers(0, 4, size, np.uint8)
    assert zlib.decompress(_deflate(data)) == data.tobytes()


@pytest.mark.slow
def test_bytes_do_not_depend_on_where_the_stack_lies() -> None:
    """Each thread has a stack of its own; igzip took its address for data, see `_deflate`."""
    layout = LAYOUTS["strip"]
    options = layout.options(speed=25.0, gain=10.0, dpi=400.0)
    record = synthesize(seed=0, index=8, duration=10.0)
    pictures = list(layout.pictures(record, options))[1:12:2]
    seen: list[Counter[bytes]] = [Counter() for _ in pictures]
    start, one_by_one = threading.Barrier(1000), threading.Lock()

    def draw() -> None:
        # All of them are alive before any begins: no two have their stack in one place.
        start.wait()
        for counter, picture in zip(seen, pictures, strict=True):
            with one_by_one:
                counter[picture.png()] += 1

    threads = [threading.Thread(target=draw) for _ in range(1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [list(counter.values()) for counter in seen] == [[1000]] * len(pictures)
