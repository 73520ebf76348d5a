from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import feather

from millwright.core.errors import InvalidInputError
from millwright.data.sources.source import read_source

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pl.DataFrame({"id": [1, 2], "name": ["a", None]})


@pytest.mark.parametrize("name", ["t.arrow", "t.feather", "t", "t.csv"])
def test_file_is_read_with_its_types_whatever_its_name(tmp_path: Path, name: str) -> None:
    FRAME.write_ipc(tmp_path / name)
    table = read_source(str(tmp_path / name))
    assert table.frame.equals(FRAME)
    assert table.format == "arrow"


def test_stream_is_read(tmp_path: Path) -> None:
    FRAME.write_ipc_stream(tmp_path / "t.arrows")
    assert read_source(str(tmp_path / "t.arrows")).frame.equals(FRAME)
    FRAME.write_ipc_stream(tmp_path / "nameless")
    assert read_source(str(tmp_path / "nameless")).format == "arrow"


def test_feather_of_pyarrow_is_read(tmp_path: Path) -> None:
    feather.write_feather(pa.table({"id": [1]}), str(tmp_path / "t.feather"), compression="lz4")
    assert read_source(str(tmp_path / "t.feather")).frame.rows() == [(1,)]


@pytest.mark.parametrize("data", [b"ARROW1 broken", b"a,b\n1,2\n", b"FEA1 old"])
def test_broken_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.arrow").write_bytes(data)
    with pytest.raises(InvalidInputError, match="Expected an Arrow IPC file or stream"):
        read_source(str(tmp_path / "t.arrow"))
