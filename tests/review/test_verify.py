"""``ecgmpi verify``: what is missing, altered or extra in an OUT is named, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Running, ecgmpi, parent_of, run_ecgmpi, started
from tests.review.conftest import Copied

KINDS = ("missing", "altered", "extra", "unchecked")

Named = dict[str, list[tuple[str, str, str]]]
"""Kind -> path, member and what is said of each problem."""


def verified(out: Path, *options: str, status: int = 3) -> dict[str, Any]:
    ended = run_ecgmpi("verify", out, "--json", *options).expect(status)
    assert ended.complaints == []
    found: dict[str, Any] = json.loads(ended.out)
    return found


def problems(found: dict[str, Any]) -> Named:
    return {
        kind: [(one["path"], one["member"], one["how"]) for one in found[kind]]
        for kind in KINDS
        if found[kind]
    }


def names(found: dict[str, Any]) -> dict[str, list[str]]:
    return {
        kind: [member or path for path, member, _ in named]
        for kind, named in problems(found).items()
    }


def alter(path: Path, at: int) -> None:
    """Change one byte; `at` may count from the end."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["files_out", "tar_out"])
def test_a_good_out_is_good(kind: str, request: pytest.FixtureRequest) -> None:
    out: Path = request.getfixturevalue(kind)
    ended = run_ecgmpi("verify", out).expect(0)
    first, *rest = ended.out.splitlines()
    assert f"OUT {out}: 18 pictures" in first
    assert "pictures/s" in first
    assert "MB/s" in first
    assert rest == ["nothing is missing, altered or extra"]
    assert ended.err == ""
    found = verified(out, "--workers", "1", status=0)
    assert found["pictures"] == 18
    assert problems(found) == {}


@pytest.fixture
def bad_files(files_out: Path, copied: Copied) -> Path:
    """An OUT of files with one of each problem."""
    out = copied(files_out)
    alter(out / "images/SYN000001/SYN000001_II.png", 700)
    (out / "images/SYN000002/SYN000002_I.mask.png").unlink()
    whole = out / "images/SYN000003/SYN000003_V5.json"
    whole.write_bytes(whole.read_bytes()[:-10])
    (out / "images/SYN000004/SYN000004_V9.png").write_bytes(b"a picture of nothing")
    (out / "images/SYN000005/.SYN000005_I.png.part").write_bytes(b"")
    (out / "shards").mkdir()
    (out / "shards/000000.tar").write_bytes(b"of an earlier job")
    alter(out / "manifest.csv", -3)
    return out


EXPECTED_OF_FILES = {
    "missing": ["images/SYN000002/SYN000002_I.mask.png"],
    "altered": [
        "images/SYN000001/SYN000001_II.png",
        "images/SYN000003/SYN000003_V5.json",
        "manifest.csv",
    ],
    "extra": [
        "images/SYN000004/SYN000004_V9.png",
        "images/SYN000005/.SYN000005_I.png.part",
        "shards/000000.tar",
    ],
}


def test_each_file_that_is_not_as_it_was_is_named(bad_files: Path) -> None:
    found = verified(bad_files)
    assert names(found) == EXPECTED_OF_FILES
    (png, annotation, manifest) = (how for _, _, how in problems(found)["altered"])
    assert png.startswith("CRC-32 ")
    assert annotation.startswith("truncated: ")
    assert manifest.startswith("CRC-32 ")
    assert problems(found)["extra"][1][2] == "a temporary file"


def test_the_summary_says_what_to_do(bad_files: Path) -> None:
    lines = run_ecgmpi("verify", bad_files).expect(3).out.splitlines()
    assert [line for line in lines if line[0] != " "][1:4] == [
        "missing: 1",
        "altered: 3",
        "extra: 3",
    ]
    assert len(lines) < 24
    assert any("ecgmpi render command again with --verify" in line for line in lines)
    assert any("remove them by hand" in line for line in lines)


def test_parts_together_find_each_problem_once(bad_files: Path) -> None:
    parts = [names(verified(bad_files, "--part", f"{k}/2")) for k in (1, 2)]
    together = {
        kind: sorted(name for part in parts for name in part.get(kind, []))
        for kind in EXPECTED_OF_FILES
    }
    assert together == EXPECTED_OF_FILES


def test_the_same_command_mends_what_verify_names(
    corpus: Path, files_out: Path, bad_files: Path
) -> None:
    for path in EXPECTED_OF_FILES["extra"]:
        (bad_files / path).unlink()
    options = ("--annotate", "lines", "--mask", "--leads", "I,II,V5", "--dpi", "60")
    run_ecgmpi("render", corpus, "-o", bad_files, *options, "--verify").expect(3)
    assert names(verified(bad_files, status=0)) == {}
    damaged = "images/SYN000001/SYN000001_II.png"
    assert (bad_files / damaged).read_bytes() == (files_out / damaged).read_bytes()


def test_many_problems_are_counted_and_few_named(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    for path in (out / "images").rglob("*.json"):
        path.unlink()
    told = run_ecgmpi("verify", out).expect(3).out
    assert "missing: 18" in told
    assert "and 13 more: --json names all" in told


def place_of(tar: Path, ending: str) -> tuple[str, int, int]:
    """Name, offset and size of the first member with an ending."""
    with tarfile.open(tar) as archive:
        member = next(member for member in archive if member.name.endswith(ending))
    return member.name, member.offset_data, member.size


@pytest.fixture
def bad_shards(tar_out: Path, copied: Copied) -> Path:
    """An OUT of six shards with one of each problem; the fourth recording has none."""
    out = copied(tar_out)
    shards = sorted((out / "shards").glob("*.tar"))
    _, at, _ = place_of(shards[0], ".mask.png")
    alter(shards[0], at + 3)
    _, at, size = place_of(shards[1], ".json")
    alter(shards[1], at + size)
    _, at, _ = place_of(shards[2], ".points.npy")
    alter(shards[2], at - 512 + 110)
    alter(shards[2], -1)
    alter(shards[3].with_suffix(".csv"), -4)
    alter(shards[3].with_suffix(".idx"), 20)
    os.truncate(shards[4], shards[4].stat().st_size - 20_000)
    shards[5].unlink()
    (out / "shards/000099.tar").write_bytes(shards[0].read_bytes())
    return out


def test_whatever_is_altered_in_a_tar_is_named(bad_shards: Path) -> None:
    found = problems(verified(bad_shards))
    (crc,) = (one for one in found["altered"] if one[0] == "shards/000000.tar")
    assert crc[1] == "SYN000001-I.mask.png"
    assert crc[2].startswith("CRC-32 ")
    assert [one for one in found["altered"] if "000001" in one[0]] == [
        ("shards/000001.tar", "SYN000002-I.json", "the padding after it is altered")
    ]
    assert [one for one in found["altered"] if "000002" in one[0]] == [
        ("shards/000002.tar", "", "altered after its last member"),
        ("shards/000002.tar", "SYN000003-I.points.npy", "its header is altered"),
    ]
    indexes = [one for one in found["altered"] if "000004" in one[0]]
    assert [path for path, _, _ in indexes] == ["shards/000004.csv", "shards/000004.idx"]
    assert ["line 13 " in indexes[0][2], "line 2 " in indexes[1][2]] == [True, True]
    (cut,) = (one for one in found["altered"] if "000005" in one[0])
    assert cut[1:] == ("", cut[2])
    assert cut[2].startswith("truncated: ")
    lost = [member for path, member, _ in found["missing"] if path == "shards/000005.tar"]
    assert "SYN000005-V5.points.npy" in lost
    assert "SYN000005-I.png" not in lost
    (gone,) = (one for one in found["missing"] if one[0] == "shards/000006.tar")
    assert gone[2] == "with 3 pictures"
    assert found["extra"] == [("shards/000099.tar", "", "")]
    assert len(found["altered"]) == 7


def test_parts_together_find_each_problem_of_shards_once(bad_shards: Path) -> None:
    whole = problems(verified(bad_shards))
    parts = [problems(verified(bad_shards, "--part", f"{k}/2")) for k in (1, 2)]
    assert all(parts)
    for kind, named in whole.items():
        assert sorted(one for part in parts for one in part.get(kind, [])) == sorted(named)


def test_a_header_altered_so_that_it_still_fits_is_found(tar_out: Path, copied: Copied) -> None:
    out = copied(tar_out)
    shard = out / "shards/000001.tar"
    data = bytearray(shard.read_bytes())
    # A digit of the owner one up, and one of the mode one down: their sum stays.
    data[114] += 1
    data[104] -= 1
    shard.write_bytes(data)
    (only,) = problems(verified(out))["altered"]
    assert only[0] == "shards/000001.tar"
    assert only[2].endswith("a header is altered")


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (["/no/such/out"], 2, "does not exist"),
        (["/usr"], 2, "is not an OUT"),
        (["OUT", "--part", "3/2"], 2, "--part 3/2"),
        (["OUT", "--workers", "0"], 2, "--workers 0"),
    ],
)
def test_what_cannot_be_checked_is_one_line(
    files_out: Path, given: list[str], status: int, said: str
) -> None:
    words = [files_out if word == "OUT" else word for word in given]
    ended = run_ecgmpi("verify", *words).expect(status)
    (line,) = ended.err.splitlines()
    assert said in line


def test_a_damaged_manifest_is_one_line(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    for damage in (
        lambda path: alter(path, 4000),
        lambda path: os.truncate(path, 3000),
        lambda path: path.write_bytes(b"no HDF5"),
    ):
        damage(out / "manifest.h5")
        for stamp in (True, False):
            if not stamp:
                (out / ".ecgmpi/manifest.json").unlink(missing_ok=True)
            ended = run_ecgmpi("verify", out)
            if stamp or ended.status:
                assert ended.status == 1, ended
                (line,) = ended.err.splitlines()
                assert "manifest.h5" in line
                assert "ecgmpi render command again" in line


def test_an_out_without_its_job_says_what_is_missing(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    (out / ".ecgmpi/job.json").unlink()
    (line,) = run_ecgmpi("verify", out).expect(1).err.splitlines()
    assert "job.json is missing" in line


def test_a_worker_that_is_killed_hangs_nothing(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    stuck = out / "images/SYN000001/SYN000001_I.png"
    stuck.unlink()
    # Whoever opens it waits for ever.
    os.mkfifo(stuck)
    with started(ecgmpi("verify", out, "--json", "--workers", "1")) as running:
        pipe = writer_to(stuck, running)
        first = workers(running)
        running.signal(signal.SIGKILL, *first)
        # The one that takes its place begins with the same pictures.
        running.until(lambda: bool(set(workers(running)) - set(first)))
        running.signal(signal.SIGKILL, *set(workers(running)) - set(first))
        ended = running.wait(60).expect(3)
        os.close(pipe)
    found = json.loads(ended.out)
    assert problems(found) == {
        "unchecked": [("pictures 0 to 17", "", "the process that looked at it was killed, twice")]
    }


def workers(running: Running) -> list[int]:
    """The processes that check: a server forks them, and a fork keeps the command line."""
    servers = [pid for pid, words in running.processes().items() if "forkserver" in str(words)]
    return [pid for pid in servers if parent_of(pid) in servers]


def writer_to(pipe: Path, running: Running) -> int:
    """Open a named pipe to write to, once a process waits for what comes out of it."""
    opened: list[int] = []

    def is_read() -> bool:
        with contextlib.suppress(OSError):
            opened.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(opened)

    running.until(is_read)
    return opened[0]
