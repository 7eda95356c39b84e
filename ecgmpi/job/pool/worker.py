"""One worker: item -> read -> draw -> encode -> store -> result."""

from __future__ import annotations

import gc
import os
import resource
import traceback
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from ecgmpi.corpus.item import Item
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.matplotlib_setup import load_font_engine_alone
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.errors import FailureKind, RecordingError, StoreError
from ecgmpi.host.memory import keep_freed_memory
from ecgmpi.host.process_name import WORKER, name_this_process
from ecgmpi.host.signals import die_with_parent
from ecgmpi.npy import npy
from ecgmpi.options.rendering import Rendering
from ecgmpi.picture_formats import SIGNAL
from ecgmpi.pipeline import Pipeline, check, layout_for, worn_outputs_for
from ecgmpi.readers import preload
from ecgmpi.readers.content_hash import content_sum
from ecgmpi.results.columns import Row
from ecgmpi.results.result import Result, drawn, failed
from ecgmpi.results.timing import CHECKING, DRAWING, WRITING, StageClock
from ecgmpi.store import Splits

from .channel import Channel
from .messages import Answer, JobSpec, StartWorkers, StorageFailed

_BETWEEN_COLLECTIONS = 20_000
"""Objects made and not yet freed, between two looks for garbage; 700 by default: each look at them
takes 1 to 4 % of the time of a page."""


def prepare(spec: JobSpec) -> None:
    """Load and draw once, before the fork, what all workers share."""
    rendering = spec.rendering
    load_font_engine_alone()
    layout, options = layout_for(rendering)
    record = synthesize(seed=0, index=0, duration=1.0)
    wanted = rendering.leads or (rendering.page.leads if rendering.page else record.leads)
    signal = np.resize(record.signal, (len(wanted), record.n_samples))
    try:
        for picture in layout.pictures(replace(record, signal=signal, leads=wanted), options):
            picture.encode(rendering.format, rendering.quality, rendering.compression)
            # What fails here may fail at no recording; each says so itself.
            with suppress(Exception):
                _wear(picture, rendering)
            break
    except RecordingError:
        # No page may be as large as these options make it: each recording says so itself.
        pass
    share()


def _wear(picture: Picture, rendering: Rendering) -> None:
    """Wear a picture once, for OpenCV and the textures that are kept to the next one.

    In one way alone: others have little that they keep, and workers wait for this.
    """
    for outputs in worn_outputs_for(rendering)[:1]:
        worn = next(outputs.copies_of(picture, ""))
        deque(outputs.files_of(worn, {}, np.zeros((1, 1), np.float32)), maxlen=0)


def share(paths: Iterable[str] = ()) -> None:
    """Load what reads the files at `paths`, and leave what is loaded in pages that workers share.

    Loaded here once, not in each worker when its first file comes. The garbage collector would
    write into every object that it looks at, and so copy its page.
    """
    preload(paths)
    gc.collect()
    gc.freeze()


def main(channel: Channel, spec: JobSpec, start: StartWorkers) -> None:
    """The life of a forked worker; never returns."""
    status = 1
    try:
        name_this_process(WORKER)
        die_with_parent()
        # A group of its own, so that the supervisor can kill what a library may have started.
        os.setpgid(0, 0)
        settle(start.memory)
        _bound_memory(start.memory)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        renderer = RecordingRenderer(spec, start.fragments, start.splits)
        while True:
            answer = renderer.render(channel.receive())
            channel.send(Answer.of(answer) if isinstance(answer, Result) else answer)
    except (EOFError, OSError, KeyboardInterrupt):
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def settle(memory: int = 0) -> None:
    """Make this process one that draws for hours, and may use `memory` bytes; 0 for no bound.

    It keeps freed memory for the next picture, and looks seldom for garbage that refers to itself:
    drawing leaves none, only failures leave a little.
    """
    keep_freed_memory(memory)
    gc.set_threshold(_BETWEEN_COLLECTIONS)


def _bound_memory(bound: int) -> None:
    """Make memory beyond `bound` bytes fail as MemoryError, before the node runs out.

    Linux counts private memory that can be written to, used or not, and what was there at
    the fork is in that count.
    """
    if bound:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = pages * resource.getpagesize() + bound
        if most == resource.RLIM_INFINITY or limit < most:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


def _lift_bound() -> None:
    """Lift the limit, so that the failure can be reported."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


class RecordingRenderer:
    """Draws recordings, with what a worker keeps from one to the next."""

    def __init__(self, spec: JobSpec, fragments: Path | None = None, splits: Splits = ()) -> None:
        self._spec = spec
        self._pipeline = Pipeline.of(spec.rendering)
        self._store = spec.open_store(fragments, splits)
        self._clock = StageClock()

    def render(self, item: Item) -> Result | StorageFailed:
        """Draw one recording, whatever it is."""
        self._clock.start()
        answer = self._with_content(item)
        if isinstance(answer, StorageFailed):
            return answer
        return replace(answer, timing=self._clock.stop())

    def _with_content(self, item: Item) -> Result | StorageFailed:
        if not self._spec.rendering.strict:
            return self._answer(item)
        # Before it is read: one that changes in between is found by the next run.
        content = content_sum(item.path)
        answer = self._answer(item)
        if isinstance(answer, StorageFailed):
            return answer
        return replace(answer, recording=answer.recording | {"content": content})

    def _answer(self, item: Item) -> Result | StorageFailed:
        try:
            try:
                return self._render(item)
            except RecordingError:
                raise
            except StoreError:
                raise
            except MemoryError as error:
                raise RecordingError(
                    FailureKind.MEMORY,
                    "there was not enough memory to draw it",
                    "draw part of it with --duration, or give each worker more memory",
                ) from error
            except Exception as error:
                if self._spec.verbose > 1:
                    traceback.print_exc()
                raise RecordingError(
                    FailureKind.INTERNAL,
                    f"{type(error).__name__}: {error}",
                    "this is a mistake in ecgmpi: please report it, with what -vv prints",
                ) from error
        except RecordingError as error:
            if error.kind is FailureKind.MEMORY:
                _lift_bound()
            self._store.discard(item.chunk, item.name)
            return failed(item, error)
        except StoreError as error:
            return StorageFailed(str(error))

    def _render(self, item: Item) -> Result:
        if item.problem:
            raise item.problem
        rendering = self._spec.rendering
        name = item.name.rpartition("/")[2]
        record = self._pipeline.read(item.path, name)
        self._clock.enter(CHECKING)
        drawing = self._pipeline.render(check(record), item)
        self._clock.enter(DRAWING)
        rows: list[Row] = []
        notes = list(drawing.record.notes)
        begun: set[str] = set()
        for rendered in drawing.pictures:
            files = rendered.contents
            series, copy = rendered.series, rendered.copy
            if rendering.signals_once and series not in begun:
                files[SIGNAL] = npy(drawing.record.signal)
                begun.add(series)
            self._clock.enter(WRITING)
            path = self._store.put(item.chunk, item.name, rendered.label, files, series, copy)
            rows.append(rendered.row(path))
            self._clock.enter(DRAWING)
            notes += rendered.picture.notes
        # Many pages have much the same to say.
        notes = list(dict.fromkeys(notes))
        baseline = self._pipeline.options.baseline
        return drawn(item, drawing.record, drawing.limb, rows, baseline, drawing.warnings, notes)
