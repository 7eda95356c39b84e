"""What run.json says of a job."""

from __future__ import annotations

import os

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.options.spelling import as_text
from ecgmpi.outdir.provenance import now

from .context import JobContext
from .leader import Leader
from .summary import Summary


def run_facts(
    job: JobContext, catalogue: Catalogue, leader: Leader, summary: Summary, started: str
) -> dict[str, object]:
    """What goes into run.json."""
    return {
        "started": started,
        "ended": now(),
        "inputs": [os.path.abspath(given) for given in job.inputs],  # noqa: PTH100
        "options": as_text(job.rendering),
        "ranks": [
            {
                "host": host,
                **(leader.supervisor_of.get(number, {}) if number else job.supervisor_facts),
            }
            for number, host in enumerate(job.comm.hosts)
        ],
        "mpi": job.comm.library,
        "chunk_size": catalogue.chunks.size,
        "ignored_files": catalogue.n_ignored,
        **summary.facts,
    }
