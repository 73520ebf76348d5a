from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.data_file import in_order, known_file, location, write_file

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pl.DataFrame({"a": [1, 2], "b": ["x", None]})


def test_name_tells_place_and_content(tmp_path: Path) -> None:
    written = write_file(str(tmp_path), ROWS, 7)
    assert (written.rows, written.place, written.digest) == (2, 7, content_digest(ROWS))
    known = known_file(written.path, rows=2, size_bytes=written.size_bytes)
    assert (known.place, known.digest) == (written.place, written.digest)
    path = tmp_path / written.path
    assert path.stat().st_size == written.size_bytes
    assert pl.read_parquet(path).equals(ROWS)
    assert write_file(str(tmp_path), ROWS, 7).path != written.path


def test_file_is_compressed_by_zstd(tmp_path: Path) -> None:
    import pyarrow.parquet

    written = write_file(str(tmp_path), ROWS, 1)
    found = pyarrow.parquet.ParquetFile(tmp_path / written.path).metadata.row_group(0).column(0)
    assert found.compression == "ZSTD"


def test_files_of_older_releases_stand_in_front_in_the_order_of_their_writing() -> None:
    first, second = "1bdb5e0c-1f2a-4c3b-8d4e-5f6a7b8c9d0e", "0bdb5e0c-1f2a-4c3b-8d4e-5f6a7b8c9d0e"
    names = [f"part-0000{number}-{write}-c000.zstd.parquet" for write in (first, second) for number in (0, 1)]
    new = [f"rows-{place:010}-{'a' * 64}-{'b' * 32}.parquet" for place in (3, 10)]
    times = dict(zip([*names, *new], [5, 6, 7, 8, 1, 1], strict=True))
    files = [(known_file(name, rows=1, size_bytes=1), times[name]) for name in reversed([*names, *new])]
    assert [file.path for file in in_order(files)] == [*names, *new]


def test_location_is_a_path_or_a_url(tmp_path: Path) -> None:
    file = known_file("my%20file.parquet", rows=1, size_bytes=1)
    assert location(str(tmp_path), file) == str(tmp_path / "my file.parquet")
    assert location("file:///my%20data", file) == "/my data/my file.parquet"
    assert location("s3://bucket/d/", file) == "s3://bucket/d/my%20file.parquet"


def test_file_is_written_to_any_place_that_fsspec_knows() -> None:
    import fsspec

    written = write_file("memory://tables/d", ROWS, 1)
    assert pl.read_parquet(fsspec.filesystem("memory").cat_file(f"/tables/d/{written.path}")).equals(ROWS)
