"""Read shards with ``webdataset`` and print what came, a line a sample.

    python -m tests.loaders.read_webdataset SHARD...

It runs where webdataset is: in an environment of its own, with nothing of ecgmpi.
"""

from __future__ import annotations

import hashlib
import json
import sys

import webdataset


def main(shards: list[str]) -> None:
    # As they are, and decoded: the second pass has pixels, and no bytes to compare.
    raw = webdataset.WebDataset(shards, shardshuffle=False)
    decoded = webdataset.WebDataset(shards, shardshuffle=False).decode("pil")
    for sample, one in zip(raw, decoded, strict=True):
        pictures = [field for field in sample if field.endswith(("png", "jpg"))]
        said = {"key": sample["__key__"], "size": one[pictures[0]].size, "json": one["json"]}
        for field in pictures:
            said[field] = hashlib.sha256(sample[field]).hexdigest()
        for field in sample:
            if field.endswith(".npy"):
                said[field] = hashlib.sha256(one[field].tobytes()).hexdigest()
        assert one["__key__"] == sample["__key__"]
        print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1:])
