from __future__ import annotations

from datetime import date, timedelta

import duckdb
import numpy as np
import polars as pl
import pytest
from pyarrow import parquet

from millwright.core.digest import digest_file
from millwright.deployment.batch.row_groups import RowGroupFile, is_uniform
from millwright.deployment.batch.sink import open_sink


@pytest.fixture(scope="module")
def frames() -> list[pl.DataFrame]:
    """Five of different lengths, with columns of many kinds."""
    rng = np.random.default_rng(0)
    table = pl.DataFrame(
        {
            "id": range(500),
            "share": rng.random(500),
            "name": [None if number % 9 == 0 else f"visit {number % 40}" for number in range(500)],
            "late": rng.random(500) > 0.5,
            "day": [date(2026, 1, 1) + timedelta(days=number) for number in range(500)],
            "tags": [["a", "b"][: number % 3] for number in range(500)],
            "place": [{"x": number, "y": None} for number in range(500)],
            "kind": pl.Series(["small", "large"] * 250, dtype=pl.Enum(["small", "large"])),
        }
    )
    return [table[0:1], table[1:100], table[100:300], table[300:301], table[301:]]


def grown(path, frames) -> tuple[RowGroupFile, list]:
    file = RowGroupFile(path)
    return file, [file.append(frame) for frame in frames]


def test_file_is_the_one_that_a_single_writer_writes(tmp_path, frames):
    file, groups = grown(tmp_path / "a.parquet", frames)
    assert is_uniform(groups)
    digest = file.seal(groups)
    with open_sink(tmp_path / "b.parquet") as sink:
        for frame in frames:
            sink.write(frame)
        sink.commit()
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert digest == digest_file(tmp_path / "a.parquet")


def test_row_groups_are_in_the_order_asked_for_and_others_read_them(tmp_path, frames):
    path = tmp_path / "a.parquet"
    file, groups = grown(path, [frames[1], frames[0], frames[3], frames[2]])
    file.seal([groups[1], groups[0], groups[3]])  # frame 3 is left out
    expected = pl.concat(frames[:3])
    assert pl.read_parquet(path).equals(expected)
    assert pl.DataFrame(parquet.read_table(path)).equals(expected)
    assert parquet.ParquetFile(path).metadata.num_row_groups == 3
    ids = duckdb.read_parquet(str(path)).filter("id >= 50").project("id, name").fetchall()
    assert ids == expected.filter(pl.col("id") >= 50).select("id", "name").rows()


@pytest.mark.parametrize("tail", [b"", b"torn", b"x" * 100_000])
def test_another_process_goes_on_behind_what_is_whole(tmp_path, frames, tail):
    path = tmp_path / "a.parquet"
    first, groups = grown(path, frames[:3])
    first.close()
    path.write_bytes(path.read_bytes() + tail)
    second = RowGroupFile(path)
    assert second.recover(groups) == 3
    groups += [second.append(frame) for frame in frames[3:]]
    digest = second.seal(groups)
    whole, all_groups = grown(tmp_path / "b.parquet", frames)
    assert digest == whole.seal(all_groups)
    assert path.read_bytes() == (tmp_path / "b.parquet").read_bytes()


@pytest.mark.parametrize(("damage", "kept"), [("cut", 2), ("changed", 1), ("gone", 0)])
def test_row_groups_from_the_first_damaged_one_on_are_given_up(tmp_path, frames, damage, kept):
    path = tmp_path / "a.parquet"
    first, groups = grown(path, frames[:3])
    first.close()
    content = bytearray(path.read_bytes())
    content[groups[1].begin + 10] ^= 1 if damage == "changed" else 0
    path.write_bytes(content[:-1] if damage == "cut" else content)
    if damage == "gone":
        path.unlink()
    second = RowGroupFile(path)
    assert second.recover(groups) == kept
    groups = groups[:kept] + [second.append(frame) for frame in frames[kept:]]
    second.seal(groups)
    assert pl.read_parquet(path).equals(pl.concat(frames))


def test_frames_come_back_each_with_its_own_columns(tmp_path, frames):
    other = pl.DataFrame({"id": [None], "more": [1.5]})
    file, groups = grown(tmp_path / "a.parquet", [frames[2], other])
    file.close()
    assert not is_uniform(groups)
    back = list(file.frames(groups))
    assert back[0].equals(frames[2])
    assert back[1].equals(other)
    assert list(file.schemas(groups)) == [frames[2].schema, other.schema]
