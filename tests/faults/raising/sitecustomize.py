"""Put on PYTHONPATH: rank ``RAISING_RANK`` makes a mistake when its second result comes in."""

import os
from collections.abc import Iterator
from typing import Any

if os.environ.get("PMI_RANK") == os.environ["RAISING_RANK"]:
    from ecgmpi.job.pool.pool import WorkerPool

    take = WorkerPool.take
    seen: list[Any] = []

    def mistaken(self: WorkerPool, timeout: float) -> Iterator[Any]:
        for result in take(self, timeout):
            seen.append(result)
            if len(seen) > 1:
                raise RuntimeError("an unforeseen mistake")
            yield result

    WorkerPool.take = mistaken  # type: ignore[method-assign]
