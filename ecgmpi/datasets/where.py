"""A condition on columns of the manifest, such as ``limb_leads == 'consistent'``.

It is written as in Python, and parsed, never run. Python itself decides how operators bind.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError
from ecgmpi.names import readable

Mask = npt.NDArray[np.bool_]

TEXT, NUMBER, TRUTH = "text", "a number", "true or false"
"""What a column may be."""

ALLOWED = (
    "names of columns, numbers, 'text', True, False, == != < <= > >=, in (...), not in (...), "
    "and, or, not"
)

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_MOST_WHOLE = 2**63
_BEYOND = 10**308
_BY_SUBSET = "compare data.table[{!r}], and give that to data.subset"


def kind_of(dtype: np.dtype[Any]) -> str:
    """What a column of this type is: `TEXT`, `NUMBER` or `TRUTH`."""
    return {"S": TEXT, "b": TRUTH}.get(dtype.kind, NUMBER)


@dataclass(frozen=True, slots=True)
class Where:
    """A condition that was found to make sense; made by `parse`.

    Attributes
    ----------
    names
        The columns that it needs.
    """

    _tree: ast.expr
    names: tuple[str, ...]

    def mask(self, columns: Mapping[str, npt.NDArray[Any]], n_rows: int) -> Mask:
        """Say of each row whether it meets the condition.

        Parameters
        ----------
        columns
            Values of the named columns, each of shape (n_rows,): text as UTF-8 bytes. NaN is
            unequal to every number, and neither below nor above one.
        n_rows
            How many rows there are.

        Returns
        -------
        ndarray
            bool, shape (n_rows,).
        """
        comparable = {name: _comparable(columns[name]) for name in self.names}
        return np.array(np.broadcast_to(_truth(self._tree, comparable), n_rows), np.bool_)


def parse(text: str, kinds: Mapping[str, str]) -> Where:
    """Read a condition.

    Parameters
    ----------
    text
        The condition.
    kinds
        What each column is, by its name.

    Raises
    ------
    UsageError
        It is no condition, has something in it that is not allowed, names a column that is not
        there, or compares text with numbers.
    """
    if not isinstance(text, str):
        raise UsageError(f"where is {text!r}: give a condition as text, such as 'rate_hz == 500'")
    checker = _Checker(text, kinds)
    return Where(checker.tree, tuple(dict.fromkeys(checker.names)))


class _Checker:
    """Checks a condition part by part; the first fault is raised with its place."""

    def __init__(self, text: str, kinds: Mapping[str, str]) -> None:
        self._text = text
        self._kinds = kinds
        self.names: list[str] = []
        try:
            # In parentheses it may begin with spaces and have several lines.
            self.tree = ast.parse(f"({text}\n)", mode="eval").body
            self._condition(self.tree)
            if self.tree.lineno == 1 and self.tree.col_offset == 0:
                raise self._fault("its parentheses do not match")
        except (RecursionError, MemoryError) as error:
            raise self._fault("it cannot be read: it is nested too deep") from error
        except (SyntaxError, ValueError) as error:
            # Until Python 3.11.4 a null character was a ValueError.
            why = error.msg if isinstance(error, SyntaxError) else error
            odd = [name for name in kinds if name in text and not _is_word(name)]
            more = f"; {odd[0]} is no plain word: {_BY_SUBSET.format(odd[0])}" if odd else ""
            raise self._fault(f"it does not read as a condition ({why}){more}") from error

    def _condition(self, node: ast.expr) -> None:
        """Check what must be true or false."""
        match node:
            case ast.BoolOp():
                for value in node.values:
                    self._condition(value)
            case ast.UnaryOp(op=ast.Not()):
                self._condition(node.operand)
            case ast.Compare():
                self._comparison(node)
            case _:
                kind = self._value(node)
                if kind != TRUTH:
                    raise self._refused(node, f"is {kind}, no condition: compare it with something")

    def _comparison(self, node: ast.Compare) -> None:
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(sign, ast.In | ast.NotIn):
                if not isinstance(right, ast.Tuple | ast.List):
                    raise self._refused(
                        right, "stands after in: give values in parentheses, ('a', 'b')"
                    )
                self._value(left)
                for one in right.elts:
                    if not isinstance(_number_under(one), ast.Constant):
                        raise self._refused(one, "is no plain value, and only those may be listed")
                    self._alike(left, one)
            elif type(sign) in _COMPARISONS:
                self._alike(left, right)
            else:
                raise self._refused(node, "compares by is: write == or !=")
            left = right

    def _alike(self, left: ast.expr, right: ast.expr) -> None:
        one, other = self._value(left), self._value(right)
        if (one == TEXT) != (other == TEXT):
            raise self._refused(right, f"is {other}, and {self._said(left)} is {one}")

    def _value(self, node: ast.expr) -> str:
        """Check what is compared, and say what it is."""
        match node:
            case ast.Name(id=name):
                if name not in self._kinds:
                    near = difflib.get_close_matches(name, self._kinds, 1)
                    mend = f"did you mean {near[0]}?" if near else f"there are {self._columns}"
                    raise self._refused(node, f"is no column; {mend}")
                self.names.append(name)
                return self._kinds[name]
            case ast.Constant(value=bool()):
                return TRUTH
            case ast.Constant(value=int() as whole) if whole >= _BEYOND:
                raise self._refused(node, "is larger than any number of a manifest")
            case ast.Constant(value=int() | float()):
                return NUMBER
            case ast.Constant(value=str() as text):
                if "\0" in text or (not text.isascii() and readable(text) != text):
                    raise self._refused(node, "has characters that no text of a manifest has")
                return TEXT
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()) if _is_number(node.operand):
                return self._value(node.operand)
            case _:
                raise self._refused(node, f"is not allowed; allowed are {ALLOWED}")

    @property
    def _columns(self) -> str:
        return ", ".join(self._kinds)

    def _said(self, node: ast.expr) -> str:
        return " ".join(ast.unparse(node).split())

    def _refused(self, node: ast.expr, why: str) -> UsageError:
        lines = f"({self._text}\n)".encode().split(b"\n")
        before = b"\n".join([*lines[: node.lineno - 1], lines[node.lineno - 1][: node.col_offset]])
        place = len(before.decode("utf-8", "replace"))
        return self._fault(f"at character {max(1, place)}, {self._said(node)} {why}")

    def _fault(self, what: str) -> UsageError:
        return UsageError(f"where={self._text!r}: {what}")


def _is_word(name: str) -> bool:
    """Whether a column can be named in a condition."""
    return name.isidentifier() and not keyword.iskeyword(name)


def _is_number(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    )


def _number_under(node: ast.expr) -> ast.expr:
    """The number behind a sign; anything else as it is."""
    return node.operand if isinstance(node, ast.UnaryOp) and _is_number(node.operand) else node


def _truth(node: ast.expr, columns: Mapping[str, Any]) -> Any:
    match node:
        case ast.BoolOp(op=ast.And()):
            return _all([_truth(value, columns) for value in node.values])
        case ast.BoolOp():
            return np.logical_or.reduce(
                np.broadcast_arrays(*(_truth(value, columns) for value in node.values))
            )
        case ast.UnaryOp(op=ast.Not()):
            return np.logical_not(_truth(node.operand, columns))
        case ast.Compare():
            found, left = [], node.left
            for sign, right in zip(node.ops, node.comparators, strict=True):
                found.append(_compared(left, sign, right, columns))
                left = right
            return _all(found)
        case _:
            return np.asarray(_operand(node, columns)) != 0


def _all(found: list[Any]) -> Any:
    return np.logical_and.reduce(np.broadcast_arrays(*found))


def _compared(left: ast.expr, sign: ast.cmpop, right: ast.expr, columns: Mapping[str, Any]) -> Any:
    one = _operand(left, columns)
    if isinstance(right, ast.Tuple | ast.List):
        values = [_operand(value, columns) for value in right.elts]
        inside = np.isin(one, np.array(values)) if values else np.zeros(np.shape(one), np.bool_)
        return inside if isinstance(sign, ast.In) else np.logical_not(inside)
    return _COMPARISONS[type(sign)](one, _operand(right, columns))


def _operand(node: ast.expr, columns: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            return columns[name]
        case ast.UnaryOp(op=ast.USub()):
            return -_operand(node.operand, columns)
        case ast.UnaryOp():
            return _operand(node.operand, columns)
        case ast.Constant(value=str() as text):
            return np.bytes_(text.encode())
        case ast.Constant(value=bool() as truth):
            return int(truth)
        case ast.Constant(value=int() as whole) if whole >= _MOST_WHOLE:
            return float(whole)
        case ast.Constant(value=value):
            return value
        case _:
            raise AssertionError(ast.dump(node))


def _comparable(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Values in a type in which Python's numbers compare with them as they are."""
    if values.dtype.kind == "S":
        return values
    return values.astype(np.float64 if values.dtype.kind == "f" else np.int64)
