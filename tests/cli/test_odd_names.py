"""``ecgmpi report`` and ``ecgmpi status`` of OUTs by any name, as somebody types them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from ecgmpi.names import written
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.review.report.at_end import report_at_end
from tests.corpora import synthetic
from tests.processes import REPORTED, run_ecgmpi
from tests.review.checks import here
from tests.review.report.html import Element, parsed

HARD = {
    "shell": "a  b 'q\" `x` $HOME ",
    "tags": "<b>&amp;",
    "bytes": os.fsdecode(b"caf\xe9\xff"),
    "escapes": "\\xe9\n'\u202e\\n",
    "dash": "-o",
    "address": "a:b?c#d%20",
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OUT by the hardest name that its file can have, with a recording that fails."""
    folder = tmp_path_factory.mktemp("hard")
    corpus = synthetic(folder / "in", 2)
    (corpus / "bad.mat").write_text("this is no recording at all\n")
    out = folder / (HARD["shell"] + HARD["bytes"])
    ended = run_ecgmpi("render", corpus, "-o", out, *REPORTED).expect(3)
    assert "no report was written" not in ended.err
    return out


@pytest.fixture(params=HARD)
def hard(
    request: pytest.FixtureRequest, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy by a hard name, relative to the current folder."""
    monkeypatch.chdir(tmp_path)
    name = Path(HARD[request.param])
    shutil.copytree(out, name)
    (name / "report.html").unlink()
    return name


def page_of(path: Path) -> Element:
    return parsed(path.read_text(encoding="utf-8"))


def words_of(line: str) -> list[str]:
    """What a shell makes of a line that somebody copies."""
    asked = ["bash", "-c", f"printf '%s\\0' {line}"]
    said = subprocess.run(asked, stdout=subprocess.PIPE, check=True).stdout
    return [os.fsdecode(word) for word in said.split(b"\0")[:-1]]


def typed(name: Path) -> str:
    """An OUT as it has to be typed."""
    return f"./{name}" if str(name).startswith("-") else str(name)


def test_a_job_ends_with_a_report_whose_commands_can_be_copied(out: Path) -> None:
    page = page_of(out / "report.html")
    assert written(str(out)) in next(page.all("h1")).text
    words = [words_of(pre.text) for pre in page.all("pre")]
    assert all(one[0] in ("ecgmpi", "grep") for one in words)
    (again,) = (one for one in words if "--retry-failed" in one)
    assert again[:5] == ["ecgmpi", "render", str(out.parent / "in"), "-o", str(out)]


def test_an_option_of_any_bytes_is_told(tmp_path: Path) -> None:
    key = os.fsdecode(b"<caf\xe9>")
    out = tmp_path / "OUT"
    corpus = synthetic(tmp_path / "in", 1)
    ended = run_ecgmpi("render", corpus, "-o", out, *REPORTED, "--key", key)
    assert "no report was written" not in ended.expect(3).err
    shutil.copytree(out, tmp_path / "copy")
    here("report", out, tmp_path / "copy", "-o", tmp_path / "both.html").expect(0)
    for path in (out / "report.html", tmp_path / "both.html"):
        numbers = json.dumps(json.loads(path.with_suffix(".json").read_text()), ensure_ascii=False)
        assert r'"<caf\\xe9>"' in numbers
        # Whatever else the document holds is UTF-8, too.
        assert numbers.encode()
    cells = [cell.text for cell in page_of(out / "report.html").by_id("run").all("td")]
    assert cells[cells.index("--key") + 1] == r"<caf\xe9>"


def test_a_comparison_tells_options_of_any_bytes_that_differ(out: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(out, tmp_path / "OUT"))
    job = JobPaths(other).job_json
    document = json.loads(job.read_text())
    document["options"]["--key"] = os.fsdecode(b"<caf\xe9>")
    job.write_text(json.dumps(document))
    here("report", out, other, "-o", tmp_path / "both.html").expect(0)
    section = page_of(tmp_path / "both.html").by_id("made-with")
    assert r"<caf\xe9>" in [cell.text for cell in section.all("td")]


def test_the_report_at_the_end_of_a_job_is_made_by_any_name(
    hard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_at_end(hard, lambda: None) == hard / "report.html"
    assert capsys.readouterr().err == ""
    assert written(str(hard)) in next(page_of(hard / "report.html").all("title")).text


def test_report_and_status_take_any_name(hard: Path) -> None:
    ended = here("report", typed(hard)).expect(0)
    assert ended.err == ""
    assert ended.out == f"{written(str(hard / 'report.html'))} and report.json\n"
    page = page_of(hard / "report.html")
    assert "b" not in {one.tag for one in page.by_id("attention").all()}
    assert written(str(hard)) in next(page.all("h1")).text
    told = json.loads((hard / "report.json").read_text(encoding="utf-8"))
    assert told["status"]["out"] == written(str(hard))
    status = here("status", typed(hard)).expect(0)
    assert status.out.startswith(f"OUT {written(str(hard))}: complete\n")
    *_, following = status.out.strip().splitlines()
    (report, _, failures) = words_of(following.removeprefix("next: look at "))
    assert (Path(report), Path(failures)) == (hard / "report.html", hard / "failures.csv")
    assert json.loads(here("status", typed(hard), "--json").out)["out"] == written(str(hard))


def test_links_from_elsewhere_lead_into_an_out_of_any_name(hard: Path, out: Path) -> None:
    Path("page").mkdir()
    here("report", typed(hard), "-o", "page/one.html").expect(0)
    here("report", typed(hard), out, "-o", "page/two.html").expect(0)
    # Not there yet: the page says what makes it.
    *_, command = (pre.text for pre in page_of(Path("page/two.html")).all("pre"))
    assert words_of(command) == ["ecgmpi", "report", typed(hard)]
    here("report", typed(hard)).expect(0)
    here("report", typed(hard), out, "-o", "page/two.html").expect(0)
    for name in ("one", "two"):
        page = page_of(Path(f"page/{name}.html"))
        links = [link.attributes["href"] for link in page.all("a")]
        links = [link for link in links if not link.startswith("#")]
        assert links
        for link in links:
            assert Path("page", _decoded(link)).is_file(), link


def _decoded(link: str) -> str:
    """The file that a browser opens."""
    assert not {"?", "#", ":"} & set(link)
    return os.fsdecode(unquote_to_bytes(link))


def test_several_are_compared_in_the_current_folder(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(out, "copy")
    ended = here("report", out, "copy").expect(0)
    assert ended.out == "report.html and report.json\n"
    assert "2 OUTs side by side" in next(page_of(Path("report.html")).all("h1")).text
    monkeypatch.chdir("copy")
    before = Path("report.html").read_bytes()
    (line,) = here("report", out, ".").expect(2).err.splitlines()
    assert line == (
        "ecgmpi: the page report.html would replace report.html: name another file with -o"
    )
    assert Path("report.html").read_bytes() == before


def test_a_report_does_not_take_the_place_of_run_json(out: Path) -> None:
    before = (out / "run.json").read_bytes()
    (line,) = here("report", out, "-o", out / "run.html").expect(2).err.splitlines()
    assert "would replace" in line
    assert (out / "run.json").read_bytes() == before


def test_mistakes_are_one_line(out: Path, tmp_path: Path) -> None:
    for arguments, words in (
        ([out, out], "the same OUT, given twice; give it once"),
        ([out, *(tmp_path / str(number) for number in range(8))], "9 OUTs: compare 8 at a time"),
        ([out, tmp_path], "is not an OUT"),
        ([out, "-o", tmp_path / "page.txt"], "name a file that ends in .html"),
    ):
        ended = here("report", *arguments).expect(2)
        (line,) = ended.err.splitlines()
        assert words in line
        assert ended.out == ""
    assert list(tmp_path.iterdir()) == []
