"""``ecgmpi verify`` on shards: what is altered in one is named as what it is."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import h5py
import pytest

from tests.review.checks import alter, problems, verified
from tests.review.conftest import Copied


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
    assert ["line 22 " in indexes[0][2], "line 2 " in indexes[1][2]] == [True, True]
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


@pytest.fixture
def bad_hdf5(hdf5_out: Path, copied: Copied) -> Path:
    """An OUT of HDF5 shards with one of each problem."""
    out = copied(hdf5_out)
    shards = sorted((out / "shards").glob("*.h5"))
    for shard, name, row in ((shards[0], "picture", 1), (shards[1], "recordings/signal", 0)):
        with h5py.File(shard) as file:
            content = file[name][row].tobytes()
        alter(shard, shard.read_bytes().index(content) + 100)
    os.truncate(shards[2], shards[2].stat().st_size - 5000)
    shards[3].unlink()
    (out / "shards/000000.tar").write_bytes(b"of an earlier job")
    alter(out / "pictures.h5", -1)
    return out


def test_whatever_is_altered_in_hdf5_is_named(bad_hdf5: Path) -> None:
    found = problems(verified(bad_hdf5))
    assert found["missing"] == [("shards/000004.h5", "", "with 3 pictures")]
    assert found["extra"] == [("shards/000000.tar", "", "")]
    whole, shard, picture, signal, cut = found["altered"]
    assert whole[:2] == ("pictures.h5", "")
    assert shard[:2] == ("shards/000000.h5", "")
    assert "outside" not in shard[2]
    assert picture[:2] == ("shards/000000.h5", "SYN000001-II.png")
    assert signal[:2] == ("shards/000001.h5", "")
    assert signal[2].endswith(": outside its samples")
    assert cut[:2] == ("shards/000002.h5", "")
    assert cut[2].startswith("truncated: ")
    parts = [problems(verified(bad_hdf5, "--part", f"{k}/2")) for k in (1, 2)]
    for kind, named in found.items():
        assert sorted(one for part in parts for one in part.get(kind, [])) == named
