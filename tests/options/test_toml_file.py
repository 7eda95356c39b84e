"""A file of options: the same values as typed, layouts and themes of one's own, plain refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecgmpi
from ecgmpi.cli import parser
from ecgmpi.cli.arguments import collect, config_of
from ecgmpi.errors import UsageError
from ecgmpi.layouts import PAGES, PageSpec
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running
from ecgmpi.options.spelling import as_text
from ecgmpi.options.toml_file import load
from ecgmpi.themes import THEMES, Style, contrast
from tests.corpora import synthetic
from tests.outputs import assert_same, contents, manifest, pictures
from tests.processes import run_ecgmpi

OWN = """
[layouts.mine]
columns = [["i", "II", "-avr"], ["V1", "v5"]]
rhythm = ["lead II"]
seconds = 4

[themes.night]
base = "dark"
trace = "Orange"
grid = "#203040"
trace-mm = 0.3
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "job.toml"
    path.write_text(text, encoding="utf-8")
    return path


def typed(*options: object) -> tuple[Rendering, Running]:
    """What the command line makes of options."""
    words = ["render", "in", "-o", "out", *map(str, options)]
    arguments = parser().parse_args(words)
    config = config_of(arguments)
    return collect(Rendering, arguments, config), collect(Running, arguments, config)


def test_a_file_means_what_is_typed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'layout = "6x2"\nspeed = 50\ngain = "auto"\nleads = ["v1", "ii"]\nrepair-limb = true\n'
        'duration = 3.5\nkey = "val"\ntimeout = 9\ndry_run = true\nworkers = 3\n',
    )
    words = (
        *("--layout", "6x2", "--speed", "50", "--gain", "auto", "--leads", "V1,II"),
        *("--repair-limb", "--duration", "3.5", "--key", "val", "--timeout", "9", "--dry-run"),
        *("--workers", "3"),
    )
    assert typed("--config", path) == typed(*words)


def test_what_is_typed_wins(tmp_path: Path) -> None:
    path = written(tmp_path, 'speed = 50\nlayout = "3x4"\ncabrera = true\nverbose = 1\n')
    rendering, running = typed("--config", path, "--speed", "25", "--no-cabrera", "-vv")
    assert (rendering.speed, rendering.cabrera, rendering.layout) == (25.0, False, "3x4")
    assert running.verbose == 2
    assert as_text(rendering) == as_text(Rendering(layout="3x4"))


def test_a_layout_and_a_theme_of_ones_own(tmp_path: Path) -> None:
    path = written(tmp_path, OWN)
    rendering, _ = typed("--config", path, "--layout", "mine", "--theme", "night")
    assert rendering.page == PageSpec(
        "mine", (("I", "II", "-aVR"), ("V1", "V5")), rhythm=("II",), seconds=4.0
    )
    style, dark = rendering.style, THEMES["dark"]
    assert (style.name, style.trace, style.minor) == ("night", (255, 165, 0), (0x20, 0x30, 0x40))
    assert (style.paper, style.bold, style.trace_mm) == (dark.paper, dark.bold, 0.3)
    singular = written(tmp_path, OWN.replace("layouts", "layout").replace("themes", "theme"))
    assert typed("--config", singular, "--layout", "mine", "--theme", "night")[0] == rendering
    # Named in the file itself.
    inside = written(tmp_path, 'theme = "night"\nlayout = "mine"\n' + OWN)
    assert typed("--config", inside)[0] == rendering


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sped = 3", "no option 'sped': do you mean speed"),
        ('out = "there"', "out: INPUT and OUT are typed"),
        ("repair_lim = true", "do you mean repair-limb"),
        ("xyzzy = 3", "no option 'xyzzy'; choose from .*layout, leads"),
        ('speed = "25"', "speed = '25': give a number, without quotes"),
        ("speed = true", "speed True: give a number"),
        ("speed = -1", "speed -1: give a number above 0 mm/s"),
        ("speed = nan", "give a finite number"),
        ("start = 1979-05-27", "give a number"),
        ("workers = 1.5", "workers 1.5: give a whole number"),
        ("cabrera = 1", "cabrera = 1: give true or false"),
        ("key = 7", "key = 7: give text, in quotes"),
        ("leads = 3", "leads = 3: give names"),
        ("leads = [3]", "give names"),
        ("leads = {I = 1}", "give names"),
        ('paper = "a5"', "paper a5: choose from a4, letter, fit"),
        ('gain = "large"', 'give a number, without quotes, or "auto"'),
        ('theme = "pink"\n[themes.own]', "theme pink: choose from red, .*, own"),
        ('gain = "auto"', "--gain auto is for pages.*with the options of"),
        ("dry-run = true\ndry_run = true", "dry_run is given twice"),
        ("speed = ", "not TOML: "),
        ("a = " + "[" * 5000, "not TOML: "),
        ('layout = "a"\n[layout.a]', r"beside layout = ... write \[layouts.NAME\]"),
        ("[layouts.3x4]\ncolumns = [['I']]", "there is one of that name already"),
        ("[layouts.strip]\ncolumns = [['I']]", "there is one of that name already"),
        ("[layouts.'a b']\ncolumns = [['I']]", "name it with letters"),
        ("[layouts.a]", "give its columns"),
        ("[layouts.a]\ncolums = 3", r"\[layouts.a\]: no key 'colums': do you mean columns"),
        ("[layouts.a]\ncolumns = ['I']", "'I' is not a list of lead names"),
        ("[layouts.a]\ncolumns = [[1]]", r"\[1\] is not a list of lead names"),
        ("[layouts.a]\ncolumns = []", "0 columns: give 1 to 24"),
        ("[layouts.a]\ncolumns = [[]]", "names no lead"),
        ("[layouts.a]\ncolumns = [['I', '']]", "a lead without a name"),
        (f"[layouts.a]\ncolumns = [{['I'] * 65}]", "65 rows: give at most 64"),
        ("[layouts.a]\ncolumns = [['I']]\nseconds = 0", "rows of 0 s: give a number above 0"),
        ("[layouts.a]\ncolumns = [['I']]\nseconds = inf", "rows of inf s"),
        ("[layouts.a]\ncolumns = [['I']]\nseconds = '9'", "rows of '9' s"),
        ("[layouts]\na = 3", "outside any"),
        ("layouts = 3", r"write sections \[layouts.NAME\]"),
        ("[themes.red]", "there is one of that name already"),
        ("[themes.a]\ntrase = 'red'", "no key 'trase': do you mean trace"),
        ("[themes.a]\nbase = 'rde'", "base = 'rde': choose from red"),
        ("[themes.a]\ntrace = 'oragne'", "do you mean orange"),
        ("[themes.a]\ntrace = '#12345'", "give a colour as"),
        ("[themes.a]\ntrace = [0, 0, 0]", "give a colour as"),
        ("[themes.a]\ngrid = 'red'\nminor = 'red'", "minor is given twice"),
        ("[themes.a]\ntrace = 'white'\npaper = 'white'", "contrast of 1.00"),
        ("[themes.a]\ntrace = 'yellow'\npaper = 'white'", "cannot be seen"),
        ("[themes.a]\ntrace_mm = 9", "trace_mm 9: give a number of mm from 0.02 to 1"),
        ("[themes.a]\ntrace_mm = nan", "trace_mm nan: give a number of mm"),
        ("[themes.a]\nlabel_mm = '3'", "label_mm '3': give a number of mm"),
    ],
)
def test_nonsense_names_file_and_key_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError, match=words) as caught:
        typed("--config", path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml: No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'key = "\xe9"')
    with pytest.raises(UsageError, match=r"latin\.toml: not UTF-8"):
        load(tmp_path / "latin.toml")
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbfspeed = 50\r\n")
    assert load(tmp_path / "bom.toml").options == {"speed": 50.0}
    done = run_ecgmpi("render", tmp_path, "-o", tmp_path / "out", "--config", tmp_path).expect(2)
    assert len(done.complaints) == 1


@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3))
def test_contrast_is_symmetric_and_one_for_equal_colours(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    assert contrast(one, one) == 1
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.001


@pytest.mark.slow
def test_the_same_by_file_by_hand_and_from_python(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 2, duration=6.0)
    path = written(tmp_path, 'layout = "mine"\ndpi = 60\n' + OWN)
    run_ecgmpi("render", corpus, "-o", tmp_path / "a", "--config", path, "--theme", "night")
    assert pictures(tmp_path / "a") == ["images/SYN000001.png", "images/SYN000002.png"]
    assert "the first 4 s of 6 s" in manifest(tmp_path / "a")[0]["notes"]
    by_file = ecgmpi.render(corpus, tmp_path / "b", path, theme="night")
    config = load(path)
    options: dict[str, Any] = {"layout": config.layouts["mine"], "theme": config.themes["night"]}
    by_hand = ecgmpi.render(corpus, tmp_path / "c", dpi=60, **options)
    assert (by_file.status, by_hand.status) == (0, 0)
    assert_same(contents(tmp_path / "a"), contents(tmp_path / "b"))
    assert_same(contents(tmp_path / "a"), contents(tmp_path / "c"))
    record = ecgmpi.read(corpus / "SYN000001.mat")
    picture = ecgmpi.draw(record, options["layout"], style=options["theme"], dpi=60)
    assert picture.png() == (tmp_path / "a" / "images" / "SYN000001.png").read_bytes()


@pytest.mark.slow
def test_an_edited_file_is_a_difference_that_is_named(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 1), tmp_path / "out"
    words = ("render", corpus, "-o", out, "--dpi", "60", "--layout", "mine", "--theme", "night")
    path = written(tmp_path, OWN)
    run_ecgmpi(*words, "--config", path).expect(0)
    assert "nothing was drawn" in run_ecgmpi(*words, "--config", path).expect(0).out
    # What is not drawn by does not matter.
    written(tmp_path, OWN + "[themes.other]\n# and a remark\n")
    run_ecgmpi(*words, "--config", path).expect(0)
    for old, new, said in (
        ('"v5"', '"V6"', "[layout.mine] columns was I,II,-aVR | V1,V5, now I,II,-aVR | V1,V6"),
        ("seconds = 4", "seconds = 5", "[layout.mine] seconds was 4, now 5"),
        ("Orange", "lime", "[theme.night] trace was #ffa500, now #00ff00"),
        ("0.3", "0.2", "[theme.night] trace_mm was 0.3, now 0.2"),
    ):
        written(tmp_path, OWN.replace(old, new))
        done = run_ecgmpi(*words, "--config", path).expect(1)
        assert f"begun with other options: {said}; give" in done.err


def test_show_takes_it_too(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    path = written(tmp_path, 'layout = "mine"\nworkers = 2\npack = "files"\ndpi = 72\n' + OWN)
    picture = tmp_path / "page.png"
    done = run_ecgmpi("show", corpus / "SYN000001.mat", "--config", path, "-o", picture).expect(0)
    assert f"{picture}: 842 x 596 pixels" in done.out
    done = run_ecgmpi("show", corpus / "SYN000001.mat", "--layout", "mine", "-o", picture).expect(2)
    assert "--layout mine: choose from strip" in done.err


def test_from_python_a_known_one_is_its_name_and_another_may_not_have_it() -> None:
    assert Rendering(layout=PAGES["3x4"]) == Rendering(layout="3x4")
    assert Rendering(theme=THEMES["dark"]) == Rendering(theme="dark")
    with pytest.raises(UsageError, match="layout 3x4: there is one of that name"):
        Rendering(layout=PageSpec("3x4", (("I",),)))
    with pytest.raises(UsageError, match="theme red: there is one of that name"):
        Rendering(theme=Style(trace=(1, 2, 3)))
    for name in ("", "strip", "a,b", "x" * 41):
        with pytest.raises(UsageError, match="name it with letters"):
            Rendering(layout=PageSpec(name, (("I",),)))


@pytest.mark.parametrize(
    "options",
    [
        {"paper": (0, 0)},
        {"paper": (0, 0, 256)},
        {"paper": (0, 0, 0.5)},
        {"paper": "white"},
        {"trace_mm": True},
        {"bold_mm": 2},
        {"paper": (0, 0, 0)},
    ],
    ids=str,
)
def test_a_style_that_cannot_be_drawn_by_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="give"):
        Style(**options)
