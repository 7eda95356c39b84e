"""Effects that leave nothing to chance but their amounts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .effect import Drawn, PageFacts


class AmountsOnly:
    """What such an effect draws."""

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Give the amounts."""
        return dict(amounts)
