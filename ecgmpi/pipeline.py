"""The way of one recording, from its path to the files and rows of its pictures.

    read  ->  check  ->  select  ->  draw  ->  encode

A worker of a job, ``ecgmpi show`` and ``ecgmpi inspect`` all take it; what becomes of the
files is up to them. Below the job, this module alone turns the options of a job into what
readers and drawing take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .corpus.item import Item
from .drawing import ENCODINGS, Layout, PageLayout, PagesLayout, Picture, StripLayout
from .drawing.page.trace_selection import times_over
from .drawing.truth.outputs import Outputs
from .ecg.lead_check import check_and_repair
from .ecg.record import Record
from .ecg.signal_quality import lead_facts, signal_warnings
from .geometry import MOST_DURATION_S
from .layouts import ALL, PageSpec
from .options.rendering import Rendering
from .outdir.paths import IMAGES, SHARDS
from .readers import NO_HINTS, ReadHints, read
from .rendered import CheckedRecord, RenderedPicture, RenderedRecording, picture_facts
from .results.columns import Row
from .results.result import recording_facts
from .results.sample import sample_facts, told_labels
from .store import PACKINGS, Splits, StoreSpec
from .store.keys import sample_key
from .wear.opencv import opencv

if TYPE_CHECKING:
    from .wear.truth.outputs import WornOutputs


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How the recordings of a job are read and drawn; made once, by `Pipeline.of`.

    Attributes
    ----------
    rendering
        The options of the job.
    hints
        What they say of files that do not say it themselves.
    layout, options
        What draws, and its own options.
    outputs
        Which files are made of each picture.
    worn
        And of its worn copies, a series each.
    """

    rendering: Rendering
    hints: ReadHints
    layout: Layout
    options: Any
    outputs: Outputs
    worn: tuple[WornOutputs, ...] = ()

    @classmethod
    def of(cls, rendering: Rendering) -> Pipeline:
        """Make the pipeline that the options of a job ask for.

        Raises
        ------
        UsageError
            Options that no file can be read by, or that the layout cannot draw by; or worn copies,
            and OpenCV is not installed.
        """
        if rendering.wear:
            # It would fail at every picture.
            opencv()
        return cls(
            rendering,
            hints_for(rendering),
            *layout_for(rendering),
            outputs_for(rendering),
            worn_outputs_for(rendering),
        )

    def read(self, path: str | Path, name: str | None = None) -> Record:
        """Read a recording; as `ecgmpi.readers.read`, with the job's hints.

        Raises
        ------
        RecordingError
            It cannot be read.
        """
        return read(path, self.hints, name)

    def read_and_check(self, path: str | Path, name: str | None = None) -> CheckedRecord:
        """Read a recording and look at its samples; as `read_and_check`, with the job's hints."""
        return check(self.read(path, name))

    def render(self, checked: CheckedRecord, item: Item | None = None) -> RenderedRecording:
        """Check the limb leads, select what is drawn, and draw it.

        Parameters
        ----------
        checked
            The recording.
        item
            Its entry in the catalogue of the job; None where there is none, as for ``show``.

        Raises
        ------
        RecordingError
            The recording does not have what is to be drawn. Each picture, when it is taken,
            may raise it, too.
        """
        asked = self.rendering
        record, limb = check_and_repair(checked.record, asked.leads, asked.repair_limb)
        whole = record.select(None, asked.start, asked.duration)
        record = self.layout.part(whole, self.options)
        item = item or Item(0, record.name, record.name, record.name)

        def of_recording(notes: Iterable[str]) -> Row:
            baseline = self.options.baseline
            return recording_facts(item, record, limb, baseline, checked.warnings, notes)

        pictures = self._pictures(whole, record, item.name, of_recording, item.labels)
        return RenderedRecording(record, limb, checked.warnings, pictures)

    def _pictures(
        self,
        whole: Record,
        drawn: Record,
        name: str,
        of_recording: Callable[[Iterable[str]], Row],
        labels: Mapping[str, Any],
    ) -> Iterator[RenderedPicture]:
        for drawn_picture in self.layout.pictures(whole, self.options):
            picture = self.outputs.noted(drawn_picture)
            label = "" if self.layout.one_page else picture.page or picture.lead
            shown = self._shown(drawn, picture)
            facts = picture_facts(picture, sample_key(name, label), shown)
            told: Row = told_labels(labels)
            if self.outputs.samples:
                notes = dict.fromkeys([*drawn.notes, *picture.notes])
                told = sample_facts(of_recording(notes), facts, labels)
            if self.rendering.clean:
                yield RenderedPicture(
                    picture, tuple(self.outputs.files_of(picture, told, shown)), label, facts
                )
            for outputs in self.worn:
                yield from self._copies(outputs, picture, label, facts, told, shown, name)

    def _copies(
        self,
        outputs: WornOutputs,
        picture: Picture,
        label: str,
        facts: Row,
        told: Row,
        shown: npt.NDArray[np.float32],
        name: str,
    ) -> Iterator[RenderedPicture]:
        """The worn copies of a picture, one after another."""
        series = outputs.profile.name
        for worn in outputs.copies_of(picture, str(facts["key"])):
            height, width = worn.pixels.shape[:2]
            own: Row = {
                "key": sample_key(name, label, series, worn.copy),
                "width_px": width,
                "height_px": height,
            }
            telling = told | own if self.outputs.samples else told
            files = tuple(outputs.files_of(worn, telling, shown))
            yield RenderedPicture(picture, files, label, facts | own, series, worn.copy)

    def _shown(self, record: Record, picture: Picture) -> npt.NDArray[np.float32]:
        """Give the samples that a picture shows, mV."""
        first = round((picture.start - record.start) * record.rate)
        rows = record[picture.lead] if self.rendering.page is None else record.signal
        return rows[..., first : first + picture.n_samples]


def read_and_check(
    path: str | Path, hints: ReadHints = NO_HINTS, name: str | None = None
) -> CheckedRecord:
    """Read a recording and look at its samples.

    Parameters
    ----------
    path, hints, name
        As `ecgmpi.readers.read` takes them.

    Raises
    ------
    RecordingError
        It cannot be read.
    """
    return check(read(path, hints, name))


def check(record: Record) -> CheckedRecord:
    """Look at the samples of a recording."""
    leads = lead_facts(record)
    return CheckedRecord(record, leads, signal_warnings(record, leads))


def hints_for(rendering: Rendering) -> ReadHints:
    """Give what the options of a job say of files that do not say it themselves.

    Raises
    ------
    UsageError
        A value that makes no sense.
    """
    return ReadHints(
        key=rendering.key,
        rate=rendering.rate,
        units=rendering.units,
        adc_gain=rendering.adc_gain,
        leads=rendering.leads,
        lead_names=rendering.lead_names,
        assume=rendering.assume,
        max_samples=rendering.max_samples,
        identify=rendering.identify,
    )


def layout_for(rendering: Rendering) -> tuple[Layout, Any]:
    """Find the layout that the options of a job ask for, and its own options.

    Raises
    ------
    UsageError
        Options that the layout cannot draw by.
    """
    page = rendering.page
    layout: Layout = StripLayout()
    options: dict[str, Any] = {
        "speed": rendering.speed,
        "gain": rendering.gain,
        "style": rendering.style,
        "leads": rendering.leads,
        "limits": ENCODINGS[rendering.format].limits,
    }
    own = {"dpi": rendering.dpi, "baseline": rendering.baseline}
    if page is not None:
        every = rendering.pages == ALL
        layout = PagesLayout(page) if every else PageLayout(page)
        options |= {
            "cabrera": rendering.cabrera,
            "seconds": None if every else _row_seconds(page, rendering),
            "partial": rendering.duration is not None,
        }
        own |= {"paper": rendering.paper, "columns": rendering.columns}
    options |= {name: value for name, value in own.items() if value is not None}
    return layout, layout.options(**options)


def _row_seconds(page: PageSpec, rendering: Rendering) -> float | None:
    """Length of the rows that show as much as is asked for, s; None where nothing is."""
    if rendering.duration is None:
        return None
    times = times_over(page, rendering.columns, rendering.leads)
    return min(rendering.duration * times, MOST_DURATION_S)


def outputs_for(rendering: Rendering) -> Outputs:
    """Say which files the options of a job make of each picture."""
    return Outputs(
        rendering.format,
        rendering.quality,
        rendering.compression,
        rendering.annotate,
        rendering.mask,
        samples=PACKINGS[rendering.pack].shards,
        signals=rendering.with_signals and not rendering.signals_once,
        masks=rendering.masks or (),
    )


def worn_outputs_for(rendering: Rendering) -> tuple[WornOutputs, ...]:
    """Say which files the options of a job make of worn copies, a series each."""
    if not rendering.wear:
        return ()
    # It knows every effect, for which clean pictures have no use.
    from .wear.truth.outputs import WornOutputs

    return tuple(
        WornOutputs(
            profile=one.profile,
            level=rendering.level,
            seed=rendering.seed or 0,
            copies=one.copies,
            endings=series.endings,
            samples=PACKINGS[rendering.pack].shards,
            compression=rendering.compression,
            masks=rendering.masks or (),
        )
        for one, series in zip(rendering.worn, rendering.worn_series, strict=True)
    )


def store_spec(rendering: Rendering, splits: Splits = (), durable: bool = False) -> StoreSpec:
    """Say what a store knows of a job by its options; `splits` and `durable` are as there."""
    layout, _ = layout_for(rendering)
    return StoreSpec(
        SHARDS if PACKINGS[rendering.pack].shards else IMAGES,
        layout.one_page,
        outputs_for(rendering).endings,
        rendering.signals_once,
        splits,
        durable,
        rendering.worn_series,
    )
