"""Every recording is found once, has one name, and is in one chunk."""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import MOST_IN_A_CHUNK
from ecgmpi.corpus.discover import Found, find
from ecgmpi.errors import UsageError
from tests.outputs import table
from tests.processes import QUICK, run_ecgmpi
from tests.readers.helpers.files import mat5, wave
from tests.unprivileged import nobody, open_folder

EXTENSIONS = frozenset({".mat"})


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(*inputs: str | Path, out: Path = Path("/nowhere")) -> list[str | None]:
    found = find([str(given) for given in inputs], out, EXTENSIONS)
    return sorted((entry.name for entry in found), key=str)


def test_names_are_paths_below_the_folder(tmp_path: Path) -> None:
    touch(tmp_path / "a.mat", tmp_path / "deep" / "er" / "b.MAT", tmp_path / "notes.txt")
    assert names(tmp_path) == [None, "a", "deep/er/b"]


def test_several_folders_are_told_apart_by_their_names(tmp_path: Path) -> None:
    touch(tmp_path / "TRAIN" / "a.mat", tmp_path / "TEST" / "a.mat", tmp_path / "c.mat")
    found = names(tmp_path / "TRAIN", f"{tmp_path / 'TEST'}/", tmp_path / "c.mat")
    assert found == ["TEST/a", "TRAIN/a", "c"]


def test_a_list_is_named_from_the_common_parent(tmp_path: Path) -> None:
    touch(tmp_path / "x" / "1" / "a.mat", tmp_path / "x" / "2" / "b.dat")
    listing = tmp_path / "list.txt"
    lines = [tmp_path / "x" / "1" / "a.mat", "", tmp_path / "x" / "2" / "b.dat"]
    listing.write_text("\n".join(map(str, lines)))
    # b.dat has an extension that no reader claims: in a list it counts all the same.
    assert names(f"@{listing}") == ["1/a", "2/b"]


def test_comments_in_a_list_are_no_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    touch(tmp_path / "x" / "a.mat", tmp_path / "x" / "#b.mat", tmp_path / "x" / "c#1.mat")
    listing = tmp_path / "list.txt"
    # /etc/passwd in a comment would move the common parent, and so all names.
    listing.write_text("# from /etc/passwd\nx/a.mat\n  \t# a.mat\n#x/a.mat\nx/#b.mat\nx/c#1.mat\n")
    assert names(f"@{listing}") == ["#b", "a", "c#1"]
    monkeypatch.chdir(tmp_path / "x")
    listing.write_text("./#b.mat\n")
    assert names(f"@{listing}") == ["#b"]
    listing.write_text("# nothing\n")
    assert names(f"@{listing}") == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "print0"])
def test_a_list_that_is_not_lines_of_text_is_said(tmp_path: Path, encoding: str) -> None:
    touch(tmp_path / "a.mat", tmp_path / "b.mat")
    paths = [str(tmp_path / "a.mat"), str(tmp_path / "b.mat")]
    listing = tmp_path / "list.txt"
    if encoding == "print0":
        listing.write_text("\0".join([*paths, ""]))
    else:
        listing.write_text("\n".join([*paths, ""]), encoding=encoding)
    with pytest.raises(UsageError, match=r"INPUT @.*list\.txt: line 1 .*one path a line"):
        names(f"@{listing}")


def test_a_missing_line_of_a_list_is_a_recording_that_fails_and_not_the_end(
    tmp_path: Path,
) -> None:
    touch(tmp_path / "a.mat")
    listing = tmp_path / "list.txt"
    listing.write_text(f"{tmp_path}/a.mat\n{tmp_path}/gone.mat\n")
    assert names(f"@{listing}") == ["a", "gone"]


def test_hidden_files_and_out_are_passed_by(tmp_path: Path) -> None:
    touch(tmp_path / "._a.mat", tmp_path / "a.mat", tmp_path / "out" / "old.mat")
    touch(tmp_path / ".git" / "b.mat")
    assert names(tmp_path, out=tmp_path / "out") == [None, None, "a"]


def test_what_another_job_put_into_its_out_is_passed_by(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.mat")
    for out in (tmp_path / "in" / "first", tmp_path / "in" / "second"):
        ended = run_ecgmpi("render", tmp_path / "in", "-o", out, *QUICK)
        # a.mat holds no recording: it alone fails, the second time, too.
        assert "1 failed (not-recognised 1)" in ended.expect(3).out
        assert [row["name"] for row in table(out / "manifest.csv")] == ["a"]


def test_recordings_beside_what_another_job_made_are_found(tmp_path: Path) -> None:
    ours = ("images/a/a_I.mat", "manifest.mat", "images.mat", "failures.csv", "in/images/b.mat")
    touch(*(tmp_path / "work" / name for name in ours), tmp_path / "images" / "c.mat")
    touch(tmp_path / "work" / ".ecgmpi" / "job.json")
    found = ["images", "in/images/b", "manifest"]
    # As a user does who draws with -o . and then gives that folder, or the one above.
    assert [name for name in names(tmp_path / "work") if name] == found
    above = [name for name in names(tmp_path) if name]
    assert above == ["images/c", *(f"work/{name}" for name in found)]


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.mat", tmp_path / "elsewhere" / "b.mat")
    (tmp_path / "in" / "self").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "elsewhere")
    assert names(tmp_path / "in") == ["a", "linked/b"]


def test_a_dangling_link_is_a_recording_that_fails(tmp_path: Path) -> None:
    (tmp_path / "a.mat").symlink_to(tmp_path / "gone")
    assert names(tmp_path) == ["a"]


def test_a_name_that_is_not_text_comes_through(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9\n.mat")  # noqa: PTH118 - bytes
    with open(path, "wb"):  # noqa: PTH123
        pass
    found = find([str(tmp_path)], tmp_path / "o", EXTENSIONS)
    catalogue = Catalogue.build(tmp_path / "c.sqlite", found)
    (item,) = catalogue.chunk(0)
    assert os.fsencode(item.path) == path
    assert (item.name, item.source) == (r"caf\xe9\x0a", r"caf\xe9\x0a.mat")
    catalogue.close()


def test_an_unreadable_folder_is_a_row_that_says_so() -> None:
    with open_folder() as top:
        touch(top / "a.mat", top / "shut" / "b.mat")
        (top / "shut").chmod(0)
        with nobody():
            found = {e.name: str(e.problem) for e in find([str(top)], Path("/no"), EXTENSIONS)}
    assert set(found) == {"a", "shut/"}
    assert "cannot be read" in found["shut/"]


def test_an_input_that_is_not_there_is_said() -> None:
    with pytest.raises(UsageError, match=r"INPUT /no/such: No such file"):
        names("/no/such")
    with pytest.raises(UsageError, match=r"INPUT @/no/list: No such file"):
        names("@/no/list")


def test_a_missing_input_says_that_the_image_may_not_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER"):
        with monkeypatch.context() as patched:
            patched.setenv(name, "/images/ecgmpi.sif")
            for given in (tmp_path / "no" / "in", f"@{tmp_path}/no/list"):
                with pytest.raises(UsageError, match=r"No such file") as caught:
                    names(given)
                assert f"apptainer ... --bind {tmp_path}/no ..." in str(caught.value)
    with pytest.raises(UsageError) as caught:
        names(tmp_path / "no" / "in")
    assert "--bind" not in str(caught.value)


def test_two_recordings_on_one_path_are_both_named(tmp_path: Path) -> None:
    touch(tmp_path / "a.mat", tmp_path / "a.MAT")
    with pytest.raises(UsageError, match=r"a\.MAT and .*a\.mat would both be drawn as a"):
        Catalogue.build(tmp_path / "c", find([str(tmp_path)], tmp_path / "o", EXTENSIONS))
    twice = [str(tmp_path / "a.mat")] * 2
    with pytest.raises(UsageError, match="given twice"):
        Catalogue.build(tmp_path / "c", find(twice, tmp_path / "o", EXTENSIONS))


def test_names_that_clash_are_counted_with_three_of_them_and_what_mends_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    for stem in "abcde":
        touch(folder / f"{stem}.mat", folder / f"{stem}.csv")
    touch(folder / "f.mat")
    found = find([str(folder)], tmp_path / "o", EXTENSIONS | {".csv"})
    with pytest.raises(UsageError, match=r"5 names clash: .*; and 2 more; ") as caught:
        Catalogue.build(tmp_path / "c", found)
    assert str(caught.value).count("would both be drawn as") == 3
    assert "@list.txt" in str(caught.value)
    assert "--name-with-ending" in str(caught.value)
    # Of the same file name, an ending tells nothing apart.
    touch(tmp_path / "other" / "a.mat")
    alike = [str(folder / "a.mat"), str(tmp_path / "other" / "a.mat")]
    with pytest.raises(UsageError, match=r"1 name clashes: ") as caught:
        Catalogue.build(tmp_path / "d", find(alike, tmp_path / "o", EXTENSIONS))
    assert "two commands" in str(caught.value)
    assert "--name-with-ending" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["strip", "3x4"])
def test_a_recording_named_with_its_ending_is_drawn_beside_its_namesake(
    layout: str, tmp_path: Path
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("x.mat", "y.mat"):
        (folder / name).write_bytes(mat5({"data": wave()}))
    (folder / "x.csv").write_text("I,II\n" + "0.1,0.2\n" * 50)
    np.save(folder / "many.npy", np.zeros((2, 12, 50), np.float32))
    command = ("render", folder, "-o", out, "--layout", layout, *QUICK)
    assert "x.csv and " in run_ecgmpi(*command).expect(2).err
    run_ecgmpi(*command, "--name-with-ending").expect(0)
    named = [row["name"] for row in table(out / "manifest.csv")]
    assert named == ["many.npy#0", "many.npy#1", "x.csv", "x.mat", "y.mat"]
    made = {str(path.relative_to(out / "images")) for path in out.rglob("*.png")}
    expected = {f"{name}.png" for name in named}
    if layout == "strip":
        expected = {f"{name}/{name}_II.png" for name in named}
    assert expected <= made
    assert "nothing was drawn" in run_ecgmpi(*command, "--name-with-ending").expect(0).out
    (folder / "x.csv").unlink()
    refused = run_ecgmpi(*command).expect(1).err
    assert "--name-with-ending was True, now False" in refused


@given(n=st.one_of(st.integers(0, 700), st.sampled_from([8191, 8192, 8193, 20_000])))
def test_every_recording_is_in_exactly_one_chunk(n: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = (Found(f"r{k * 7919 % n}", f"{k}.mat", f"/{k}.mat") for k in range(n))
        catalogue = Catalogue.build(Path(folder) / "c", found)
        items = [item for k in range(catalogue.n_chunks) for item in catalogue.chunk(k)]
        assert [item.index for item in items] == list(range(n))
        assert [item.name for item in items] == sorted(f"r{k * 7919 % n}" for k in range(n))
        assert catalogue.chunks.size <= MOST_IN_A_CHUNK
        assert len(catalogue.sample(12)) == min(n, 12) if n else True
        catalogue.close()


def test_differences_between_two_catalogues_are_named(tmp_path: Path) -> None:
    def build(name: str, *found: Found) -> Catalogue:
        return Catalogue.build(tmp_path / name, found)

    build("old", Found("a", "a.mat", "/a", 1, 1), Found("b", "b.mat", "/b", 1, 1)).close()
    same = build("same", Found("a", "a.mat", "/moved/a", 1, 1), Found("b", "b.mat", "/b", 1, 1))
    assert same.differences(tmp_path / "old") == []
    other = build("new", Found("a", "a.mat", "/a", 2, 1), Found("c", "c.mat", "/c", 1, 1))
    found = other.differences(tmp_path / "old")
    assert found == ["a.mat has changed", "c.mat is new", "b.mat is gone"]
    same.close()
    other.close()


@given(
    before=st.dictionaries(st.integers(0, 11), st.integers(1, 3)),
    after=st.dictionaries(st.integers(0, 11), st.integers(1, 3)),
)
def test_each_recording_that_differs_counts_once(
    before: dict[int, int], after: dict[int, int]
) -> None:
    def built(path: Path, sizes: dict[int, int]) -> Catalogue:
        found = [Found(f"r{k:02}", f"r{k:02}.mat", f"/r{k:02}.mat", sizes[k], 1) for k in sizes]
        return Catalogue.build(path, found)

    both = before.keys() & after.keys()
    expected = {
        "changed": sorted(f"r{k:02}.mat" for k in both if before[k] != after[k]),
        "new": sorted(f"r{k:02}.mat" for k in after.keys() - both),
        "gone": sorted(f"r{k:02}.mat" for k in before.keys() - both),
    }
    with tempfile.TemporaryDirectory() as folder:
        built(Path(folder) / "old", before).close()
        with closing(built(Path(folder) / "new", after)) as now:
            lines = now.differences(Path(folder) / "old")
    for kind, sources in expected.items():
        said = [line for line in lines if line.endswith(f" {kind}")]
        assert [line.split()[0] for line in said[:3]] == sources[:3]
        if len(sources) > 3:
            assert said[3].startswith(f"and {len(sources) - 3} more")


def test_a_file_that_is_read_through_a_header_is_no_recording_of_its_own(tmp_path: Path) -> None:
    touch(*(tmp_path / "in" / name for name in ("a.hea", "a.mat", "a.dat", "b.mat", "deep/b.hea")))
    found = find([str(tmp_path / "in")], tmp_path, EXTENSIONS | {".hea"})
    catalogue = Catalogue.build(tmp_path / "c", found)
    items = [item for chunk in range(catalogue.n_chunks) for item in catalogue.chunk(chunk)]
    assert [item.source for item in items] == ["a.hea", "b.mat", "deep/b.hea"]
    assert catalogue.n_ignored == 2
    catalogue.close()
    by_hand = Catalogue.build(
        tmp_path / "d", find([str(tmp_path / "in" / "a.mat")], tmp_path / "o", EXTENSIONS)
    )
    assert by_hand.n_recordings == 1
    by_hand.close()
