"""What a report counts: one pass over the recordings that are done, in bounded memory.

It reads the journals, so it counts alike whether the job runs, was killed or is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, compress, zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.corpus.chunks import Chunks
from ecgmpi.ecg.assumptions import assumptions, option_for
from ecgmpi.ecg.limb_leads import SWAPPED, LimbCheck
from ecgmpi.ecg.signal_quality import warnings_by_kind
from ecgmpi.results.journal_index import JournalIndex

from .batches import Batch, batches
from .choice import NAMED, Chooser, Reason
from .findings import Assumed, Doubt, Failure, Tally, Verdict
from .named import Group, Groups, Named
from .picks import picks
from .values import FIFTHS, TENTHS, Histogram, ValueCounts, edges

MOST_FACTS = 12
"""Assumptions that are told apart: there is one for each rate that was assumed."""

_MOST_VERDICTS_NAMED = 20


def tally(
    journals: JournalIndex, chunks: Chunks, check: Callable[[], None] = lambda: None
) -> Tally:
    """Count over all recordings that are done.

    Parameters
    ----------
    journals
        What is done.
    chunks
        Those of the catalogue.
    check
        Called now and then.

    Raises
    ------
    OSError
        A journal cannot be read.
    """
    counting = _Counting()
    for batch in batches(journals, chunks):
        check()
        counting.add(batch)
    return counting.result(journals, chunks)


class _Counting:
    """The sums of one pass."""

    def __init__(self) -> None:
        self._recordings = self._drawn = self._pictures = self._bytes = 0
        self._failures = Groups(_failure)
        self._doubts = Groups(_doubts)
        self._verdicts = Groups(_verdict, _MOST_VERDICTS_NAMED)
        self._assumed = Groups(_assumed)
        self._notes: ValueCounts[str] = ValueCounts()
        self._formats: ValueCounts[bytes] = ValueCounts()
        self._leads: ValueCounts[bytes] = ValueCounts()
        self._rates: ValueCounts[float] = ValueCounts()
        self._seconds: ValueCounts[float] = ValueCounts()
        self._amplitude = Histogram("mV", edges(-2, 2, TENTHS))
        self._range = Histogram("mV", edges(-2, 2, TENTHS))
        self._length = Histogram("s", edges(-1, 5, FIFTHS))
        self._size = Histogram("bytes", edges(3, 9, FIFTHS))
        self._chooser = Chooser()

    def add(self, batch: Batch) -> None:
        texts, numbers, drawn = batch.texts, batch.numbers, batch.drawn
        self._recordings += len(batch.index)
        self._drawn += int(drawn.sum())
        self._pictures += int(numbers["pictures"].sum())
        self._bytes += int(numbers["bytes"].sum())
        why = list(zip(texts["class"], texts["message"], texts["remedy"], strict=True))
        self._failures.add(why, batch.named)
        self._doubts.add(texts["problems"], batch.named)
        self._verdicts.add(texts["limb_leads"], batch.named)
        rates = numbers["rate_hz"].tolist()
        self._assumed.add(list(zip(texts["assumed"], rates, strict=True)), batch.named)
        self._notes.add(chain.from_iterable(map(_notes, texts["notes"])))
        self._formats.add(compress(texts["format"], drawn))
        self._leads.add(compress(texts["leads"], drawn))
        self._measure(batch)

    def _measure(self, batch: Batch) -> None:
        numbers, drawn = batch.numbers, batch.drawn
        rates = np.where(drawn, numbers["rate_hz"], np.nan)
        seconds: npt.NDArray[np.float64] = numbers["samples"] / rates
        self._rates.add(rates[drawn].tolist())
        self._seconds.add(np.round(seconds[drawn], 3).tolist())
        low, high = (numbers[name][drawn] for name in ("min_mv", "max_mv"))
        self._amplitude.add(np.maximum(-low, high))
        self._range.add(high - low)
        self._length.add(seconds)
        self._size.add(numbers["bytes"][drawn].astype(float))
        self._chooser.add(batch, seconds)

    def result(self, journals: JournalIndex, chunks: Chunks) -> Tally:
        verdicts = [
            Verdict(group.kind, group.said, group.count, _named(group, not group.said))
            for group in self._verdicts.by_count()
        ]
        facts = self._assumed.by_count()
        chosen = self._chooser.chosen(self._flagged())
        return Tally(
            self._recordings,
            self._drawn,
            self._recordings - self._drawn,
            self._pictures,
            self._bytes,
            failures=tuple(
                Failure(group.kind, group.count, *group.said, _named(group))
                for group in self._failures.by_count()
            ),
            doubts=tuple(
                Doubt(group.kind, group.count, group.said, _named(group))
                for group in self._doubts.by_count()
            ),
            doubtful=self._doubts.members,
            limb_leads=tuple(verdicts),
            faulty_limb_leads=self._verdicts.others
            + sum(verdict.count for verdict in verdicts if not verdict.good),
            assumed=tuple(
                Assumed(group.kind, option_for(group.kind), group.count, _named(group))
                for group in facts[:MOST_FACTS]
            ),
            assumed_otherwise=self._assumed.others + sum(of.count for of in facts[MOST_FACTS:]),
            assuming=self._assumed.members,
            notes=self._notes.most(8),
            formats=self._formats.most(12),
            leads=self._leads.most(8),
            rates=self._rates.most(12),
            seconds=self._seconds.most(12),
            amplitude=self._amplitude.distribution,
            amplitude_range=self._range.distribution,
            length=self._length.distribution,
            size=self._size.distribution,
            picks=picks(journals, chunks, chosen),
        )

    def _flagged(self) -> Iterator[tuple[int, Reason]]:
        """The first recording of each kind that looks odd: of each sort in turn."""
        verdicts = [
            (group, f"limb leads: {group.kind}{', seen in I' if group.kind == SWAPPED else ''}")
            for group in self._verdicts.by_count()
            if not group.said
        ]
        doubts = [(group, group.said) for group in self._doubts.by_count()]
        assumed = [(group, f"assumed {group.kind}") for group in self._assumed.by_count()]
        for turn in zip_longest(verdicts, doubts, assumed):
            for group, words in filter(None, turn):
                yield group.examples[0].index, Reason(words, NAMED)


def _named(group: Group[Any], named: bool = True) -> tuple[Named, ...]:
    return tuple(group.examples) if named else ()


@lru_cache(1024)
def _failure(why: tuple[bytes, bytes, bytes]) -> dict[str, tuple[str, str]]:
    kind, message, remedy = (text.decode() for text in why)
    return {kind: (message, remedy)} if kind else {}


@lru_cache(1024)
def _doubts(problems: bytes) -> dict[str, str]:
    return warnings_by_kind(problems.decode())


@lru_cache(1024)
def _verdict(verdict: bytes) -> dict[str, bool]:
    """The verdict -> whether it is good."""
    text = verdict.decode()
    return {text: LimbCheck(text).good} if text else {}


@lru_cache(1024)
def _assumed(row: tuple[bytes, float]) -> dict[str, str]:
    assumed, rate = row
    return {fact: fact for fact in assumptions(assumed.decode().split(), rate)}


@lru_cache(1024)
def _notes(notes: bytes) -> list[str]:
    return notes.decode().split("; ") if notes else []
