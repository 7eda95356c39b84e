"""Optional libraries: imported when a file needs one, and named if one is missing."""

from __future__ import annotations

import warnings
from importlib import import_module
from types import ModuleType

from ecgmpi.errors import FailureKind, RecordingError


def need(module: str, extra: str, what: str) -> ModuleType:
    """Import an optional library.

    Parameters
    ----------
    module
        What to import.
    extra
        The extra of this package that installs it.
    what
        What it is needed for, such as ``an EDF file``.

    Raises
    ------
    RecordingError
        It is not installed.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            return import_module(module)
    except ImportError as error:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"{what} needs the library {module.partition('.')[0]}, which is not installed",
            f"pip install 'ecgmpi[{extra}]'",
        ) from error
