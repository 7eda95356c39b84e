"""Programs of this folder, run where a loader is: in an environment of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.processes import run

OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""Variables with which nothing of Hugging Face asks its servers."""


def printed(python: Path, home: Path, module: str, *arguments: object) -> list[dict[str, Any]]:
    """What a program prints, a JSON a line.

    Parameters
    ----------
    python
        Of the environment.
    home
        A folder for what the loader keeps.
    module
        The program, by its name in this folder.
    """
    command = [python, "-m", f"tests.loaders.{module}", *arguments]
    root = Path(__file__).resolve().parents[2]
    environment = OFFLINE | {"HF_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = run(command, environment, timeout=300, cwd=root).expect(0)
    return [json.loads(line) for line in ended.out.splitlines()]
