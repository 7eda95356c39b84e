"""Decode pictures of an OUT back to signals, and compare them with the recordings."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError
from ecgmpi.picture_formats import ANNOTATION, ANNOTATION_KEY
from ecgmpi.pipeline import Pipeline
from ecgmpi.results.finished import Table
from ecgmpi.store import PACKINGS
from ecgmpi.store.reading import PictureReader

from .problems import Checked, DecodedLead
from .roundtrip.bounds import OF_RANGE, bounds_of, rms_error
from .roundtrip.crossing import line_of, touches_another
from .roundtrip.ink import by_centroid, heights, ink_of
from .tasks import DecodeTask, Setting


class Decoder:
    """Decodes pictures.

    Parameters
    ----------
    setting
        What is known of the OUT; with the options of its job.
    pictures, reader
        The rows of its pictures, and what reads their files.
    """

    def __init__(self, setting: Setting, pictures: Table, reader: PictureReader) -> None:
        assert setting.rendering is not None
        self._pipeline = Pipeline.of(setting.rendering.unworn)
        self._in_a_sample = PACKINGS[setting.pack].shards
        self._pictures = pictures
        self._reader = reader

    def decode(self, task: DecodeTask, checked: Checked) -> None:
        """Decode one picture, and note how well its leads come back.

        Raises
        ------
        JobError
            The manifest is damaged.
        """
        rows = self._pictures.lists(task.row, task.row + 1, "path", "key")
        ((path,), (key,)) = rows["path"], rows["key"]
        try:
            said = json.loads(self._reader.read(path, key, ANNOTATION))
            said = said[ANNOTATION_KEY] if self._in_a_sample else said
            ink = ink_of(self._reader.read(path, key), said)
        except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
            checked.undecoded.append((key, f"its files cannot be read: {error}"))
            return
        try:
            name = task.item.name.rpartition("/")[2]
            whole = self._pipeline.read_and_check(task.item.path, name)
            record = self._pipeline.render(whole, task.item).record
        except RecordingError as error:
            checked.undecoded.append((key, f"its recording cannot be read again: {error}"))
            return
        self._compare(key, said, ink, record, checked)

    def _compare(
        self,
        key: str,
        said: dict[str, Any],
        ink: npt.NDArray[np.float64],
        record: Record,
        checked: Checked,
    ) -> None:
        """Compare every lead of a picture with its recording."""
        median, worst = bounds_of(said)
        leads = said["leads"]
        true = [_samples(lead, record) for lead in leads]
        lines = [
            line_of(heights(samples, lead, said), lead, said)
            for samples, lead in zip(true, leads, strict=True)
        ]
        for number, (samples, lead) in enumerate(zip(true, leads, strict=True)):
            if np.isnan(samples).all():
                continue
            if touches_another(lines, number):
                checked.crossing += 1
                continue
            try:
                found = by_centroid(ink, lead, said)
                error = rms_error(found, samples)
            except ValueError as fault:
                checked.undecoded.append((key, str(fault)))
                continue
            allowed = worst + OF_RANGE * 1e3 * float(np.ptp(samples[~np.isnan(samples)]))
            checked.decoded.append(DecodedLead(key, lead["lead"], error, median, allowed))


def _samples(lead: dict[str, Any], record: Record) -> npt.NDArray[np.float64]:
    """The samples of a lead that a trace shows, mV."""
    # The annotation counts from the beginning of the file.
    before = round(record.start * record.rate)
    samples = record[lead["lead"]][lead["start_sample"] - before : lead["end_sample"] - before]
    return samples.astype(np.float64)
