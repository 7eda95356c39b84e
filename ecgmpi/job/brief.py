"""What passes between a rank and its workers, apart from recordings and results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecgmpi.options import Rendering
from ecgmpi.readers import ReadHints


@dataclass(frozen=True, slots=True)
class Brief:
    """All that workers need to know about the job."""

    rendering: Rendering
    out: Path
    pack: str
    timeout: float
    verbose: int = 0

    def __post_init__(self) -> None:
        # What a worker would stumble over is said before there is any.
        from ecgmpi.drawing import chosen

        ReadHints.of(self.rendering)
        chosen(self.rendering)

    @property
    def in_folder(self) -> bool:
        """Whether a recording has a folder of pictures, or one picture called after it."""
        from ecgmpi.drawing import LAYOUTS

        return not LAYOUTS[self.rendering.layout].one_page

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the names of the files of a picture end in, the picture's own first."""
        from ecgmpi.drawing import suffixes

        return tuple(suffixes(self.rendering).values())


@dataclass(frozen=True, slots=True)
class Stop:
    """The answer of a worker that finds that nothing can be stored any more."""

    why: str


MET = "met"
"""What a rank says to its crew when all ranks have started."""
