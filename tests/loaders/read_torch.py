"""Read an OUT by a ``DataLoader`` of torch, and print what came: a line a way of reading.

    python -m tests.loaders.read_torch OUT

It runs where torch and ecgmpi are: in an environment of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
from torch.utils.data import DataLoader

import ecgmpi
from tests.loaders.samples import digest
from tests.loaders.torch_ways import WAYS

BATCH = 5


def tensors(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A batch of samples of any size: arrays as tensors, which workers share by memory."""
    return [
        {name: torch.from_numpy(value) if hasattr(value, "shape") else value
         for name, value in sample.items()}
        for sample in samples
    ]  # fmt: skip


def told(sample: dict[str, Any]) -> dict[str, Any]:
    """What is printed of a sample: sums of its arrays, and the rest as it is."""
    return {
        name: digest(value.numpy().tobytes()) if isinstance(value, torch.Tensor) else value
        for name, value in sample.items()
    }


def main(out: str) -> None:
    data = ecgmpi.dataset(out)
    order = data.order(seed=1, epoch=2)
    # Files are open before workers are forked.
    first = told(tensors([data[order[0]]])[0])
    for workers, start in WAYS:
        loader: Any = DataLoader(
            data,
            batch_size=BATCH,
            sampler=order.tolist(),
            collate_fn=tensors,
            num_workers=workers,
            multiprocessing_context=start,
        )
        read = [told(sample) for batch in loader for sample in batch]
        assert read[0] == first
        print(json.dumps({"workers": workers, "start": start, "samples": read}))
    shapes = collated(ecgmpi.dataset(out, fields="image"))
    print(json.dumps({"image": [[*shape] for shape in shapes]}))


def collated(data: ecgmpi.Dataset) -> list[tuple[int, ...]]:
    """The shapes of batches of pictures of one size, as torch itself makes them of samples."""
    sizes = list(zip(data.table["height_px"], data.table["width_px"], strict=True))
    same = data.subset([size == sizes[0] for size in sizes])
    loader: Any = DataLoader(same, batch_size=2, drop_last=True)
    return [tuple(batch["image"].shape) for batch in loader if len(set(batch["key"])) == 2]


if __name__ == "__main__":
    main(sys.argv[1])
