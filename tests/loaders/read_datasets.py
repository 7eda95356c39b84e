"""Read shards with Hugging Face ``datasets`` and print what came, a line a sample.

    python -m tests.loaders.read_datasets CACHE whole|streaming SHARD...

It runs where datasets is: in an environment of its own, with nothing of ecgmpi.
"""

from __future__ import annotations

import hashlib
import json
import sys

import datasets
import numpy as np

TYPES = {"map.npy": np.int16}
"""Of arrays that are not float32."""


def main(cache: str, how: str, shards: list[str]) -> None:
    streaming = how == "streaming"
    found = datasets.load_dataset(
        "webdataset", data_files=shards, split="train", streaming=streaming, cache_dir=cache
    )
    pictures = [name for name in found.features if name.endswith(("png", "jpg"))]
    raw = found
    for name in pictures:
        # Its own type for pictures, without which they are not decoded.
        assert isinstance(found.features[name], datasets.Image)
        raw = raw.cast_column(name, datasets.Image(decode=False))
    for sample, one in zip(raw, found, strict=True):
        said = {"key": sample["__key__"], "size": one[pictures[0]].size, "json": sample["json"]}
        for name in pictures:
            said[name] = hashlib.sha256(sample[name]["bytes"]).hexdigest()
        for name in sample:
            if name.endswith(".npy"):
                # It gives lists, which do not say how wide their numbers were.
                array = np.array(sample[name], TYPES.get(name, np.float32))
                said[name] = hashlib.sha256(array.tobytes()).hexdigest()
        print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
