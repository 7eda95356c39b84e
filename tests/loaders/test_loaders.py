"""Shards as others read them: ``webdataset``, and Hugging Face ``datasets``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.loaders.conftest import Made
from tests.loaders.programs import printed
from tests.loaders.samples import digest, of_files, of_tars, table, tars


def _compare(read: list[dict[str, Any]], job: Made) -> None:
    """Fail unless `read` is every sample, once, in order, with all that it has."""
    out = job.out("tar")
    sizes = [[row["width_px"], row["height_px"]] for row in table(out, "pictures")]
    assert [one.pop("size") for one in read] == sizes
    assert read == [sample.told for sample in of_tars(tars(out))]
    # Which are the same pictures as those of files.
    loose = [(sample.key, digest(sample.picture)) for sample in of_files(job.out("files"))]
    assert [(one["key"], one.get("png", one.get("jpg"))) for one in read] == loose


def test_webdataset(job: Made, loaders: Path, tmp_path: Path) -> None:
    _compare(printed(loaders, tmp_path, "read_webdataset", *tars(job.out("tar"))), job)


@pytest.mark.parametrize("how", ["whole", "streaming"])
def test_datasets(how: str, job: Made, loaders: Path, tmp_path: Path) -> None:
    shards = tars(job.out("tar"))
    _compare(printed(loaders, tmp_path, "read_datasets", tmp_path / "cache", how, *shards), job)


def test_datasets_whatever_comes_first(job: Made, loaders: Path, tmp_path: Path) -> None:
    """The types of columns come from the first samples, here from the odd ones."""
    shards = tars(job.out("tar"))[::-1]
    read = printed(loaders, tmp_path, "read_datasets", tmp_path / "cache", "whole", *shards)
    assert [one["json"] for one in read] == [sample.facts for sample in of_tars(shards)]
