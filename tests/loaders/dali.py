"""NVIDIA DALI's index of a WebDataset shard, read as DALI reads it.

Written after its documentation of ``fn.readers.webdataset`` and what its reader says of a line that
it refuses: "Every record in the index file should look like: `<ext> <offset> <size>
<filename>`" (version v1.2). Words are divided by white space, whatever they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

BLOCK = 512


@dataclass(frozen=True, slots=True)
class Component:
    """One member of a sample: what its name ends in, and where its data are."""

    ext: str
    offset: int
    size: int
    filename: str


def read_index(path: Path) -> list[list[Component]]:
    """The components of each sample.

    Raises
    ------
    ValueError
        DALI would refuse it.
    """
    lines = iter(path.read_text(encoding="ascii").split("\n"))
    version, count = next(lines).split()
    if version != "v1.2" or int(count) < 1:
        raise ValueError(f"{path}: {version} with {count} samples")
    samples = []
    for number in range(1, int(count) + 1):
        words = next(lines).split()
        if not words or len(words) % 4:
            raise ValueError(f"{path}, line {number}: {len(words)} words")
        components = [
            Component(words[k], int(words[k + 1]), int(words[k + 2]), words[k + 3])
            for k in range(0, len(words), 4)
        ]
        if any(component.offset % BLOCK for component in components):
            raise ValueError(f"{path}, line {number}: an offset that is no multiple of {BLOCK}")
        samples.append(components)
    return samples
