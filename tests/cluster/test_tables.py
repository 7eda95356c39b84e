"""Tables of labels in folders that are neither INPUT nor OUT: the image sees them."""

from __future__ import annotations

from tests.cluster.conftest import Site
from tests.cluster.jobs import RENDER, TWO_BY_TWO, submit
from tests.cluster.slurm import User, said
from tests.outputs import manifest
from tests.processes import QUICK

NAMES = [f"SYN{number:06d}" for number in range(1, 201)]


def test_labels_of_tables_elsewhere(site: Site, user: User) -> None:
    folder = site.place() / "ages,and more:all"
    folder.mkdir()
    ages = folder / "ages.csv"
    ages.write_text("id,age\n" + "".join(f"{name},{k}\n" for k, name in enumerate(NAMES)))
    # A link to a table, both outside of what the image sees by itself.
    sexes = site.place() / "sexes.csv"
    sexes.write_text("id,sex\n" + "".join(f"{name},F\n" for name in NAMES))
    link = site.place() / "link.csv"
    link.symlink_to(sexes)
    place = site.place()
    tables = ("--metadata", str(ages), f"--metadata={link}", "--metadata-key", "id")
    render = (*QUICK, "--workers", "2", *tables, "--metadata-columns", "age,sex")
    job = site.cluster.finished(submit(site, place, *TWO_BY_TWO, user=user, render=render))
    assert (job.state, job.exit) == ("COMPLETED", 0), said(job)
    rows = {row["name"]: (row["age"], row["sex"]) for row in manifest(place / "the OUT")}
    assert rows == {name: (str(k), "F") for k, name in enumerate(NAMES)}
    assert "labels of link.csv: 200 of 200 recordings have a row" in said(job)


def test_a_table_that_is_not_there_need_not_wait_in_a_queue(site: Site, user: User) -> None:
    place = site.place()
    (place / "tables").mkdir()
    command = [RENDER, site.corpus, "OUT", "--metadata-key", "id", "--metadata-columns", "age"]
    for table in ("tables/ages.csv", "nowhere/ages.csv"):
        ended = site.cluster.command(
            [*command, "--metadata", table],
            place,
            {"ECGMPI_IMAGE": str(site.images["mpich"])},
            user,
        )
        assert ended.returncode == 2, ended.stdout + ended.stderr
        first, second = ended.stderr.splitlines()
        assert first.startswith(f"ecgmpi: --metadata {place / table}: No such file or directory; ")
        assert second == "render.sh: exit 2: the command makes no sense; the reason is above"
