"""The index of NVIDIA DALI beside each tar shard."""

from __future__ import annotations

import pytest

from tests.loaders.conftest import Made
from tests.loaders.dali import read_index
from tests.loaders.samples import Sample, of_tars, tars

pytestmark = pytest.mark.slow


def test_dali_finds_every_sample(job: Made) -> None:
    for path in tars(job.out("tar")):
        data = path.read_bytes()
        found = []
        for components in read_index(path.with_suffix(".idx")):
            (stem,) = {one.filename.removesuffix(f".{one.ext}") for one in components}
            files = {f".{one.ext}": data[one.offset :][: one.size] for one in components}
            assert len(files) == len(components)
            found.append(Sample(stem, files))
        assert found == of_tars([path])


def test_it_is_the_file_that_dali_itself_would_write(job: Made) -> None:
    """Its program writes one space between words, none at the end, and ends each line."""
    for path in tars(job.out("tar")):
        index = path.with_suffix(".idx")
        samples = read_index(index)
        lines = [f"v1.2 {len(samples)}"]
        lines += [
            " ".join(f"{one.ext} {one.offset} {one.size} {one.filename}" for one in components)
            for components in samples
        ]
        assert index.read_text() == "".join(f"{line}\n" for line in lines)
