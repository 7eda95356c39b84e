"""A job as an array of small ones, and the merge of their parts."""

from __future__ import annotations

import re
import time

from tests.cluster.conftest import ROOT, Site
from tests.cluster.slurm import User, said
from tests.outputs import assert_same, contents, run_json

ARRAY = ROOT / "slurm" / "array.sh"
SCALING = ROOT / "slurm" / "scaling.sh"
QUICK = ("--dpi", "60", "--progress", "none", "--workers", "1")


def test_a_task_is_killed_and_run_again(site: Site, user: User) -> None:
    place = site.place()
    image = {"ECGMPI_IMAGE": str(site.images["mpich"])}
    line = [ARRAY, 3, "--cpus-per-task=1", "--", site.corpus, "the OUT", *QUICK]
    ended = site.cluster.command(line, place, image, user)
    assert ended.returncode == 0, ended.stderr
    tasks, merge = map(int, re.findall(r"job (\d+)", ended.stdout))

    give_up = time.monotonic() + 120
    # As early as can be: its part must not be done by then.
    while not (place / f"ecgmpi-{tasks}_2.log").exists() and time.monotonic() < give_up:
        time.sleep(0.05)
    # All of its processes at once, as a node out of memory does it.
    kill = ["scancel", "--signal=KILL", "--full", f"{tasks}_2"]
    assert site.cluster.command(kill, place, user=user).returncode == 0
    gathering = site.cluster.finished(merge)
    log = said(gathering)
    assert (gathering.state, gathering.exit) == ("FAILED", 1), log
    assert "run --part 2/3 again, then merge" in log
    assert not (place / "the OUT" / "manifest.h5").exists()

    # The same line once more: what is done is not drawn again.
    again = site.cluster.command(line, place, image, user)
    tasks, merge = map(int, re.findall(r"job (\d+)", again.stdout))
    gathering = site.cluster.finished(merge)
    assert (gathering.state, gathering.exit) == ("COMPLETED", 0), said(gathering)
    assert_same(contents(place / "the OUT"), site.alone)
    assert "nothing was drawn" in (place / f"ecgmpi-{tasks}_1.log").read_text()
    assert [part["part"] for part in run_json(place / "the OUT")["parts"]] == ["1/3", "2/3", "3/3"]


def test_scaling(site: Site, user: User) -> None:
    place = site.place()
    ended = site.cluster.command(
        [SCALING, 2, "--cpus-per-task=1", "--", site.corpus, "the OUT", *QUICK],
        place,
        {"ECGMPI_IMAGE": str(site.images["mpich"]), "ECGMPI_LOOK_EVERY": "1"},
        user,
    )
    assert ended.returncode == 0, ended.stderr
    head, one, two = (place / "the OUT" / "scaling.csv").read_text().splitlines()
    assert head == "nodes,workers,seconds,recordings_per_s,speedup,efficiency"
    assert one.startswith("1,1,")
    assert one.endswith(",1.0,1.0")
    assert two.startswith("2,2,")
    assert (place / "the OUT" / "scaling.png").read_bytes().startswith(b"\x89PNG")
    for nodes in (1, 2):
        assert_same(contents(place / "the OUT" / f"nodes-{nodes}"), site.alone)
