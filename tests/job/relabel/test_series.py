"""Labels in a job with series of worn copies: every JSON of every series has them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import h5py
import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.job.recheck import Checking
from ecgmpi.job.relabel.chunks import ChunkLabeller, LabelledChunk, LabelTask, Setting
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.picture_formats import ANNOTATION
from ecgmpi.results.journal_index import JournalIndex, RecordLocation
from ecgmpi.store import open_store
from ecgmpi.store.keys import series_of
from ecgmpi.store.reading import PictureReader
from tests.worn import WornJob, WornJobs


@pytest.fixture(params=["files", "tar", "hdf5"])
def job(request: pytest.FixtureRequest, worn_jobs: WornJobs, tmp_path: Path) -> WornJob:
    return worn_jobs(request.param).copied(tmp_path / "out")


def places(job: WornJob) -> list[tuple[RecordLocation, int]]:
    """Where the record of each chunk lies, and how many recordings it has."""
    paths = JobPaths(job.out)
    with closing(Catalogue.open(paths.catalogue)) as catalogue:
        journals = JournalIndex(paths.journals, catalogue.n_chunks)
        chunks = map(catalogue.chunks.recordings, range(catalogue.n_chunks))
        return [(journals.place(k, of.start), len(of)) for k, of in enumerate(chunks)]


def label(job: WornJob, trusted: bool = True) -> list[LabelledChunk]:
    """Give each recording its number as a label."""
    scratch = None if job.rendering.pack == "files" else JobPaths(job.out).fragments(None)
    setting = Setting(job.out, job.rendering.pack, job.spec, scratch, trusted)
    labeller = ChunkLabeller(setting, lambda: None)
    return [
        labeller.label(LabelTask(place, [{"age": place.first + k} for k in range(n)]))
        for place, n in places(job)
    ]


def test_every_json_of_every_series_is_labelled_and_its_row_says_so(job: WornJob) -> None:
    chunks = label(job)
    assert not [chunk.fault for chunk in chunks if chunk.fault]
    reader = PictureReader(job.out, job.rendering.pack, job.spec)
    keys = []
    for result in (result for chunk in chunks for result in chunk.results):
        for row in result.pictures:
            data = reader.read(row["path"], row["key"], ANNOTATION, row["series"])
            assert len(data) == row["annotation_bytes"]
            assert json.loads(data)["labels"] == {"age": result.index}
            assert series_of(row["key"]) == row["series"]
            keys.append(row["key"])
    reader.close()
    with h5py.File(job.out / "manifest.h5") as file:
        assert keys == file["pictures/key"].asstr()[:].tolist()
        wanted = set(file["shards/path"].asstr()[:])
    assert {file.path for chunk in chunks for file in chunk.shards} == wanted
    shards = {path.rpartition(".")[0] for path in wanted}
    assert sum(chunk.n_shards for chunk in chunks) == len(shards)


def test_a_worn_copy_that_is_lost_leaves_its_chunk_unlabelled(job: WornJob) -> None:
    if job.rendering.pack == "files":
        lost = job.out / "images/SYN000001/SYN000001_II~photo2.json"
    else:
        lost = next((job.out / "shards/photo").glob("000000.[th]*"))
    lost.unlink()
    faults = [chunk.fault for chunk in label(job)]
    assert [bool(fault) for fault in faults].count(True) == 1
    assert lost.name in "".join(faults)


def test_a_json_altered_since_a_labelling_was_stopped_is_found(
    worn_jobs: WornJobs, tmp_path: Path
) -> None:
    """Other labels are what the stopped one may have written; nothing else is."""
    job = worn_jobs("files").copied(tmp_path / "out")
    for trusted in (True, False):
        assert not any(chunk.fault for chunk in label(job, trusted))
    altered = job.out / "images/SYN000001/SYN000001_II~photo2.json"
    said = altered.read_text()
    for old, new in (('"height":', '"heigth":'), ('"labels":{', '"labels":{]'), ("}", "")):
        altered.write_text(new.join(said.rsplit(old, 1)))
        faults = [chunk.fault for chunk in label(job, trusted=False) if chunk.fault]
        assert len(faults) == 1
        assert "the annotation of SYN000001-II--photo2 is altered" in faults[0]


def test_whatever_is_lost_of_a_series_is_drawn_again(job: WornJob) -> None:
    store = open_store(job.rendering.pack, job.out, job.spec)
    checking = Checking(JobPaths(job.out), store, verify=True)
    assert [checking.check(place).again for place, _ in places(job)].count([]) == len(places(job))
    (lost,) = (
        (job.out / "images").rglob("SYN000002_V1~photo1.map.npy")
        if job.rendering.pack == "files"
        else (job.out / "shards/scan-bw").glob("000000.[th]*")
    )
    lost.unlink()
    again = [index for place, _ in places(job) for index in checking.check(place).lost]
    with closing(Catalogue.open(JobPaths(job.out).catalogue)) as catalogue:
        names = [item.name for item in catalogue.items(again)]
    wanted = ["SYN000002"] if job.rendering.pack == "files" else ["GAPS", "SYN000001"]
    assert names == wanted
