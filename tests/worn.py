"""OUTs with series of worn copies, made in this process: all is real but what wears pictures."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.io import savemat

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.item import Item
from ecgmpi.drawing.truth.outputs import PictureFile
from ecgmpi.errors import RecordingError
from ecgmpi.job.cataloguing import builder
from ecgmpi.npy import from_npy, npy
from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.job_file import JobFile
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.picture_formats import (
    ANNOTATION,
    CLEAN,
    HIDDEN,
    MAP,
    MASK,
    PICTURE,
    POINTS,
    SIGNAL,
    endings_of,
)
from ecgmpi.pipeline import Pipeline, check, store_spec
from ecgmpi.rendered import RenderedPicture
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.results.manifest_stamp import write_sealed
from ecgmpi.results.result import Result, drawn, failed
from ecgmpi.store import Series, StoreSpec, open_store
from ecgmpi.store.keys import sample_key
from tests.corpora import synthetic

ENDINGS = endings_of("jpg", told=True, mask=True, points=True, map=True, hidden=True)
PHOTO = Series("photo", ENDINGS, 2)
SCAN = Series("scan-bw", endings_of("png", told=True, mask=False, points=False, map=True))
"""What a job wears: two copies in one series, one in another that has other files."""

LEADS = ("II", "V1")
N, GAPS = 4, 5
"""Recordings that are drawn, and samples of each lead of one of them that are gaps."""

COPIES = 1 + PHOTO.copies + SCAN.copies
"""Pictures of each lead."""


def worn(clean: RenderedPicture, name: str, series: Series, copy: int) -> RenderedPicture:
    """A copy of a picture: mirrored, and its truth with it."""
    contents = clean.contents
    image = Image.open(io.BytesIO(contents[PICTURE])).convert("RGB")
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    held = io.BytesIO()
    image.save(held, "JPEG" if series.format == "jpg" else "PNG", quality=50 + copy)
    key = sample_key(name, clean.label, series.name, copy)
    told = json.loads(contents[ANNOTATION]) | {"key": key}
    points = from_npy(contents[POINTS])
    state = np.arange(len(points), dtype=np.float32) % 3
    data = contents | {
        PICTURE: held.getvalue(),
        ANNOTATION: json.dumps(told, sort_keys=True, separators=(",", ":")).encode(),
        POINTS: npy(np.column_stack([image.width - points[:, 0], points[:, 1], state])),
        MAP: npy(np.arange(6, dtype=np.int16).reshape(1, 3, 2) * copy),
        HIDDEN: contents[MASK],
    }
    files = tuple(PictureFile(kind, end, data[kind]) for kind, end in series.endings.items())
    facts = clean.facts | {"key": key}
    return RenderedPicture(clean.picture, files, clean.label, facts, series.name, copy)


@dataclass(frozen=True, slots=True)
class WornJob:
    """A job that wears, in this process.

    Attributes
    ----------
    out, corpus
        OUT and INPUT.
    rendering
        Its options.
    series
        What it wears.
    clean
        Whether it keeps the clean pictures.
    """

    out: Path
    corpus: Path
    rendering: Rendering
    series: tuple[Series, ...]
    clean: bool

    @property
    def spec(self) -> StoreSpec:
        """What its store knows."""
        return replace(store_spec(self.rendering), series=self.series)

    def copied(self, to: Path) -> WornJob:
        """The same job with an OUT that may be altered."""
        return replace(self, out=shutil.copytree(self.out, to))

    def run(self) -> None:
        """Draw everything, and write the manifest."""
        paths = JobPaths(self.out)
        paths.hidden.mkdir(parents=True)
        JobFile.by(self.rendering).write(paths)
        build = builder([str(self.corpus)], self.out, self.rendering)
        with closing(build(paths.catalogue, True)) as catalogue:
            self.draw(catalogue, range(catalogue.n_chunks))
            write_sealed(paths, JournalIndex(paths.journals, catalogue.n_chunks), lambda: None)

    def draw(self, catalogue: Catalogue, chunks: range) -> None:
        """Draw some chunks, and journal them."""
        paths, pipeline = JobPaths(self.out), Pipeline.of(self.rendering)
        paths.fragments(None).mkdir(exist_ok=True)
        store = open_store(self.rendering.pack, self.out, self.spec, paths.fragments(None))
        journal = JournalWriter(paths.journals, 0, 0)
        for chunk in chunks:
            results = [self._draw(pipeline, item, store.put) for item in catalogue.chunk(chunk)]
            keys = [
                (result.recording["name"], [row["key"] for row in result.pictures])
                for result in results
            ]
            journal.append(chunk, results, store.finish(chunk, keys))
        list(journal.on_disk(wait=True))
        journal.close()

    def _draw(self, pipeline: Pipeline, item: Item, put: Callable[..., str]) -> Result:
        try:
            drawing = pipeline.render(check(pipeline.read(item.path)), item)
        except RecordingError as error:
            return failed(item, error)
        rows, begun = [], set()
        for one in self._pictures(drawing.pictures, item.name):
            files = one.contents
            if self.rendering.signals_once and one.series not in begun:
                files[SIGNAL] = npy(drawing.record.signal)
                begun.add(one.series)
            path = put(item.chunk, item.name, one.label, files, one.series, one.copy)
            rows.append(one.row(path))
        return drawn(item, drawing.record, drawing.limb, rows, "none", [], [])

    def _pictures(self, clean: Iterator[RenderedPicture], name: str) -> Iterator[RenderedPicture]:
        for picture in clean:
            if self.clean:
                yield picture
            for series in self.series:
                for copy in range(1, series.copies + 1):
                    yield worn(picture, name, series, copy)


def files_of(out: Path, series: str = CLEAN) -> list[str]:
    """Files of pictures of a series below OUT, where each is a file."""
    mark = f"~{series}" if series else "~"
    found = (path.relative_to(out).as_posix() for path in (out / "images").rglob("*.*"))
    return sorted(path for path in found if (mark in path) == bool(series))


class WornJobs:
    """Jobs, each run when it is first asked for; nobody alters their OUTs.

    Parameters
    ----------
    folder
        Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, WornJob] = {}

    def __call__(self, pack: str, clean: bool = True) -> WornJob:
        """The job of a packing, that keeps the clean pictures or not."""
        name = pack if clean else f"{pack}-worn"
        if name not in self._held:
            self._held[name] = worn_job(self._folder / name, pack, clean)
        return self._held[name]


def worn_job(folder: Path, pack: str, clean: bool = True) -> WornJob:
    """Run a job of recordings of which one has gaps, and one that fails; two in a shard."""
    corpus = synthetic(folder / "corpus", N - 1)
    signal = np.zeros((12, 700))
    signal[:, ::50] = 1
    signal[:, 100 : 100 + GAPS] = np.nan
    savemat(corpus / "GAPS.mat", {"data": signal})
    (corpus / "SYN000001x.mat").write_bytes(b"no recording")
    asked: dict[str, Any] = {
        "leads": LEADS,
        "dpi": 60.0,
        "annotate": "lines",
        "mask": True,
        "with_signals": True,
        "pack": pack,
    }
    if pack != "files":
        asked["shard_recordings"] = 2
    rendering = Rendering(**asked)
    photo = PHOTO
    if rendering.with_signals and not rendering.signals_once:
        photo = replace(PHOTO, endings=ENDINGS | {SIGNAL: ".signal.npy"})
    job = WornJob(folder / "out", corpus, rendering, (photo, SCAN), clean)
    job.run()
    return job
