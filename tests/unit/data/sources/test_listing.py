from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.sources.listing import list_files, names_many

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    for name in ("b.csv", "a.parquet", "sub/c.json.gz", ".hidden.csv", "_tmp/d.csv", "README.md", "sub/.x/e.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text("a\n1\n")
    return tmp_path


def test_folder_lists_tables_at_any_depth_and_leaves_out_the_hidden(lake: Path) -> None:
    assert [file.name for file in list_files(str(lake))] == ["a.parquet", "b.csv", "sub/c.json.gz"]


def test_pattern_lists_what_it_says(lake: Path) -> None:
    assert [file.name for file in list_files(f"{lake}/*.csv")] == ["b.csv"]
    assert [file.name for file in list_files(f"{lake}/?.csv")] == ["b.csv"]
    assert [file.name for file in list_files(f"{lake}/**/*.gz")] == ["sub/c.json.gz"]
    assert [file.name for file in list_files(f"file://{lake}/*.md")] == ["README.md"]


def test_stamp_changes_with_the_file(lake: Path) -> None:
    before = list_files(f"{lake}/b.csv*")[0].stamp
    assert list_files(f"{lake}/b.csv*")[0].stamp == before
    (lake / "b.csv").write_text("a\n1\n2\n")
    assert list_files(f"{lake}/b.csv*")[0].stamp != before


def test_remote_files_have_stamps_where_the_place_tells_times() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe_file("/listing/a.csv", b"a\n1\n")
    try:
        first = list_files("memory://listing/*.csv")[0]
        assert first.stamp
        assert first.uri == "memory:///listing/a.csv"
        memory.pipe_file("/listing/a.csv", b"a\n2\n")
        assert list_files("memory://listing/*.csv")[0].stamp != first.stamp
    finally:
        memory.rm("/listing", recursive=True)


def test_nothing_found_is_an_error_that_helps(lake: Path) -> None:
    with pytest.raises(InvalidInputError, match="found none"):
        list_files(f"{lake}/*.xlsx")
    with pytest.raises(InvalidInputError, match="There is no folder"):
        list_files(f"{lake}/absent/*.csv")
    with pytest.raises(InvalidInputError, match="found none"):
        list_files("memory://absent/*.csv")


def test_file_with_signs_of_a_pattern_in_its_name_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").write_text("a\n1\n")
    assert not names_many(str(tmp_path / "a[1].csv"))
    assert names_many(str(tmp_path))
    assert not names_many("https://host/*.csv")
    assert not names_many("a\0b")
