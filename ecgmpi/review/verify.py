"""Compare an OUT with its manifest: every row with the bytes, every file with a row."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Error as SqliteError
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import ExitStatus, JobError, UsageError
from ecgmpi.host.cores import affinity, default_workers, quota
from ecgmpi.options.quantities import ALL, Part
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import NOT_GIVEN, WEAR, from_text
from ecgmpi.picture_formats import CLEAN
from ecgmpi.pipeline import store_spec
from ecgmpi.results.finished import FinishedOut, Table, again
from ecgmpi.store import PACKINGS
from ecgmpi.store.shard_file import file_checksum

from .problems import Checked
from .progress import Progress
from .tasks import DecodeTask, ExtraTask, Setting, Task, row_tasks, shard_tasks
from .workers import run_tasks

MOST_KEPT = 1000
"""Problems of each kind that are kept unless all are asked for."""

_ROWS_AT_ONCE = 65_536

_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found.

    Attributes
    ----------
    out
        OUT, as messages name it.
    part
        Which part of it was checked.
    seconds
        How long that took.
    checked
        What came of it.
    asked_to_decode
        How many pictures were to be decoded back to signals.
    unfinished
        Says that the job was stopped, if it was: what it drew since is extra.
    again
        Which command draws what is missing or altered.
    """

    out: str
    part: Part
    seconds: float
    checked: Checked = field(default_factory=Checked)
    asked_to_decode: int = 0
    unfinished: str = ""
    again: str = ""

    @property
    def status(self) -> ExitStatus:
        """The exit status that this means."""
        checked = self.checked
        good = not (checked.problems or checked.undecoded or self.beyond_bounds)
        return ExitStatus.COMPLETE if good else ExitStatus.COMPLETE_WITH_FAILURES

    @property
    def beyond_bounds(self) -> bool:
        """Whether signals came back worse than they must."""
        shares = sorted(lead.error_uv / lead.median_uv for lead in self.checked.decoded)
        too_bad = any(lead.error_uv > lead.worst_uv for lead in self.checked.decoded)
        return too_bad or bool(shares and shares[(len(shares) - 1) // 2] > 1)


def verify(
    out: Path,
    workers: int | None = None,
    part: Part = ALL,
    decode: int = 0,
    progress: bool = True,
    all_names: bool = True,
) -> Verification:
    """Check an OUT.

    Parameters
    ----------
    out
        OUT.
    workers
        Processes to use; None for the cores that this one may use.
    part
        Which part of it to check; all parts together are a whole check.
    decode
        How many pictures to decode back to signals, spread evenly.
    progress
        Whether to show on standard error how far it is.
    all_names
        Whether to keep every problem, however many there are, or some thousand and their number.

    Raises
    ------
    UsageError
        It is not an OUT.
    JobError
        It has no manifest yet, the manifest is damaged, or the options of the job do not allow
        what is asked for.
    """
    started = time.monotonic()
    finished = FinishedOut.open(out)
    setting, decoding = _setting(finished, part, decode)
    whole = Checked()
    _check_results(finished, part, whole)
    packed = PACKINGS[setting.pack].shards
    with finished.table("pictures") as pictures, finished.table("shards") as shards:
        decodes = list(_decodes(finished, pictures, decode, part)) if decoding else []
        checks: Iterator[Task] = (
            shard_tasks(pictures, shards, part) if packed else row_tasks(pictures.n_rows, part)
        )
        tasks = itertools.chain([ExtraTask()], checks, decodes)
        cores = affinity()
        n_workers = workers or default_workers(cores, [cores], quota())
        bar = Progress(pictures.n_rows // part.of, progress)
        with closing(bar), closing(run_tasks(tasks, n_workers, setting)) as answers:
            for answer in answers:
                whole.add(answer)
                if not all_names:
                    whole.trim(MOST_KEPT)
                bar.show(whole)
    whole.problems.sort(key=lambda problem: (problem.path, problem.member))
    whole.decoded.sort(key=lambda lead: -lead.error_uv)
    whole.undecoded.sort()
    seconds = time.monotonic() - started
    return Verification(
        finished.called,
        part,
        seconds,
        whole,
        len(decodes),
        finished.unfinished(),
        again(finished.paths, "--verify"),
    )


def _setting(finished: FinishedOut, part: Part, decode: int) -> tuple[Setting, bool]:
    """What every process knows, and whether pictures are decoded."""
    said = finished.options()
    try:
        rendering = from_text(said)
    except UsageError as error:
        if decode:
            raise JobError(f"OUT {finished.called}: {error}; leave out --roundtrip") from error
        # What its files are called is known all the same.
        rendering = _of_files(finished, said)
    if decode:
        _refuse_undecodable(finished, rendering)
    spec = store_spec(rendering)
    setting = Setting(finished.paths.out, rendering.pack, spec, part, rendering)
    return setting, bool(decode)


def _of_files(finished: FinishedOut, said: dict[str, str]) -> Rendering:
    """The options that decide which files there are."""
    annotate, masks = said.get("--annotate"), said.get("--masks", NOT_GIVEN)
    if said.get(WEAR, NOT_GIVEN) != NOT_GIVEN:
        raise JobError(
            f"OUT {finished.called}: its job.json is not of this version of ecgmpi, which wears "
            "pictures otherwise; check it with the version that made it"
        )
    try:
        return Rendering(
            format=said["--format"],
            pack=said["--pack"],
            annotate=annotate if annotate != NOT_GIVEN else None,
            mask=said["--mask"] == "True",
            masks=tuple(masks.split(",")) if masks != NOT_GIVEN else None,
        )
    except (KeyError, UsageError) as error:
        raise JobError(
            f"OUT {finished.called}: its job.json is not of this version of ecgmpi ({error}); "
            "check it with the version that made it"
        ) from error


def _refuse_undecodable(finished: FinishedOut, rendering: Rendering) -> None:
    if rendering.annotate is None:
        raise JobError(
            f"OUT {finished.called}: --roundtrip needs to know where the traces lie, and its job "
            "wrote no annotation; render it with --annotate boxes, or leave out --roundtrip"
        )
    if rendering.format != "png":
        raise JobError(
            f"OUT {finished.called}: --roundtrip reads pixels as they were drawn, and its "
            f"pictures are {rendering.format}; render it with --format png, or leave out "
            "--roundtrip"
        )


def _check_results(finished: FinishedOut, part: Part, checked: Checked) -> None:
    """Compare the files of the manifest with what the job noted of them.

    Raises
    ------
    JobError
        manifest.h5 is altered: what it says cannot be trusted.
    """
    paths = finished.paths
    try:
        noted: dict[str, Any] = json.loads(paths.seal.read_text(encoding="utf-8"))["files"]
        items = list(noted.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    for name, checksum in items:
        path = paths.out / name
        if path != paths.manifest_h5 and not part.has(0):
            continue
        checked.files += 1
        try:
            found = file_checksum(str(path))
            checked.bytes += path.stat().st_size
        except FileNotFoundError:
            checked.missing(name)
            continue
        if found == checksum:
            continue
        how = f"CRC-32 {found:08x}, not {checksum:08x}"
        if path == paths.manifest_h5:
            raise JobError(
                f"OUT {finished.called}: {name} is damaged ({how}); {again(paths)}: it writes the "
                "manifest again from the journals"
            )
        checked.altered(name, how)


def _clean_rows(pictures: Table) -> npt.NDArray[np.int64]:
    """The rows of all clean pictures."""
    found = [np.zeros(0, np.int64)]
    for first in range(0, pictures.n_rows, _ROWS_AT_ONCE):
        block = pictures.block(first, min(first + _ROWS_AT_ONCE, pictures.n_rows), "series")
        found.append(first + np.flatnonzero(block["series"] == CLEAN.encode()))
    return np.concatenate(found)


def _decodes(
    finished: FinishedOut, pictures: Table, decode: int, part: Part
) -> Iterator[DecodeTask]:
    """The clean pictures to decode, spread evenly over all, and their recordings.

    Raises
    ------
    JobError
        The catalogue of the job is not there, or damaged; or there is no clean picture.
    """
    clean = _clean_rows(pictures)
    if pictures.n_rows and not len(clean):
        raise JobError(
            f"OUT {finished.called}: --roundtrip reads pixels as they were drawn, and its job kept "
            "worn copies alone; leave out --roundtrip"
        )
    n = min(decode, len(clean))
    # One of each stretch of rows, at a place that moves on by the golden ratio: with twelve rows a
    # recording, the same place of each stretch would be the same few leads again and again.
    places = ((k + k * _GOLDEN % 1) / n for k in range(n) if part.has(k))
    rows = [int(clean[int(place * len(clean))]) for place in places]
    try:
        with (
            finished.catalogue() as catalogue,
            finished.table("recordings") as recordings,
        ):
            for row in rows:
                (owner,) = pictures.lists(row, row + 1, "recording")["recording"]
                (name,) = recordings.lists(owner, owner + 1, "name")["name"]
                item = catalogue.named(name)
                if item is None:
                    raise SqliteError(f"recording {name} is not in it")
                yield DecodeTask(row, item)
    except SqliteError as error:
        raise JobError(
            f"OUT {finished.called}: .ecgmpi/{finished.paths.catalogue.name}, which says where "
            f"its recordings are, cannot be read: {error}; leave out --roundtrip"
        ) from error
