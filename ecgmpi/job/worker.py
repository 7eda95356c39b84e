"""One worker: item -> read -> draw -> encode -> store -> result."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import traceback
import zlib
from multiprocessing.connection import Connection

from ecgmpi.drawing import chosen
from ecgmpi.errors import FailureKind, RecordingError, StoreError
from ecgmpi.facts import lead_facts, oddities
from ecgmpi.limb import settle
from ecgmpi.readers import ReadHints, read
from ecgmpi.store import IMAGES, Store, open_store
from ecgmpi.synth import synthesize

from .brief import Brief, Stop
from .catalogue import Item
from .rows import Result, Row, drawn, failed, lead_range, safe_part


def prepare(brief: Brief) -> None:
    """Load and draw once what all workers share, before they are forked."""
    layout, options = chosen(brief.rendering)
    record = synthesize(seed=0, index=0, duration=1.0)
    for picture in layout.pictures(record, options):
        picture.png()
        break
    # Loaded here once, not in each worker when the first file comes.
    import scipy.io.matlab  # noqa: F401

    gc.collect()
    gc.freeze()


def main(line: Connection, brief: Brief) -> None:
    """The life of a forked worker; never returns."""
    status = 1
    try:
        # Linux: die with the crew, however it dies.
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        desk = Desk(brief)
        while True:
            line.send(desk.render(line.recv()))
    except (EOFError, OSError, KeyboardInterrupt):
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


class Desk:
    """What a worker keeps from one recording to the next."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        rendering = brief.rendering
        self._hints = ReadHints.of(rendering)
        self._layout, self._options = chosen(rendering)
        self._store: Store = open_store(brief.pack, brief.out)

    def render(self, item: Item) -> Result | Stop:
        """Draw one recording, whatever it is."""
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
                if self._brief.verbose > 1:
                    traceback.print_exc()
                raise RecordingError(
                    FailureKind.INTERNAL,
                    f"{type(error).__name__}: {error}",
                    "this is a mistake in ecgmpi: please report it, with what -vv prints",
                ) from error
        except RecordingError as error:
            self._store.discard(item.name, self._brief.in_folder)
            return failed(item, error)
        except StoreError as error:
            return Stop(str(error))

    def _render(self, item: Item) -> Result:
        if item.problem:
            raise RecordingError(
                FailureKind.UNREADABLE, item.problem, "allow reading it, or leave it out"
            )
        rendering = self._brief.rendering
        name = item.name.rpartition("/")[2]
        record = read(item.path, self._hints, name=name)
        problems = oddities(record, lead_facts(record))
        record, limb = settle(record, rendering.leads, rendering.repair_limb)
        whole = record.select(None, rendering.start, rendering.duration)
        record = self._layout.part(whole, self._options)
        rows: list[Row] = []
        notes = list(record.notes)
        for picture in self._layout.pictures(whole, self._options):
            path = f"{IMAGES}/{item.name}.png"
            if self._brief.in_folder:
                path = f"{IMAGES}/{item.name}/{name}_{safe_part(picture.lead)}.png"
            data = picture.png()
            self._store.put(path, data)
            samples = record.signal if self._layout.one_page else record[picture.lead]
            low, high, missing = lead_range(samples)
            notes += picture.notes
            rows.append(
                {
                    "lead": picture.lead,
                    "path": path,
                    "bytes": len(data),
                    "crc32": zlib.crc32(data),
                    "width_px": picture.width,
                    "height_px": picture.height,
                    "px_per_s": picture.scale.px_per_s,
                    "px_per_mv": picture.scale.px_per_mv,
                    "x0_px": picture.origin[0],
                    "y0_px": picture.origin[1],
                    "min_mv": low,
                    "max_mv": high,
                    "nan_samples": missing,
                }
            )
        return drawn(item, record, limb, rows, self._options.baseline, problems, notes)
