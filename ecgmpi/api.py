"""`render`, the job as a Python call."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from .errors import StoppedError, UsageError
from .job.run import run_job
from .job.summary import Summary
from .options.rendering import Rendering
from .options.running import Running
from .options.toml_file import Config, load
from .review.report.at_end import report_at_end


def render(
    inputs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    config: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Summary:
    """Draw every recording of `inputs` into `out`, as ``ecgmpi render`` does.

    Parameters
    ----------
    inputs
        Files, folders or ``@list.txt``; one or several.
    out
        Folder for what comes out.
    config
        A TOML file of options, layouts and themes, as ``--config`` takes it.
    **options
        The options of the command by their names with underscores, for example
        ``speed=50`` (mm/s), ``leads=("II", "V1")``, ``workers=4``; they override those of
        `config`. A ``layout`` may be a `PageSpec` and a ``theme`` a `Style` of your own. No
        progress is shown unless ``progress`` asks for it.

    Returns
    -------
    Summary
        Counts and the exit status that the command would have. Under a launcher, only rank 0
        has the counts.

    Raises
    ------
    UsageError
        An option or an input makes no sense.
    JobError
        The job cannot be run or cannot continue.
    KeyboardInterrupt
        Ctrl-C stopped the job, after it has finished what was in flight and written everything:
        the same call resumes it.
    """
    if isinstance(inputs, (str, os.PathLike)):
        inputs = [inputs]
    given = [os.fspath(one) for one in inputs]
    # As on the command line: "" is more often a mistake than the current folder.
    if not all((*given, os.fspath(out))):
        raise UsageError("the name of an input, or of out, is empty: name a file or folder")
    of_rendering = {entry.name for entry in fields(Rendering)}
    of_running = {entry.name for entry in fields(Running)} - {"dry_run"}
    unknown = sorted(set(options) - of_rendering - of_running)
    if unknown:
        allowed = ", ".join(sorted(of_rendering | of_running))
        raise UsageError(f"no option {', '.join(unknown)}; choose from {allowed}")
    said = load(Path(config)) if config is not None else Config()
    running = {name: value for name, value in options.items() if name in of_running}
    if "progress" not in said.options:
        running.setdefault("progress", "none")
    rendering = {name: value for name, value in options.items() if name in of_rendering}
    try:
        summary = run_job(
            given,
            Path(out),
            said.build(Rendering, rendering),
            said.build(Running, running),
            report_at_end,
        )
    except StoppedError as error:
        if str(error).startswith(f"stopped by {signal.SIGINT.name};"):
            raise KeyboardInterrupt from error
        raise
    if summary.stopped_by == signal.SIGINT.name:
        # Otherwise a loop over corpora would begin the next one.
        raise KeyboardInterrupt
    return summary
