"""The truth beside each picture: where everything lies, and which pixel is of what."""

from __future__ import annotations

from dataclasses import dataclass

from ecgmpi.errors import UsageError
from ecgmpi.picture_formats import MASKS

from .option import TRUTH, option
from .wearing import Wearing

BOXES, LINES = ANNOTATIONS = ("boxes", "lines")


@dataclass(frozen=True, slots=True)
class Truth(Wearing):
    """What is said of each picture and of its worn copies, in files beside them."""

    annotate: str | None = option(
        None,
        "write a JSON beside each picture that says where everything on it lies; lines adds the "
        "pixel of every sample, also as .points.npy (default: none)",
        group=TRUTH,
        common=True,
        choices=ANNOTATIONS,
    )
    mask: bool = option(
        False,
        "write a PNG beside each picture that says which lead each pixel belongs to; needs "
        "--annotate",
        group=TRUTH,
    )
    masks: tuple[str, ...] | None = option(
        None,
        "write more masks beside each picture, as PNG: bits has a bit a lead, so that each of two "
        "traces survives where they cross; grid has the lines of the paper and where bold ones "
        "cross; text has the letters; needs --annotate (default: none)",
        group=TRUTH,
        metavar="bits,grid,text",
        choices=MASKS,
    )

    def check_truth(self, format: str) -> None:
        """Refuse options of the truth that do not fit each other, or the format of pictures.

        Raises
        ------
        UsageError
            They do not.
        """
        if self.mask:
            self._check_mask("--mask", "its shades", format)
        if self.masks is not None:
            given = f"--masks {','.join(self.masks)}"
            if len(set(self.masks)) < len(self.masks):
                raise UsageError(f"{given}: name each mask once")
            self._check_mask(given, "their values", format)
            # Whatever order they are named in, the job is the same.
            masks = tuple(mask for mask in MASKS if mask in self.masks)
            object.__setattr__(self, "masks", masks)

    @property
    def masked(self) -> bool:
        """Whether there is any mask."""
        return self.mask or self.masks is not None

    def _check_mask(self, given: str, values: str, format: str) -> None:
        if format in ("svg", "pdf"):
            raise UsageError(f"{given}: {format} has no pixels; choose --format png or jpg")
        if self.annotate is None:
            raise UsageError(
                f"{given}: the annotation says what {values} mean; add --annotate boxes"
            )
