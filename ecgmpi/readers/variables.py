"""Variables and datasets of a file, and which one holds the recording."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ecgmpi.errors import FailureKind, RecordingError

from .wording import printable

DEFAULT_KEYS = ("data", "val", "ECG.data")
"""Names to try for a recording, in this order, if no key is given."""

MATLAB_HELD = {
    "cell": "a cell array",
    "struct": "a struct",
    "object": "an object",
    "opaque": "an object of a class (a table, string or the like)",
    "char": "text",
    "string": "text",
    "logical": "true and false",
    "sparse": "a sparse matrix",
    "function": "a function handle",
    "function_handle": "a function handle",
}
"""Non-numeric class of a MATLAB variable, as scipy or MATLAB 7.3 spell it -> its content."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable or dataset as the header describes it, before its values are read."""

    name: str
    shape: tuple[int, ...]
    kind: str

    def __str__(self) -> str:
        shape = "x".join(map(str, self.shape)) or "scalar"
        return f"{printable(self.name)} ({shape} {self.kind})"


def listing(variables: Sequence[Variable], limit: int = 8) -> str:
    """List the variables of a file in words."""
    if not variables:
        return "no variable at all"
    shown = ", ".join(map(str, variables[:limit]))
    more = len(variables) - limit
    return shown if more <= 0 else f"{shown} and {more} more"


def no_variable(
    key: str | None, variables: Sequence[Variable], most_axes: int = 2
) -> RecordingError:
    """Make the error for a file without `key`, naming the variable that would serve.

    Without a key, the file has none of `DEFAULT_KEYS`, and not exactly one suitable array.
    Arrays of many recordings have three axes.
    """
    likely = max(plausible(variables, most_axes), key=lambda v: math.prod(v.shape), default=None)
    if likely:
        remedy = f"name the variable with --key {printable(likely.name)}"
    elif structs := [v for v in variables if v.kind == "struct"]:
        member = f"{printable(structs[0].name)}.MEMBER"
        remedy = f"name the member that holds leads by samples with --key {member}"
    elif variables:
        remedy = "name an array of leads by samples with --key, or save one"
    else:
        remedy = f"save the samples as a variable named {DEFAULT_KEYS[0]}"
    wanted = f"'{printable(key)}'" if key else " or ".join(f"'{k}'" for k in DEFAULT_KEYS)
    return RecordingError(
        FailureKind.NO_VARIABLE,
        f"no variable {wanted}; the file holds {listing(variables)}",
        remedy,
    )


def plausible(variables: Sequence[Variable], most_axes: int = 2) -> list[Variable]:
    """The variables that could be a recording: real numbers, few axes, enough values."""
    words = ("double", "single", "int", "float")
    return [
        variable
        for variable in variables
        if any(word in variable.kind for word in words)
        and "complex" not in variable.kind
        and "sparse" not in variable.kind
        and 1 <= len(variable.shape) <= most_axes
        and math.prod(variable.shape) >= 100
    ]
