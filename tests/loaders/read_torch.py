"""Read an OUT by a ``DataLoader`` of torch, and print what came: a line a way of reading.

    python -m tests.loaders.read_torch OUT [SERIES FIELD...]

It runs where torch and ecgmpi are: in an environment of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader

import ecgmpi
from tests.loaders.samples import digest
from tests.loaders.torch_ways import WAYS

BATCH = 5
TYPED = ("fold", "sinus", "age", "code")
"""Labels, one of each type."""


def tensors(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A batch of samples of any size: arrays as tensors, which workers share by memory."""
    return [
        {name: tensor(value) if isinstance(value, np.ndarray) else value
         for name, value in sample.items()}
        for sample in samples
    ]  # fmt: skip


def tensor(array: np.ndarray[Any, Any]) -> torch.Tensor:
    """An array as a tensor; torch has uint16 from 2.3 on."""
    return torch.from_numpy(array.view(np.int16) if array.dtype == np.uint16 else array)


def told(sample: dict[str, Any]) -> dict[str, Any]:
    """What is printed of a sample: sums of its arrays, and the rest as it is."""
    return {
        name: digest(value.numpy().tobytes()) if isinstance(value, torch.Tensor) else value
        for name, value in sample.items()
    }


def main(out: str, series: str | None = None, *fields: str) -> None:
    data = ecgmpi.dataset(out, series=series, fields=fields or None)
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
        # As text, NaN is equal to itself.
        assert json.dumps(read[0]) == json.dumps(first)
        print(json.dumps({"workers": workers, "start": start, "samples": read}))
    print(json.dumps(collated(out, data.fields, series)))


def collated(out: str, fields: tuple[str, ...], series: str | None) -> dict[str, list[Any]]:
    """What torch itself makes of samples of one size: shapes of pictures, types of some labels."""
    wanted = [name for name in ("image", "labels") if name in fields]
    data = ecgmpi.dataset(out, fields=wanted, series=series)
    sizes = list(zip(data.table["height_px"], data.table["width_px"], strict=True))
    same = data.subset([size == sizes[0] for size in sizes])
    loader: Any = DataLoader(same, batch_size=2, drop_last=True)
    said: dict[str, list[Any]] = {"image": [], "labels": []}
    for batch in loader:
        if len(set(batch["key"])) == 2:
            said["image"].append([*batch["image"].shape])
            if "labels" in batch:
                said["labels"].append({name: type_of(batch["labels"][name]) for name in TYPED})
    return said


def type_of(values: Any) -> str:
    """Of a tensor or, where torch makes none, of what is in a list."""
    return str(values.dtype) if isinstance(values, torch.Tensor) else type(values[0]).__name__


if __name__ == "__main__":
    main(*sys.argv[1:])
