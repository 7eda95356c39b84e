"""ECG recordings into exact pictures, one or millions.

>>> import ecgmpi
>>> " ".join(name for name in ecgmpi.__all__ if name.islower())
'collate dataset draw read render unwarp worn'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import render
    from .datasets.collate import collate
    from .datasets.dataset import Dataset, dataset
    from .drawing import Picture, draw
    from .ecg.record import Record
    from .job.summary import Summary
    from .layouts import PageSpec
    from .readers import read
    from .themes import Style
    from .wear.copies import WornCopy, worn
    from .wear.unwarp import unwarp

__all__ = [
    "Dataset",
    "PageSpec",
    "Picture",
    "Record",
    "Style",
    "Summary",
    "WornCopy",
    "collate",
    "dataset",
    "draw",
    "read",
    "render",
    "unwarp",
    "worn",
]

_HOMES = {
    "Dataset": "datasets.dataset",
    "PageSpec": "layouts",
    "Picture": "drawing",
    "Record": "ecg.record",
    "Style": "themes",
    "Summary": "job.summary",
    "WornCopy": "wear.copies",
    "collate": "datasets.collate",
    "dataset": "datasets.dataset",
    "draw": "drawing",
    "read": "readers",
    "render": "api",
    "unwarp": "wear.unwarp",
    "worn": "wear.copies",
}


def __getattr__(name: str) -> Any:
    # Each is loaded when it is asked for: a rank of a job never needs matplotlib or scipy.
    if name not in _HOMES:
        raise AttributeError(f"module 'ecgmpi' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    # So that all that can be had is offered before it is loaded.
    return sorted({*globals(), *__all__})
