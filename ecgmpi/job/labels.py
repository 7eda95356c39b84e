"""What rank 0 says of labels before anything is drawn."""

from __future__ import annotations

import sys

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.names import written
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.label_columns import write_unmatched


def tell_labels(paths: JobPaths, catalogue: Catalogue, quiet: bool) -> None:
    """Say which recordings have labels, and list those that have none.

    Parameters
    ----------
    paths, catalogue
        Of OUT.
    quiet
        Say only what is odd.

    Raises
    ------
    OSError
        The disk is full or gone.
    """
    if catalogue.labels is None:
        return
    write_unmatched(paths, catalogue)
    odd = any(table.matched < table.recordings for table in catalogue.label_tables)
    odd = odd or (catalogue.split is not None and catalogue.split.none > 0)
    if odd or catalogue.label_warnings or not quiet:
        for line in catalogue.told_of_labels(written(str(paths.unmatched_csv))):
            print(f"ecgmpi: {line}", file=sys.stderr, flush=True)
