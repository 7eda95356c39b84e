"""A way of packing that the program does not know is one module and one line in the registry."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import pytest

from ecgmpi.ecg.synthetic import write_corpus
from tests.copied import CopiedPackage
from tests.outputs import contents, n_journaled

ZIPPED = '''
"""``--pack zipped``: a zip file a chunk."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ecgmpi.atomic import replacing
from ecgmpi.picture_formats import PICTURE

from .packed import PackedStore, Recordings
from .series import Series
from .shard_file import ShardFile


class ZipReader:
    """Reads samples of a zip file."""

    def __init__(self, shard: Path, endings) -> None:
        self._zip, self._endings = zipfile.ZipFile(shard), endings

    def read(self, key: str, kind: str = PICTURE) -> bytes:
        return self._zip.read(key + self._endings[kind])

    def close(self) -> None:
        self._zip.close()


class ZippedStore(PackedStore):
    """A member of a zip file each."""

    ending = ".zip"
    reader = ZipReader

    def _write(
        self, shard: Path, location: str, recordings: Recordings, series: Series
    ) -> tuple[ShardFile, ...]:
        with replacing(shard) as fresh:
            with zipfile.ZipFile(fresh, "w") as joined:
                for _, _, samples in recordings:
                    for sample in samples:
                        for kind, ending in series.endings.items():
                            name = zipfile.ZipInfo(sample.key + ending)
                            joined.writestr(name, sample.files[kind])
        return (ShardFile.of(location, shard.read_bytes()),)
'''
FULL = '''
"""``--pack full``: as files, on a disk that is full when a chunk is finished."""

from __future__ import annotations

from ecgmpi.errors import StoreError

from .files import FileStore


class FullStore(FileStore):
    """Takes everything and finishes nothing."""

    def finish(self, chunk, keys):
        raise StoreError("cannot write the shard below OUT: no space left")
'''
OPTIONS = ("--leads", "II", "--dpi", "60", "--annotate", "boxes", "--workers", "2")
N = 520
"""Recordings: the fewest of which chunks have two are 512."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, N, duration=1)
    (folder / "SYN000003.mat").write_bytes(b"no recording")
    return folder


def package_with(folder: Path, name: str, about: str, module: str) -> CopiedPackage:
    """The package and a store: one module, and one line in the registry."""
    package = CopiedPackage(folder)
    package.add_module(f"store/{name}.py", module)
    more = ', 32, "zipped.ZipReader"' if name == "zipped" else ""
    line = f'    Packing("{name}", "{about}", "{name}.{name.title()}Store"{more}),'
    package.add_line("store/registry.py", '    Packing("files"', line)
    return package


def packed(out: Path) -> dict[str, bytes]:
    """The picture of each recording, by its key in the shard that the manifest names."""
    found = {}
    with h5py.File(out / "manifest.h5") as file:
        pictures = file["pictures"]
        places = zip(pictures["path"].asstr()[:], pictures["key"].asstr()[:], strict=True)
        for shard, key in places:
            with zipfile.ZipFile(out / shard) as archive:
                found[key] = archive.read(f"{key}.png")
    return found


@pytest.mark.slow
def test_a_new_store_packs_resumes_and_restores(corpus: Path, tmp_path: Path) -> None:
    package = package_with(tmp_path / "package", "zipped", "one zip file a chunk", ZIPPED)
    said = " ".join(package.run("render", "--help-all").expect(0).out.split())
    assert "files is one file each, zipped is one zip file a chunk" in said
    files, zipped = tmp_path / "files", tmp_path / "zipped"
    package.run("render", corpus, "-o", files, *OPTIONS).expect(3)
    job = ("render", corpus, "-o", zipped, "--pack", "zipped", *OPTIONS)
    package.run(*job).expect(3)
    one_each = {
        f"{path.parent.name}-II": path.read_bytes() for path in (files / "images").rglob("*_II.png")
    }
    assert packed(zipped) == one_each
    assert len(list((zipped / "shards").iterdir())) == N // 2
    assert not list((zipped / ".ecgmpi").glob("fragments/*"))
    before = contents(zipped)
    # A shard of two that is gone: both are drawn, and packed again.
    (zipped / "shards" / "000005.zip").unlink()
    ended = package.run(*job).expect(3)
    assert "2 recordings drawn before had a picture missing" in ended.err + ended.out
    assert contents(zipped) == before


def test_a_chunk_that_was_not_finished_is_not_done(corpus: Path, tmp_path: Path) -> None:
    package = package_with(tmp_path / "package", "full", "a disk that is full", FULL)
    out = tmp_path / "out"
    ended = package.run("render", corpus, "-o", out, "--pack", "full", *OPTIONS).expect(1)
    assert "no space left" in ended.err
    assert n_journaled(out) == 0
