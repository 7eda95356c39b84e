"""The numbers of a report are those of the recordings, whoever drew them and when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.ecg.record import Assumption, Record
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.result import Result
from ecgmpi.review.report.choice import MOST_PICKS, RANDOM
from ecgmpi.review.report.findings import Tally
from ecgmpi.review.report.named import MOST_GROUPS, Groups, Named
from ecgmpi.review.report.picks import Pick
from ecgmpi.review.report.tally import MOST_FACTS, tally
from ecgmpi.review.report.values import Counted
from tests.outputs import manifest

from .recordings import CHUNKS, broken, changed, heart, result, write

LAST = 39


def odd() -> dict[int, Record]:
    """The recordings of which something is said; by index."""
    gaps = heart(9).signal.copy()
    gaps[7, 100:300] = np.nan
    return {
        5: changed(heart(5), "V3", 0),
        6: changed(heart(6), "V3", 0),
        9: replace(heart(9), signal=gaps),
        12: changed(heart(12), "aVR", -1),
        13: changed(heart(13), "aVR", -1),
        14: changed(heart(14), "V2", -4),
        17: replace(heart(17), assumed=(Assumption.RATE, Assumption.UNIT)),
        18: replace(heart(18), assumed=(Assumption.UNIT,)),
        21: heart(21, seconds=3.0),
        22: heart(22, rate=250.0),
        25: replace(heart(25), format="wfdb").select(("I", "II")),
        30: replace(heart(30), unused=("rate of 512 Hz; gain 3",), notes=("V7 left out",)),
    }


def results() -> Iterator[Result]:
    """Forty recordings, three of them broken."""
    of = odd()
    for index in range(LAST + 1):
        if index in (2, 3, 33):
            yield broken(index, f"it ends at byte {index}")
        else:
            yield result(index, of.get(index, heart(index)))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    return tally(write(tmp_path_factory.mktemp("journal"), results()), CHUNKS)


def pick(found: Tally, words: str) -> Pick:
    """The one recording that is shown for a reason."""
    (one,) = (one for one in found.picks if any(words in reason for reason in one.reasons))
    return one


def indices(examples: tuple[Named, ...]) -> list[int]:
    return [one.index for one in examples]


def test_what_failed_is_counted_by_class_with_what_to_do(found: Tally) -> None:
    assert (found.recordings, found.drawn, found.failed) == (40, 37, 3)
    (failure,) = found.failures
    assert (failure.kind, failure.count) == ("truncated", 3)
    assert (failure.message, failure.remedy) == ("it ends at byte 2", "copy it again")
    assert failure.examples[0] == Named(2, "a/r002", "a/r002.mat")
    assert indices(failure.examples) == [2, 3, 33]


def test_what_looks_odd_is_counted_by_kind(found: Tally) -> None:
    doubts = {doubt.kind: (doubt.count, indices(doubt.examples)) for doubt in found.doubts}
    assert doubts == {
        "flat lead": (2, [5, 6]),
        "gaps (NaN)": (1, [9]),
        "statement not used": (1, [30]),
    }
    assert found.doubtful == 4
    assert found.doubts[0].example == "flat: V3"


def test_limb_leads_are_counted_by_verdict(found: Tally) -> None:
    verdicts = {
        one.verdict: (one.good, one.count, indices(one.examples)) for one in found.limb_leads
    }
    assert verdicts == {
        "consistent": (True, 34, []),
        "not checked": (True, 1, []),
        "aVR inverted": (False, 2, [12, 13]),
    }
    assert found.faulty_limb_leads == 2


def test_what_was_assumed_is_counted_with_the_option_that_states_it(found: Tally) -> None:
    assumed = {one.fact: (one.count, one.option, indices(one.examples)) for one in found.assumed}
    assert assumed == {
        "unit mV": (2, "--units or --adc-gain", [17, 18]),
        "rate 500 Hz": (1, "--rate", [17]),
    }
    assert (found.assuming, found.assumed_otherwise) == (2, 0)


def test_formats_leads_rates_and_lengths_are_those_of_recordings_that_were_drawn(
    found: Tally,
) -> None:
    assert found.formats.values == (Counted("matlab-5", 36), Counted("wfdb", 1))
    assert found.leads.values[1] == Counted("I II", 1)
    assert found.rates.values == (Counted(500.0, 36), Counted(250.0, 1))
    assert found.seconds.values == (Counted(2.0, 36), Counted(3.0, 1))
    assert found.notes.values == (Counted("V7 left out", 1),)
    assert found.rates.others == 0


def test_each_recording_lies_in_one_bin(found: Tally) -> None:
    for distribution in (found.amplitude, found.amplitude_range, found.length, found.size):
        assert sum(distribution.counts) == 37
        assert len(distribution.counts) == len(distribution.edges) + 1
    length = dict(zip((0.0, *found.length.edges), found.length.counts, strict=True))
    # An edge belongs to the bin that begins there.
    assert (length[1.6], length[2.5]) == (36, 1)
    assert (found.length.least, found.length.most) == (2.0, 3.0)
    deep = -float(changed(heart(14), "V2", -4)["V2"].min())
    tall = float(changed(heart(14), "V2", -4)["V2"].max())
    assert found.amplitude.most == pytest.approx(max(deep, tall), rel=1e-5)


def test_the_most_extreme_recordings_are_shown_by_the_lead_that_is(found: Tally) -> None:
    largest = pick(found, "highest sample")
    assert (largest.index, largest.pictures) == (14, 12)
    assert largest.picture
    assert (largest.picture.lead, largest.picture.path) == ("V2", "images/a/r014/V2.png")
    assert found.amplitude.most == largest.picture.max_mv
    gaps = pick(found, "most gaps, 200 samples")
    assert gaps.picture
    assert (gaps.index, gaps.picture.lead) == (9, "V2")
    assert pick(found, "longest, 3 s").index == 21
    assert pick(found, "lowest rate, 250 Hz").index == 22


def test_one_of_each_kind_is_shown_by_a_lead_that_it_names(found: Tally) -> None:
    shown = {
        words: pick(found, words)
        for words in ("flat: V3", "limb leads: aVR inverted", "assumed unit mV")
    }
    assert [one.index for one in shown.values()] == [5, 12, 17]
    assert [one.picture.lead for one in shown.values() if one.picture] == ["V3", "aVR", "II"]


def test_the_first_and_some_at_random_are_shown_but_none_that_failed(found: Tally) -> None:
    first = [one.index for one in found.picks if "among the first" in one.reasons]
    assert first == [0, 1]
    random = [one.index for one in found.picks if "at random" in one.reasons]
    assert len(random) == RANDOM
    assert not {2, 3, 33} & {one.index for one in found.picks}
    assert len(found.picks) <= MOST_PICKS
    assert len({one.index for one in found.picks}) == len(found.picks)


def test_the_order_in_which_chunks_were_done_changes_nothing(tmp_path: Path, found: Tally) -> None:
    assert tally(write(tmp_path, results(), backwards=True), CHUNKS) == found


def test_it_becomes_json_without_nan(found: Tally) -> None:
    text = json.dumps(asdict(found), allow_nan=False)
    assert json.loads(text)["failures"][0]["examples"][0]["name"] == "a/r002"


def test_a_job_that_has_done_nothing_or_only_failed_has_numbers(tmp_path: Path) -> None:
    none = tally(JournalIndex(tmp_path / "none", 3), CHUNKS)
    assert (none.recordings, none.picks, none.amplitude.least) == (0, (), None)
    failed = tally(write(tmp_path / "failed", [broken(0), broken(1)]), CHUNKS)
    assert (failed.failed, failed.picks, failed.rates.values) == (2, (), ())
    json.dumps([asdict(none), asdict(failed)], allow_nan=False)


def test_a_recording_with_gaps_alone_where_it_was_drawn_has_no_amplitude(tmp_path: Path) -> None:
    signal = heart().signal.copy()
    signal[:, 250:] = np.nan
    record = replace(heart(), signal=signal)
    found = tally(write(tmp_path, [result(0, record, start=0.5)]), CHUNKS)
    assert (sum(found.amplitude.counts), sum(found.length.counts)) == (0, 1)
    (one,) = found.picks
    assert one.picture
    assert (one.picture.min_mv, one.picture.max_mv) == (None, None)


def test_a_page_is_shown_whole(tmp_path: Path) -> None:
    found = tally(write(tmp_path, [result(0, odd()[5], page=True)]), CHUNKS)
    (one,) = found.picks
    assert one.picture
    assert (one.pictures, one.picture.lead) == (1, " ".join(heart().leads))


def test_many_rates_and_facts_are_told_as_others(tmp_path: Path) -> None:
    def at(index: int) -> Record:
        return replace(heart(), rate=400.0 + index, assumed=(Assumption.RATE,))

    found = tally(write(tmp_path, [result(index, at(index)) for index in range(20)]), CHUNKS)
    assert len(found.assumed) == MOST_FACTS
    assert found.assumed_otherwise == 20 - MOST_FACTS
    assert len(found.rates.values) + found.rates.others == 20


def test_groups_beyond_the_most_are_counted_together() -> None:
    groups: Groups[str, str] = Groups(lambda value: {value: value}, most_named=2)
    values = [f"kind {n % (MOST_GROUPS + 5)}" for n in range(3 * (MOST_GROUPS + 5))]
    groups.add(values, lambda place: Named(place, str(place), ""))
    assert groups.members == len(values)
    assert (len(groups.by_count()), groups.others) == (MOST_GROUPS, 15)
    assert [len(group.examples) for group in groups.by_count()] == [2] * MOST_GROUPS


def test_the_numbers_of_a_real_job_are_those_of_its_manifest(files_out: Path) -> None:
    paths = JobPaths(files_out)
    with closing(Catalogue.open(paths.catalogue)) as catalogue:
        found = tally(JournalIndex(paths.journals, catalogue.n_chunks), catalogue.chunks)
    rows = manifest(files_out)
    assert found.recordings == len(rows) == 7
    assert found.bytes == sum(int(row["bytes"]) for row in rows)
    assert found.failures[0].message == next(row["message"] for row in rows if row["class"])
    for one in found.picks:
        assert rows[one.index]["name"] == one.name
        assert one.picture
        assert (files_out / one.picture.path).is_file()
