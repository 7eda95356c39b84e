"""XML that means harm, or is damaged, is refused in time and memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers import ReadHints, read
from ecgmpi.readers.signatures import xml_root
from tests.readers.helpers import device_files

SECONDS = 20.0
"""Far more than any of them takes, starting Python included, on a busy machine."""

BYTES = 700 << 20
"""Address space of the process that reads: Python with NumPy takes half of it."""

ROOT = b"<AnnotatedECG>"

LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
)

DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "billion laughs": lambda: (
        b'<!DOCTYPE AnnotatedECG [<!ENTITY l0 "ha">'
        + LAUGHS
        + b"]>"
        + ROOT
        + b"&l9;</AnnotatedECG>"
    ),
    "quadratic": lambda: (
        b'<!DOCTYPE AnnotatedECG [<!ENTITY a "' + b"a" * 10**6 + b'">]>' + ROOT + b"&a;" * 10**5
    ),
    "a file": lambda: (
        b'<!DOCTYPE AnnotatedECG [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + ROOT + b"&x;"
    ),
    "a parameter entity": lambda: (
        b'<!DOCTYPE AnnotatedECG [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>' + ROOT
    ),
    "defaults": lambda: (
        b'<!DOCTYPE AnnotatedECG [<!ATTLIST a b CDATA "' + b"b" * 10**6 + b'">]>' + ROOT
    ),
    "deep": lambda: ROOT + b"<a>" * 5_000_000,
    "wide": lambda: ROOT + b"<a/>" * 1_000_000,
    "a long attribute": lambda: ROOT + b'<a b="' + b"b" * 100_000_000 + b'"/>',
    "many attributes": lambda: (
        ROOT + b"<a " + b" ".join(b"b%d=''" % n for n in range(10**6)) + b"/>"
    ),
    "a long name": lambda: ROOT + b"<" + b"b" * 100_000_000,
    "a long comment": lambda: ROOT + b"<!--" + b"b" * 100_000_000,
    "a long instruction": lambda: ROOT + b"<?a " + b"b" * 100_000_000,
}

PROGRAM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({bytes}, {bytes}))
from ecgmpi.errors import RecordingError
from ecgmpi.readers import read
try:
    read(sys.argv[1])
except RecordingError as error:
    print(error.kind)
"""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_bomb_is_refused_in_time_and_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(DOCUMENTS[name]())
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(bytes=BYTES), path],
        capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    path.unlink()
    assert ended.stdout == "not-supported\n", ended.stderr


def test_a_document_type_that_is_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    """As all of MUSE has one; were it read, the name of the lead would be another."""
    (tmp_path / "restecg.dtd").write_text('<!ENTITY name "V1">')
    content = device_files.muse(np.ones((1, 40), np.int16), leads=["&name;II"])
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    assert read(path).leads == ("II",)


def test_text_of_any_length_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    counts = np.tile(np.arange(-500, 500), (1, 2000))
    path.write_bytes(device_files.aecg(counts))
    assert read(path).n_samples == 2_000_000
    with pytest.raises(RecordingError) as caught:
        read(path, ReadHints(max_bytes=1 << 20))
    assert caught.value.kind == FailureKind.TOO_LARGE


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (ROOT, "truncated"),
        (ROOT + b"<component><ser", "truncated"),
        (ROOT + b"<![CDATA[ ", "truncated"),
        (ROOT + b"</b>", "corrupt"),
        (ROOT + b"<a b=1/></AnnotatedECG>", "corrupt"),
        (ROOT + b"&nbsp;</AnnotatedECG>", "corrupt"),
        (ROOT + b"</AnnotatedECG><more/>", "corrupt"),
        (b'<?xml version="1.0" encoding="klingon"?>' + ROOT, "corrupt"),
        (b'<?xml version="1.0" encoding="utf-7"?>' + ROOT + b"</AnnotatedECG>", "corrupt"),
        (b"<svg></svg>", "not-recognised"),
        (b'<?xml version="1.0"?><!-- nothing -->', "truncated"),
    ],
)
def test_damaged_xml_is_refused(content: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        read(path)
    assert caught.value.kind == kind
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_root_is_found_behind_whatever_may_stand_before_it(codec: str) -> None:
    text = '<?xml version="1.0"?>\n<!-- <a> -->\n<!DOCTYPE b SYSTEM "c.dtd">\n<x:RestingECG d="e">'
    assert xml_root(text.encode(codec)) == "restingecg"


def test_what_is_no_xml_has_no_root() -> None:
    for head in (b"", b"plain", b"1,2,3", b"< 3", b"<!-- never ends " + b"<a>" * 1000):
        assert xml_root(head) is None


def test_a_root_is_looked_for_in_no_time() -> None:
    """A pattern that tries every way to divide comments in a row would never end."""
    assert xml_root(b"<!---->" * 580 + b"<") is None
