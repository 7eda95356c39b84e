"""Samples of a data set to one batch: arrays stacked, those of different sizes padded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError
from ecgmpi.picture_formats import CROSSINGS, HIDDEN, MAP, MASK, MASKS, POINTS, SIGNAL

from .fields import IMAGE, INDICES, LABELS
from .samples import OUTSIDE, STATE, VISIBLE, Sample

Batch = dict[str, Any]
"""The fields of some samples by their names, and the sizes of those that may be padded."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Padding:
    """How the arrays of a field come to one size: by values behind their last ones.

    Attributes
    ----------
    sizes
        How many of the axes, from the first, may differ.
    rest
        The lengths of the others.
    fill
        What is put there; None for what stands in the upper left corner.
    """

    sizes: int
    rest: tuple[int, ...] = ()
    fill: float | None = None

    def fits(self, arrays: Sequence[Array]) -> bool:
        """Whether the arrays are as a data set gives them, and not made into something else."""
        ndim = self.sizes + len(self.rest)
        kinds = "f" if self.fill is not None and np.isnan(self.fill) else "buif"
        return all(
            one.ndim == ndim and one.shape[self.sizes :] == self.rest and one.dtype.kind in kinds
            for one in arrays
        )

    def stacked(self, arrays: Sequence[Array]) -> tuple[Array, npt.NDArray[np.int64]]:
        """Stack the arrays; also what each has of the axes that may differ."""
        sizes = np.array([one.shape[: self.sizes] for one in arrays], np.int64)
        if (sizes == sizes[0]).all():
            return np.stack(arrays), self._told(sizes)
        shape = (len(arrays), *sizes.max(axis=0).tolist(), *self.rest)
        batch = np.empty(shape, np.result_type(*arrays))
        for place, one in zip(batch, arrays, strict=True):
            corner = one[(0,) * self.sizes] if one.size else 0
            held = tuple(map(slice, one.shape[: self.sizes]))
            place[held] = one
            # Whole rows are copied faster than pixels.
            row = np.empty(shape[2:], batch.dtype)
            row[...] = corner if self.fill is None else self.fill
            place[one.shape[0] :] = row
            if self.sizes > 1:
                place[held[0], one.shape[1] :] = row[one.shape[1] :]
        return batch, self._told(sizes)

    def _told(self, sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return sizes[:, 0].copy() if self.sizes == 1 else sizes


_PADDED = {
    IMAGE: _Padding(2, (3,)),
    INDICES: _Padding(2),
    **dict.fromkeys((MASK, *MASKS, HIDDEN), _Padding(2, fill=0)),
    POINTS: _Padding(1, (2,), np.nan),
    VISIBLE: _Padding(1, fill=False),
    STATE: _Padding(1, fill=OUTSIDE),
    SIGNAL: _Padding(2, fill=np.nan),
}
"""The fields whose arrays may be padded. The corner of a picture is bare paper."""

_SIZES_STATED_BY = {VISIBLE: POINTS, STATE: POINTS}
"""Fields that are padded as another is, whose sizes hold for both."""


def collate(samples: Iterable[Sample]) -> Batch:
    """Make one batch of some samples of a data set, of numpy arrays.

    It is what the ``DataLoader`` of torch takes as its ``collate_fn``, with
    ``torch.utils.data.default_convert`` behind it, which makes tensors of the arrays. torch is
    not imported.

    Parameters
    ----------
    samples
        At least one, such as a slice of a `Dataset`; all have the same fields. Fields that a
        `Dataset` does not make are allowed.

    Returns
    -------
    dict
        Each field of the samples, n of them:

        ``image``, ``indices``, ``mask``, ``bits``, ``grid``, ``text``, ``hidden``
            The same dtype, (n, height, width, ...), as high as the highest and as wide as the
            widest. A smaller picture lies in the upper left corner, so its points stay where
            they are. What is added on the right and below is paper (in masks, 0).
        ``points``
            float32, (n, n_points, 2); what is added at the end is NaN, False in ``visible``, and
            outside in ``state``.
        ``signal``
            float32, (n, n_leads, n_samples); what is added is NaN.
        ``labels``
            dict: of each column an array of its n numbers or bools, or a list of its n texts.
        others
            Arrays of one shape are stacked, numbers and bools are an array, and anything else,
            such as ``key``, ``recording``, ``lead`` and ``annotation``, is a list; ``map``
            and ``crossings``, too, as pictures of other sizes have others.

        With each of these and ``signal`` comes its size (``image_size``
        and so on), int64, (n, 2): the height and width, or leads and samples, of each sample
        before it was padded; with ``points``, ``points_size``, int64, (n,). They are there whether
        or not anything was padded. Arrays are contiguous and may be written to.

    Raises
    ------
    UsageError
        There are no samples, they have different fields or labels, or arrays of another field,
        or of pictures that were made into something else, have different shapes.
    """
    # A data set reads a sample each time that it is asked for one.
    held = list(samples)
    if not held:
        raise UsageError("collate: there are no samples; give it at least one")
    batch: Batch = {}
    for field in _common("fields", held):
        values = [sample[field] for sample in held]
        padding = _PADDED.get(field)
        if padding and _are_arrays(values) and padding.fits(values):
            batch[field], sizes = padding.stacked(values)
            if field not in _SIZES_STATED_BY:
                batch[f"{field}_size"] = sizes
        elif field == LABELS:
            names = _common(LABELS, values)
            batch[LABELS] = {name: _joined(name, [one[name] for one in values]) for name in names}
        else:
            batch[field] = values if field in (MAP, CROSSINGS) else _joined(field, values)
    return batch


def _common(what: str, of: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names that each mapping has; raises UsageError where one has others."""
    first = of[0].keys()
    for number, one in enumerate(of):
        if one.keys() != first:
            odd = ", ".join(sorted(map(str, one.keys() ^ first)))
            raise UsageError(
                f"collate: samples 0 and {number} differ in their {what}: only one of them has "
                f"{odd}; give it samples with the same ones"
            )
    return list(first)


def _are_arrays(values: Sequence[Any]) -> bool:
    return all(isinstance(value, np.ndarray) for value in values)


def _joined(name: str, values: list[Any]) -> Any:
    """The values as an array where they are arrays or numbers; else as they are."""
    if _are_arrays(values):
        shapes = sorted({value.shape for value in values})
        if len(shapes) > 1:
            words = " and ".join("x".join(map(str, shape)) or "a number" for shape in shapes[:2])
            raise UsageError(
                f"collate: the arrays of {name} have different shapes ({words}), and are no field "
                "that it knows how to pad; make them equal before, or leave the field out"
            )
        return np.stack(values)
    if all(isinstance(value, (bool, int, float, np.bool_, np.number)) for value in values):
        return np.array(values)
    return values
