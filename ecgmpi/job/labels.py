"""What rank 0 says of labels before anything is drawn."""

from __future__ import annotations

import sys

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.names import written
from ecgmpi.results.label_columns import write_unmatched

from .context import JobContext


def tell_labels(job: JobContext, catalogue: Catalogue) -> None:
    """Say which recordings have labels, and list those that have none."""
    if catalogue.labels is None:
        return
    write_unmatched(job.paths, catalogue)
    odd = any(table.matched < table.recordings for table in catalogue.label_tables)
    odd = odd or (catalogue.split is not None and catalogue.split.none > 0)
    if odd or catalogue.label_warnings or not job.running.quiet:
        for line in catalogue.told_of_labels(written(str(job.paths.unmatched_csv))):
            print(f"ecgmpi: {line}", file=sys.stderr, flush=True)
