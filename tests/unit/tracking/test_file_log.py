from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.tracking.file_log import FileLog


class Files(FileLog):
    """Keeps what is logged in a dictionary."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}

    def _log_bytes(self, content: bytes | Path, path: str) -> None:
        self.found[path] = content if isinstance(content, bytes) else content.read_bytes()


@pytest.fixture
def files() -> Files:
    return Files()


def test_file_keeps_its_name_in_its_folder(files: Files, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    files.log_artifact(tmp_path / "a.txt")
    files.log_artifact(str(tmp_path / "a.txt"), "notes/today")
    assert files.found == {"a.txt": b"x", "notes/today/a.txt": b"x"}


def test_folder_is_kept_as_a_tree_without_links_out_of_it(files: Files, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "b").write_text("b", encoding="utf-8")
    (root / "out").symlink_to(tmp_path / "secret")
    files.log_artifacts(root, "model")
    assert files.found == {"model/sub/b": b"b"}


def test_what_is_not_there_or_not_a_file_is_refused(files: Files, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        files.log_artifact(tmp_path / "none")
    with pytest.raises(NotFoundError):
        files.log_artifacts(tmp_path / "none")
    with pytest.raises(InvalidInputError, match="log_artifacts"):
        files.log_artifact(tmp_path)


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a//b", "a/../../b", "%2e%2e/x"])
def test_path_that_leads_elsewhere_is_refused(files: Files, path: str) -> None:
    with pytest.raises(InvalidInputError):
        files.log_text("x", path)


def test_dictionary_is_json_or_yaml_by_its_name(files: Files) -> None:
    files.log_dict({"a": 1, "p": Path("x")}, "a.json")
    files.log_dict({"a": [1, 2]}, "a.yaml")
    assert json.loads(files.found["a.json"]) == {"a": 1, "p": "x"}
    assert files.found["a.yaml"] == b"a:\n- 1\n- 2\n"


@pytest.mark.parametrize("table", [pl.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]}), {"a": [1, 2]}])
def test_table_is_written_as_its_name_says(files: Files, table: Any) -> None:
    files.log_table(table, "t.json")
    files.log_table(table, "t.csv")
    files.log_table(table, "t.parquet")
    assert json.loads(files.found["t.json"]) == {"columns": ["a"], "data": [[1], [2]]}
    assert files.found["t.csv"] == b"a\n1\n2\n"
    assert pl.read_parquet(io.BytesIO(files.found["t.parquet"])).equals(pl.DataFrame({"a": [1, 2]}))


def test_table_that_is_none_or_has_an_unknown_ending_is_refused(files: Files) -> None:
    with pytest.raises(InvalidInputError, match=r"\.parquet, \.csv or \.json"):
        files.log_table({"a": [1]}, "t.xls")
    with pytest.raises(InvalidInputError, match="Expected a table"):
        files.log_table(object(), "t.csv")


def test_figure_of_plotly_is_a_page_or_json(files: Files) -> None:
    from plotly.graph_objects import Figure

    files.log_figure(Figure(), "f.json")
    assert "data" in json.loads(files.found["f.json"])
    with pytest.raises(InvalidInputError, match=r"\.html"):
        files.log_figure(Figure(), "f.png")


def test_figure_that_saves_itself_is_written_in_the_format_of_its_name(files: Files) -> None:
    class Drawn:
        def savefig(self, target: io.BytesIO, format: str) -> None:  # noqa: A002 - as Matplotlib calls it
            if format == "bmpx":
                raise ValueError("Format 'bmpx' is not supported")
            target.write(format.encode())

    files.log_figure(Drawn(), "f.svg")
    assert files.found["f.svg"] == b"svg"
    with pytest.raises(InvalidInputError, match="not supported"):
        files.log_figure(Drawn(), "f.bmpx")
    with pytest.raises(InvalidInputError, match="Matplotlib or Plotly"):
        files.log_figure(object(), "f.svg")
