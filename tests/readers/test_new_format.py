"""A format that the program does not know is one module and one line in the registry."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.copied import CopiedPackage
from tests.outputs import manifest, pictures

READER = '''
"""TOY1: a line of rate and lead names, then int16 microvolts, sample by sample."""

from __future__ import annotations

import numpy as np

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError

from .hints import ReadHints
from .source import Source


def load(source: Source, hints: ReadHints) -> Record:
    """Read a recording."""
    line, _, _ = source.head.partition(b"\\n")
    _, rate, *leads = line.decode().split()
    start = len(line) + 1
    data = np.frombuffer(source.at(start, source.size - start), "<i2")
    if not data.size or data.size % len(leads):
        raise RecordingError(FailureKind.CORRUPT, "it ends early", "copy the file again")
    signal = data.reshape(-1, len(leads)).T.astype(np.float32) / 1000
    return Record(source.name, signal, float(rate), tuple(leads), format="toy")
'''
LINE = '    Format("toy", frozenset({".toy"}), lambda head: head.startswith(b"TOY1 "), "toy"),'


def test_a_new_format_is_found_read_and_drawn(tmp_path: Path) -> None:
    package = CopiedPackage(tmp_path)
    package.add_module("readers/toy.py", READER)
    package.add_line("readers/registry.py", '    Format("csv"', LINE)
    corpus = tmp_path / "in"
    corpus.mkdir()
    beats = np.round(1000 * np.sin(np.arange(1000) / 25)).astype("<i2")
    samples = np.stack([beats, beats // 2], axis=1).tobytes()
    (corpus / "good.toy").write_bytes(b"TOY1 250 II V1\n" + samples)
    (corpus / "torn.toy").write_bytes(b"TOY1 250 II V1\n" + samples[:-2])
    assert "rate     250 Hz" in package.run("inspect", corpus / "good.toy").expect(0).out
    out = tmp_path / "out"
    package.run("render", corpus, "-o", out, "--workers", "1").expect(3)
    good, torn = manifest(out)
    assert (good["format"], good["leads"], good["max_mv"]) == ("toy", "II V1", "1")
    assert (torn["status"], torn["message"]) == ("failed", "it ends early")
    assert pictures(out) == ["images/good/good_II.png", "images/good/good_V1.png"]
