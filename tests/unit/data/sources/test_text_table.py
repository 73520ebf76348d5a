from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.sources import text_table
from millwright.data.sources.text_table import read_text_table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["whole", "mapped"])
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of reading: small files whole, large ones from a map of the file."""
    if request.param == "mapped":
        monkeypatch.setattr(text_table, "_MAPPED_BYTES", 0)


@pytest.mark.usefixtures("_size")
@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n007,x\n2,\n",
        b"\xef\xbb\xbfa,b\n007,x\n2,\n",
        "a,b\n007,x\n2,\n".encode("utf-16"),
        b"a,b\r\n007,x\r\n2,",
        b"a,b\r007,x\r2,",
        b'a,b\n"007",x\n\n2,\n',
    ],
)
def test_delimited_text_is_the_same_however_it_lies(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    frame, kind = read_text_table(path, "t.csv", suffix=".csv")
    assert frame.to_dict(as_series=False) == {"a": ["007", "2"], "b": ["x", None]}
    assert kind == "csv"


@pytest.mark.usefixtures("_size")
def test_text_beyond_ascii_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("größe;b\nß;1\n".encode())
    assert read_text_table(path, "t", suffix=".csv")[0].rows() == [("ß", "1")]
    path.write_bytes("größe;b\nß;1\n".encode("cp1252"))
    assert read_text_table(path, "t", suffix=".csv")[0].rows() == [("ß", "1")]


@pytest.mark.usefixtures("_size")
def test_json_of_both_forms_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text('{"a": 1}\n{"a": 2}\n')
    assert read_text_table(path, "t", suffix="")[1] == "jsonl"
    path.write_text('[{"a": 1},\n {"a": 2}]\n')
    assert read_text_table(path, "t", suffix="")[1] == "json"


@pytest.mark.usefixtures("_size")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1\n", "line 2 has 1"),
        ("\n \n", "only blanks"),
        ("<html>\n</html>\n", "an HTML page"),
        ('{"a": {\n"b": 1}}\n', "a single object"),
        ('{"a": 1, "b"\n', "Expected JSON lines"),
        ('a,b\n"x,1\n', "line"),
    ],
)
def test_broken_text_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t"
    path.write_text(text)
    with pytest.raises(InvalidInputError, match=message):
        read_text_table(path, "t", suffix=".csv" if "," in text and "{" not in text else "")


def test_asked_format_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text("a\n1\n")
    assert read_text_table(path, "t", suffix="", asked="csv")[0].rows() == [("1",)]
    with pytest.raises(InvalidInputError, match="Expected a JSON array"):
        read_text_table(path, "t", suffix="", asked="json")
    path.write_text('{"a": 1}')
    with pytest.raises(InvalidInputError, match="Expected an array of objects"):
        read_text_table(path, "t", suffix="", asked="json")
