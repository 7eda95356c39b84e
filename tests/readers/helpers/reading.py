"""Bytes into a file, and the file read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError
from ecgmpi.readers import ReadHints, read
from tests.readers.helpers.device_files import Counts


def wave(n_leads: int = 3, n_samples: int = 400) -> Counts:
    rng = np.random.default_rng(n_leads)
    return np.cumsum(rng.integers(-40, 41, (n_leads, n_samples)), axis=1).astype(np.int16)


def read_as(name: str, content: bytes, folder: Path, hints: ReadHints | None = None) -> Record:
    path = folder / name
    path.write_bytes(content)
    return read(path, hints or ReadHints())


def refusal(name: str, content: bytes, folder: Path) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read_as(name, content, folder)
    assert caught.value.message.isprintable()
    return caught.value
