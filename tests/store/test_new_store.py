"""A way of packing that the program does not know is one module and one line in the registry."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import pytest

from ecgmpi.ecg.synthetic import write_corpus
from tests.copied import CopiedPackage
from tests.outputs import contents, manifest, n_journaled

ZIPPED = '''
"""``--pack zipped``: a zip file a chunk, joined from a fragment a file."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from ecgmpi.atomic import replacing, write_bytes
from ecgmpi.picture_formats import PICTURE

from .base import StoreSpec


class ZippedStore:
    """A member of a zip file each."""

    def __init__(self, out: Path, spec: StoreSpec) -> None:
        self._folder = out / spec.folder
        self._spec = spec

    def put(self, chunk: int, recording: str, name: str, data: bytes) -> str:
        fragment = self._fragments(recording) / quote(name, "")
        fragment.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(str(fragment), data)
        return f"{self._spec.folder}/{chunk:05d}.zip/{quote(recording, '')}/{fragment.name}"

    def finish(self, chunk: int, locations: Sequence[str]) -> None:
        shard = self._folder / f"{chunk:05d}.zip"
        before = zipfile.ZipFile(shard) if shard.exists() else None
        with replacing(shard) as fresh:
            with zipfile.ZipFile(fresh, "w") as joined:
                for member in (self._member(place, kind) for place in locations
                               for kind in self._spec.endings):
                    fragment = self._folder / "fragments" / member
                    there = fragment.exists()
                    data = fragment.read_bytes() if there else before.read(member)
                    joined.writestr(zipfile.ZipInfo(member), data)
        for recording in {self._member(place).partition("/")[0] for place in locations}:
            shutil.rmtree(self._folder / "fragments" / recording, ignore_errors=True)

    def discard(self, recording: str) -> None:
        shutil.rmtree(self._fragments(recording), ignore_errors=True)

    sweep = discard

    def holds(
        self, location: str, size: int, checksum: int | None = None, kind: str = PICTURE
    ) -> bool:
        shard = self._folder.parent / location.partition(".zip/")[0]
        with suppress(OSError, KeyError), zipfile.ZipFile(shard.with_suffix(".zip")) as packed:
            data = packed.read(self._member(location, kind))
            return len(data) == size and checksum in (None, zlib.crc32(data))
        return False

    def _fragments(self, recording: str) -> Path:
        return self._folder / "fragments" / quote(recording, "")

    def _member(self, location: str, kind: str = PICTURE) -> str:
        return self._spec.beside(location, kind).partition(".zip/")[2]
'''
FULL = '''
"""``--pack full``: as files, on a disk that is full when a chunk is finished."""

from __future__ import annotations

from ecgmpi.errors import StoreError

from .files import FileStore


class FullStore(FileStore):
    """Takes everything and finishes nothing."""

    def finish(self, chunk, locations) -> None:
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
    line = f'    Packing("{name}", "{about}", "{name}.{name.title()}Store"),'
    package.add_line("store/registry.py", '    Packing("files"', line)
    return package


def packed(out: Path) -> dict[str, bytes]:
    """What each picture's location holds, by the name of its recording, and its annotation."""
    found = {}
    with h5py.File(out / "manifest.h5") as file:
        for location in file["pictures"]["path"].asstr()[:]:
            shard, _, member = location.partition(".zip/")
            with zipfile.ZipFile(out / f"{shard}.zip") as archive:
                for ending in (".png", ".json"):
                    name = member.removesuffix(".png") + ending
                    found[name.replace("/", "_")] = archive.read(name)
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
    one_each = {path.name: path.read_bytes() for path in (files / "images").rglob("*_II.*")}
    assert packed(zipped) == one_each
    assert manifest(zipped) == manifest(files)
    assert len(list((zipped / "images").glob("*.zip"))) == N // 2
    assert not list((zipped / "images" / "fragments").iterdir())
    before = contents(zipped)
    # A shard of two, of which one picture is gone: that one is drawn, and both are packed again.
    shard = zipped / "images" / "00005.zip"
    with zipfile.ZipFile(shard) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()[:-1]}
    with zipfile.ZipFile(shard, "w") as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
    ended = package.run(*job).expect(3)
    assert "1 recording drawn before had a picture missing" in ended.err + ended.out
    assert contents(zipped) == before


def test_a_chunk_that_was_not_finished_is_not_done(corpus: Path, tmp_path: Path) -> None:
    package = package_with(tmp_path / "package", "full", "a disk that is full", FULL)
    out = tmp_path / "out"
    ended = package.run("render", corpus, "-o", out, "--pack", "full", *OPTIONS).expect(1)
    assert "no space left" in ended.err
    assert n_journaled(out) == 0
