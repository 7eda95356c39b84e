from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecgmpi.job.relabel.label_out import HowToLabel, LabelSummary, label_out
from ecgmpi.options.labels import Labelling
from tests.corpora import synthetic
from tests.labels.corpora import write_table
from tests.processes import QUICK, run_ecgmpi

N = 6
PACKS = {
    "files": ("--pack", "files", "--annotate", "lines", "--mask", "--masks", "bits"),
    "tar": ("--pack", "tar", "--annotate", "boxes", "--shard-recordings", "3"),
    "hdf5": (
        *("--pack", "hdf5", "--annotate", "lines", "--masks", "grid,bits", "--with-signals"),
        *("--shard-recordings", "3"),
    ),
}
SECRET = "of-an-old-table"


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a table, as options of a command and as what they make."""

    table: Path
    key: str
    columns: str

    @property
    def options(self) -> tuple[object, ...]:
        """As they are typed."""
        return (
            *("--metadata", self.table, "--metadata-key", self.key),
            *("--metadata-columns", self.columns),
        )

    @property
    def labelling(self) -> Labelling:
        """As the command makes of that."""
        return Labelling((str(self.table),), (self.key,), tuple(self.columns.split(",")))


@dataclass(frozen=True, slots=True)
class Drawn:
    """OUTs of one corpus, of which one recording fails; each is drawn when it is first wanted.

    Attributes
    ----------
    corpus
        INPUT.
    old, new
        Two tables: one has no row of the second recording, the other none of the first, and a
        value of the old one is nowhere in the new one.
    """

    folder: Path
    corpus: Path
    old: Labels
    new: Labels

    def command(self, out: Path, pack: str, labels: Labels | None) -> tuple[object, ...]:
        """What draws OUT."""
        options = labels.options if labels else ()
        leads = ("--leads", "II,V1")
        return ("render", self.corpus, "-o", out, *QUICK, *leads, *PACKS[pack], *options)

    def out(self, pack: str, labels: Labels | None) -> Path:
        """An OUT that is only looked at."""
        out = self.folder / f"{pack}-{labels.table.stem if labels else 'plain'}"
        if not out.exists():
            run_ecgmpi(*self.command(out, pack, labels)).expect(3)
        return out

    def copied(self, pack: str, labels: Labels | None, to: Path) -> Path:
        """An OUT that may be changed."""
        return shutil.copytree(self.out(pack, labels), to)


def label(out: Path, labels: Labels | None) -> LabelSummary:
    """Label an OUT in this process, or remove its labels."""
    labelling = labels.labelling if labels else Labelling()
    return label_out(out, labelling, HowToLabel(workers=1, quiet=True))


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    folder = tmp_path_factory.mktemp("label")
    corpus = synthetic(folder / "in", N)
    (corpus / "SYN000005.mat").write_bytes(b"")
    names = [f"SYN{k:06d}" for k in range(1, N + 1)]
    old = [[name, 50 + k, f"{SECRET}-{k}"] for k, name in enumerate(names) if k != 1]
    new = [[name, f"{k}.5", k % 2 == 0, "SR"] for k, name in enumerate(names) if k != 0]
    return Drawn(
        folder,
        corpus,
        Labels(write_table(folder / "old.csv", ["ecg", "age", "said"], old), "ecg", "age,said"),
        Labels(
            write_table(folder / "new.csv", ["id", "age", "even", "rhythm"], new),
            "id=record",
            "rhythm,age,even",
        ),
    )
